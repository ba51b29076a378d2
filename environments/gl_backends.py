"""Which way of drawing without a display works here: EGL or OSMesa.

Each is tried in a process of its own, because one that fails can take its process down, and
because OpenGL's Python bindings settle on the first one they load. EGL comes first: it uses a GPU
where there is one, and drawing on the CPU it took 75 to 85 % of OSMesa's time, for equal pictures.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Mapping

BACKENDS: Mapping[str, str] = {"egl": "libegl1 libgl1", "osmesa": "libosmesa6"}
"""Name in MuJoCo's `MUJOCO_GL` -> the Debian packages that it needs."""

INSTALL_HINT = "apt-get install {osmesa} (or {egl})".format(**BACKENDS)
"""How Debian gets one of them; the smaller one first."""

_PROBE_SECONDS = 120
_PROBE = """
import sys
try:
    import mujoco
    model = mujoco.MjModel.from_xml_string("<mujoco/>")
    with mujoco.Renderer(model, 8, 8) as renderer:
        renderer.render()
except Exception as error:
    sys.exit(print(f"{type(error).__name__}: {error}") or 1)
"""
"""`print` returns None, so that a failure is said on standard output and the exit code is 1."""


class NoBackendError(RuntimeError):
    """Nothing can be drawn here; the message says what to install."""


@functools.cache
def backend_failures() -> Mapping[str, str]:
    """Try the backends, in order, until one works.

    A `MUJOCO_GL` that names one of them restricts the choice to it.

    Returns:
        The backends that were tried -> the last line of how each failed; empty for the one that
        works, which is the last one.
    """
    wanted = os.environ.get("MUJOCO_GL", "").strip().lower()
    failures: dict[str, str] = {}
    for backend in [wanted] if wanted in BACKENDS else BACKENDS:
        failures[backend] = _failure(backend)
        if not failures[backend]:
            break
    return failures


def working_backend() -> str:
    """Return the name of the backend to draw with.

    Raises:
        NoBackendError: There is none.
    """
    failures = backend_failures()
    for backend, failure in failures.items():
        if not failure:
            return backend
    reasons = "; ".join(f"{backend}: {failure}" for backend, failure in failures.items())
    raise NoBackendError(
        "nothing to draw pictures with: neither a GPU's EGL nor Mesa works here. On Debian and "
        f"Ubuntu, as root: {INSTALL_HINT}. Tried {reasons}"
    )


def _failure(backend: str) -> str:
    """Return why the backend does not work, empty where it does."""
    # PyOpenGL has a choice of its own, which must be the same one.
    environment = {**os.environ, "MUJOCO_GL": backend, "PYOPENGL_PLATFORM": backend}
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no picture within {_PROBE_SECONDS} s"
    if done.returncode == 0:
        return ""
    told = done.stdout.strip().splitlines()
    return told[-1] if told else f"exit code {done.returncode}"

"""What `python run.py doctor` prints: versions, what is missing and how to get it.

Nothing heavy is imported up here, and every look at the machine may fail without ending the
report: it is needed most where the set-up is broken. `python -m learning.command_line.doctor` works
even where run.py cannot be imported.
"""

import importlib
import importlib.metadata
import os
import pathlib
import platform
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

ROOT = pathlib.Path(__file__).parents[2]
INSTALL = "make venv, or pip install -r {file}"
INSTALL_GARAGE = 'make venv, or pip install "pip<26.3", then pip install --no-deps -r {file}'
NEEDED = {"requirements.txt": INSTALL, "requirements-garage.txt": INSTALL_GARAGE}
OPTIONAL = {
    "requirements-dev.txt": INSTALL,
    "requirements-ray.txt": "pip install -r {file}",
    "requirements-wandb.txt": "pip install -r {file}",
}
PYTHONS = ((3, 11), (3, 12), (3, 13))
TORCH_AT_LEAST = (2, 8)
GIGABYTE = 1e9

State = Literal["ok", "missing", "wrong version", "broken", "optional"]


class Line(NamedTuple):
    """A line of the report.

    Attributes:
        name: What was looked for.
        found: Its version or size; empty where there is none.
        state: `missing`, `broken` and `wrong version` are what has to be mended.
        hint: How to get it, empty where nothing has to be done.
    """

    name: str
    found: str
    state: State
    hint: str = ""


def pins(file: pathlib.Path) -> dict[str, str]:
    """Read the exact versions of a requirements file.

    Args:
        file: Lines `name==version` and comments.

    Returns:
        Name -> version.
    """
    lines = (line.split("#")[0].strip() for line in file.read_text().splitlines())
    return {name: version for name, _, version in (line.partition("==") for line in lines if line)}


def report() -> list[Line]:
    """Look at everything that the project needs or can use."""
    lines = [_python()]
    for file, hint in (NEEDED | OPTIONAL).items():
        for name, pin in pins(ROOT / file).items():
            lines.append(_package(name, pin, needed=file in NEEDED, hint=hint.format(file=file)))
    checks: Mapping[str, Callable[[], Line]] = {
        "garage imports": _garage_imports,
        "CUDA": _cuda,
        "bf16 products": _bf16,
        "off-screen pictures": _rendering,
        "cores": _cores,
        "memory": _memory,
        "free disk": _disk,
    }
    return lines + [_attempt(name, check) for name, check in checks.items()]


def main() -> int:
    """Print the report.

    Returns:
        0, or 1 where something that is needed is missing, broken or of the wrong version.
    """
    lines = report()
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    for line in lines:
        cells = "  ".join(f"{line[column]:<{widths[column]}}" for column in range(3))
        print(f"{cells}  {line.hint}".rstrip())
    faults = [line.name for line in lines if line.state not in ("ok", "optional")]
    print("\nTo be mended: " + ", ".join(faults) if faults else "\nAll that is needed is here.")
    return 1 if faults else 0


def _python() -> Line:
    version = platform.python_version()
    if sys.version_info[:2] in PYTHONS:
        return Line("Python", version, "ok")
    return Line("Python", version, "wrong version", "3.11, 3.12 or 3.13: make PYTHON=python3.12")


def _package(name: str, pin: str, *, needed: bool, hint: str) -> Line:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Line(name, "", "missing" if needed else "optional", hint)
    # "2.13.0+cpu" is a build of 2.13.0.
    if version.split("+")[0] == pin or (name == "torch" and _release(version) >= TORCH_AT_LEAST):
        return Line(name, version, "ok")
    return Line(name, version, "wrong version" if needed else "optional", f"{pin} wanted: {hint}")


def _release(version: str) -> tuple[int, int]:
    major, minor, *_ = re.findall(r"\d+", version)
    return int(major), int(minor)


def _attempt(name: str, check: Callable[[], Line]) -> Line:
    """Run a check; a failure, of whatever kind, becomes its line."""
    try:
        return check()
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else ""
        return Line(name, "", "broken", f"{type(error).__name__}: {reason}")


def _garage_imports() -> Line:
    version: str = importlib.import_module("learning.garage_bridge.garage_compat").garage_version
    return Line("garage imports", version, "ok")


def _cuda() -> Line:
    torch = importlib.import_module("torch")
    if not torch.cuda.is_available():
        return Line("CUDA", "", "optional", "no usable GPU: runs on the CPU, without --gpu")
    names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return Line("CUDA", f"{torch.version.cuda}: {', '.join(names)}", "ok", "use it with --gpu 0")


def _bf16() -> Line:
    torch = importlib.import_module("torch")
    if torch.cuda.is_available():
        able = bool(torch.cuda.is_bf16_supported())
    else:
        able = bool(torch.backends.mkldnn.is_available() and _cpu_has_bf16())
    if able:
        return Line("bf16 products", "fast", "ok")
    return Line("bf16 products", "slow", "optional", "keep --precision float32")


def _cpu_has_bf16() -> bool:
    flags = pathlib.Path("/proc/cpuinfo")
    return flags.is_file() and any(
        flag in flags.read_text().split() for flag in ("avx512_bf16", "amx_bf16", "bf16")
    )


def _rendering() -> Line:
    backends = importlib.import_module("environments.gl_backends")
    for name, failure in backends.backend_failures().items():
        if not failure:
            return Line("off-screen pictures", name, "ok")
    hint = f"training needs none; run.py render: as root, {backends.INSTALL_HINT}"
    return Line("off-screen pictures", "", "optional", hint)


def _cores() -> Line:
    usable = importlib.import_module("learning.options.machine").usable_cores()
    return Line("cores", f"{usable} of {os.cpu_count()} threads usable", "ok")


def _memory() -> Line:
    memory = importlib.import_module("psutil").virtual_memory()
    text = f"{memory.available / GIGABYTE:.1f} of {memory.total / GIGABYTE:.1f} GB free"
    return Line("memory", text, "ok")


def _disk() -> Line:
    return Line("free disk", f"{shutil.disk_usage(ROOT).free / GIGABYTE:.1f} GB", "ok")


if __name__ == "__main__":
    raise SystemExit(main())

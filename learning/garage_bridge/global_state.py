"""What garage keeps in its modules for the whole process."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator

# Prepares garage for being imported.
import learning.garage_bridge.garage_compat  # noqa: F401

_GLOBALS = {
    "garage.experiment.deterministic": ("seed_", "seed_stream_"),
    "garage.torch._functions": ("_USE_GPU", "_DEVICE", "_GPU_ID"),
}
"""Module -> its variables that `set_seed` and `set_gpu_mode` change."""


@contextlib.contextmanager
def garage_globals_kept() -> Iterator[None]:
    """Put garage's own variables back as they were before."""
    modules = {name: vars(importlib.import_module(name)) for name in _GLOBALS}
    kept = {name: {each: modules[name][each] for each in _GLOBALS[name]} for name in _GLOBALS}
    try:
        yield
    finally:
        for name, values in kept.items():
            modules[name].update(values)

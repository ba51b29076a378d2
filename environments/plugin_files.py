"""A user's own Python file as a module: read once, known by its SHA-256.

Worker processes load the file of a plugged-in task set by this, and nothing of `learning`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
import sys
import traceback
import types

_MODULE_PREFIX = "plugin_file_"


class PluginError(ValueError):
    """A plug-in that cannot be used; the message names the file and says why."""


@dataclasses.dataclass(frozen=True)
class PluginFile:
    """Which file, for a run's record: its name without the folder, and what was in it.

    Attributes:
        name: Name of the file.
        sha256: SHA-256 of its content, in hex.
    """

    name: str
    sha256: str


def load_module(
    path: pathlib.Path, sha256: str | None = None
) -> tuple[types.ModuleType, PluginFile]:
    """Run a file as a module, unless the same content has been loaded from there already.

    Args:
        path: The file.
        sha256: What its content must be; None: anything.

    Returns:
        The module and which file it is.

    Raises:
        PluginError: The file is missing, has another content, or fails when it is run.
    """
    path = path.resolve()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PluginError(f"plug-in {path}: {error.strerror or error}") from error
    file = PluginFile(path.name, hashlib.sha256(content).hexdigest())
    if sha256 not in (None, file.sha256):
        raise PluginError(f"plug-in {path} has changed since it was loaded")
    place = hashlib.sha256(f"{path}{file.sha256}".encode()).hexdigest()[:16]
    name = f"{_MODULE_PREFIX}{place}_{path.stem}"
    if name not in sys.modules:
        module = types.ModuleType(name)
        module.__file__ = str(path)
        # Dataclasses and pickle look their module up by its name.
        sys.modules[name] = module
        try:
            # What runs is what was hashed, whatever becomes of the file.
            exec(compile(content, str(path), "exec"), vars(module))
        except BaseException as error:
            del sys.modules[name]
            if not isinstance(error, Exception):
                raise
            reason = _where(error, path)
            raise PluginError(f"plug-in {path} fails when it is imported: {reason}") from error
    return sys.modules[name], file


def loaded_modules() -> list[types.ModuleType]:
    """Return the modules that `load_module` has made so far, in the order of loading."""
    return [module for name, module in sys.modules.items() if name.startswith(_MODULE_PREFIX)]


def _where(error: Exception, path: pathlib.Path) -> str:
    """Return the error and the line of the file that it came from, in one line."""
    lines = [each.lineno for each in traceback.extract_tb(error.__traceback__)]
    files = [each.filename for each in traceback.extract_tb(error.__traceback__)]
    own = [line for line, file in zip(lines, files, strict=True) if file == str(path)]
    place = f" (line {own[-1]})" if own else ""
    return f"{type(error).__name__}: {error}{place}"

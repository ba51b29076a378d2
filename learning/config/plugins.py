"""Which plug-ins have been loaded, and which a run needs; `plugin_loading` loads them."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping

from environments.plugin_files import PluginFile
from learning.errors import ConfigError


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plugin:
    """A plug-in that has been loaded.

    Attributes:
        path: The file.
        file: Its name and SHA-256.
        provides: What it brought: ("behaviour", name), ("env", id), ("method", name), ...
    """

    path: pathlib.Path
    file: PluginFile
    provides: frozenset[tuple[str, str]]


LOADED: dict[PluginFile, Plugin] = {}
"""The plug-ins, in the order of loading."""


def loaded_plugins() -> tuple[PluginFile, ...]:
    """Return the files of all plug-ins that have been loaded."""
    return tuple(LOADED)


def plugins_of(method: str, env: str, members: Mapping[str, str]) -> tuple[PluginFile, ...]:
    """Return the files of the plug-ins that a run is made of, in the order of loading."""
    used = {("method", method), ("env", env), *members.items()}
    return tuple(file for file, plugin in LOADED.items() if plugin.provides & used)


def require_plugins(files: tuple[PluginFile, ...], *, changed: bool, command: str) -> None:
    """Refuse a run whose plug-ins have not been loaded, or are not what they were.

    Args:
        files: The plug-ins of its record.
        changed: Whether a file of the same name may have another content.
        command: What the user wants to do with the run, for the message: "resume DIR".

    Raises:
        ConfigError: Naming the file.
    """
    for file in files:
        if file in LOADED:
            continue
        same_name = [each for each in LOADED if each.name == file.name]
        if not same_name:
            raise ConfigError(
                f"the run is made with the plug-in {file.name} (SHA-256 {file.sha256[:12]}...), "
                "whose code is run only where you name it: "
                f"python run.py --plugin {file.name} {command}"
            )
        if not changed:
            raise ConfigError(
                f"the plug-in {file.name} is not the one that the run was made with: its SHA-256 "
                f"is {same_name[0].sha256[:12]}... and was {file.sha256[:12]}...; give the old "
                "file, or --changed_plugin before the sub-command to go on with this one"
            )

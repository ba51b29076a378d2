"""How a run was made, for a reader who distrusts its numbers: command, code, packages, options."""

from __future__ import annotations

import pathlib
import shlex
from collections.abc import Mapping
from typing import Any

from environments import task_set_options
from learning.analysis.reading import OF_THE_RUN
from learning.config.methods import AXES, METHODS
from learning.config.resolving import resolve
from learning.logging.record import read_versions
from learning.logging.run_description import RunDescription

PACKAGES = (
    "torch",
    "numpy",
    "garage",
    "gymnasium",
    "mujoco",
    "metaworld",
    "gymnasium-robotics",
)
"""Packages that numbers may depend on."""


def run_making(run_dir: pathlib.Path, run: RunDescription) -> dict[str, Any]:
    """Return how a run was made, JSON-able: what its record has of it, and no path of a machine.

    Args:
        run_dir: The run's folder.
        run: What its config.json says; its plug-ins have been loaded.

    Returns:
        `command`, `revision`, `changed_files` (whether tracked files differed from it), `python`,
        `packages`, `cpu`, `gpu`, those of them that are known; `resumed`: the same for each
        resumption, where it differs, with `after_epoch`; `plugins`: name -> SHA-256; `off_preset`:
        see the function.

    Raises:
        RecordError: A file of versions is damaged.
        ConfigError: The run's method or task set is not known here.
    """
    made, *later = [_made_with(each) for each in read_versions(run_dir)]
    resumed = [
        {key: value for key, value in each.items() if key != "command" and made.get(key) != value}
        for each in later
    ]
    return {
        **made,
        **({"resumed": resumed} if resumed else {}),
        **({"plugins": {each.name: each.sha256 for each in run.plugins}} if run.plugins else {}),
        "off_preset": off_preset(run),
    }


def off_preset(run: RunDescription) -> dict[str, Any]:
    """Return what a run has otherwise than its method's preset for the task set: name -> value.

    Members of the axes are compared with the method's row, options with what this program would
    give these members. What says who the run is, and on what it ran, is left out (`OF_THE_RUN`).

    Args:
        run: What its config.json says.

    Raises:
        ConfigError: The run's method, task set or members are not known here.
    """
    members = {axis: run.values[axis] for axis in AXES if axis in run.values}
    row = METHODS[run.method].members if run.method in METHODS else {}
    preset = resolve(run.method, run.env, **members)
    chosen = {axis: name for axis, name in members.items() if name != row.get(axis)}
    own = dict(run.values.get("env_options", {}))
    usual = {**preset.values, **dict(preset.env_options)}
    there = {**run.values, **own}
    known = [*preset.values, *task_set_options(run.env)]
    return chosen | {
        name: there[name]
        for name in known
        if name in there and name not in OF_THE_RUN and _plain(there[name]) != _plain(usual[name])
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def _made_with(versions: Mapping[str, Any]) -> dict[str, Any]:
    git = versions.get("git") or {}
    packages = versions.get("packages") or {}
    made = {
        "after_epoch": versions.get("after_epoch"),
        "command": without_folders(versions["command"]) if "command" in versions else None,
        "revision": git.get("revision"),
        "changed_files": git.get("dirty"),
        "python": versions.get("python"),
        "packages": {name: packages[name] for name in PACKAGES if packages.get(name)},
        "cpu": versions.get("cpu"),
        "gpu": versions.get("gpu"),
    }
    return {key: value for key, value in made.items() if value not in (None, {})}


def without_folders(command: str) -> str:
    """Return a command line without what it says of the machine it was given on.

    `--log_dir` goes, and of a path that begins at the root or at home only the file's name stays.

    Args:
        command: Words as a shell reads them, the program first.
    """
    words: list[str] = []
    given = iter(shlex.split(command))
    program = pathlib.PurePath(next(given, "")).name
    for word in given:
        name, equals, value = word.partition("=")
        if name == "--log_dir":
            if not equals:
                next(given, None)
        elif equals and name.startswith("--"):
            words.append(f"{name}={_file_name(value)}")
        else:
            words.append(_file_name(word))
    return shlex.join([*(["python"] if program.endswith(".py") else []), program, *words])


def _file_name(word: str) -> str:
    return pathlib.PurePath(word).name if word.startswith(("/", "~")) else word

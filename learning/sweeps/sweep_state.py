"""What a sweep did so far, in one JSON file that is replaced after every change."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable
from typing import Any, Literal

from learning.disk.reading import json_object_of
from learning.errors import RecordError
from learning.logging.files import write_json

STATE_FILE = "state.json"
STATE_VERSION = 1

RunStatus = Literal["waiting", "running", "done", "failed", "diverged", "damaged", "stopped"]


@dataclasses.dataclass(kw_only=True)
class RunProgress:
    """What became of a run.

    Attributes:
        name: Method, task set, name and seed.
        folder: Its record.
        status: `failed`: it ended with an error more often than it may be tried; `diverged`: its
            losses were no longer finite, and would be so again; `damaged`: its folder holds
            no run that could be gone on with; `stopped`: the sweep ended before it.
        attempts: How often this sweep started it.
        exit_code: How it ended the last time, that of a signal negative; None: not yet.
        log: Where its output is; empty: it was not started.
        message: What is to be known of it, such as what is damaged.
        last_lines: The end of its output where it failed.
    """

    name: str
    folder: str
    status: RunStatus = "waiting"
    attempts: int = 0
    exit_code: int | None = None
    log: str = ""
    message: str = ""
    last_lines: list[str] = dataclasses.field(default_factory=list)


def write_state(path: pathlib.Path, grid: pathlib.Path, runs: Iterable[RunProgress]) -> None:
    """Write the state of a sweep.

    Args:
        path: The file.
        grid: The grid's file.
        runs: Its runs.
    """
    entries = [dataclasses.asdict(run) for run in runs]
    write_json(path, {"state_version": STATE_VERSION, "grid": str(grid), "runs": entries})


def diverged_folders(path: pathlib.Path) -> dict[str, RunProgress]:
    """Return the runs that diverged in the sweeps before, by their folders.

    What cannot be read counts as nothing known: the folders themselves say how far each run is, and
    the worst that follows is that a run diverges once more.
    """
    return {key: each for key, each in read_state(path).items() if each.status == "diverged"}


def read_state(path: pathlib.Path) -> dict[str, RunProgress]:
    """Return what became of each run in the sweeps before, by their folders.

    Of what cannot be read nothing is known; see `diverged_folders`.
    """
    try:
        values: Any = json_object_of(path)
        entries = [RunProgress(**each) for each in values["runs"]]
    except (RecordError, TypeError, KeyError):
        return {}
    return {each.folder: each for each in entries}


def states_below(folders: Iterable[pathlib.Path]) -> dict[str, RunProgress]:
    """Return what became of each run in the sweeps of some folders, by the runs' folders."""
    states: dict[str, RunProgress] = {}
    for folder in folders:
        for path in sorted(folder.glob(f"sweeps/*/{STATE_FILE}")) if folder.is_dir() else ():
            states |= read_state(path)
    return states

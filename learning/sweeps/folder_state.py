"""How far the run in a folder is, read from its record; neither torch nor garage is needed."""

from __future__ import annotations

import csv
import dataclasses
import io
import pathlib
from typing import Literal

from learning.errors import ConfigError, RecordError
from learning.logging.columns import EPOCH
from learning.logging.run_description import read_description
from learning.logging.run_folder import CONFIG_FILE, PROGRESS_FILE, SNAPSHOTS_FOLDER, is_unused

Status = Literal["missing", "interrupted", "done", "damaged"]

_TAIL = 2**20
"""Bytes at the end of progress.csv that are read."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FolderState:
    """How far a run is.

    Attributes:
        status: `missing`: nothing has begun; `interrupted`: resuming goes on with it; `done`: the
            row and the snapshot of the last epoch that is wanted are there; `damaged`: no run can
            be read.
        epochs: Epochs that its newest snapshot holds, where resuming goes on.
        problem: What is damaged.
    """

    status: Status
    epochs: int = 0
    problem: str = ""


def folder_state(run_dir: pathlib.Path, wanted: int | None = None) -> FolderState:
    """Read how far the run in a folder is.

    Args:
        run_dir: The folder.
        wanted: Epochs after which it counts as done; None: those of its config. More are done too.
    """
    if not run_dir.exists():
        return FolderState(status="missing")
    if not run_dir.is_dir():
        return FolderState(status="damaged", problem=f"{run_dir} is no folder")
    if is_unused(run_dir):
        return FolderState(status="missing")
    if not (run_dir / CONFIG_FILE).is_file():
        problem = f"{run_dir} holds files and no {CONFIG_FILE}"
        return FolderState(status="damaged", problem=problem)
    try:
        n_epochs = read_description(run_dir).values.get("n_epochs")
    except (ConfigError, RecordError) as error:
        return FolderState(status="damaged", problem=f"{run_dir / CONFIG_FILE}: {error}")
    names = snapshot_names(run_dir)
    epochs = 1 + int(names[-1].removeprefix("epoch_")) if names else 0
    if wanted is None or not isinstance(n_epochs, int) or wanted >= n_epochs:
        done = epochs == n_epochs and epochs_recorded(run_dir) == epochs
    else:
        # What is being trained beyond it has rows that its newest snapshot does not hold yet.
        done = wanted <= epochs <= epochs_recorded(run_dir)
    return FolderState(status="done" if done else "interrupted", epochs=epochs)


def epochs_recorded(run_dir: pathlib.Path) -> int:
    """Return how many epochs have their row, of which the last snapshot may hold fewer."""
    rows = last_rows(run_dir, 1)
    try:
        return 1 + int(rows[-1][EPOCH]) if rows else 0
    except (KeyError, ValueError):
        return 0


def snapshot_names(run_dir: pathlib.Path) -> list[str]:
    """Return the names of a run's snapshots, oldest first."""
    found = (run_dir / SNAPSHOTS_FOLDER).glob("epoch_*/snapshot.json")
    return sorted(path.parent.name for path in found)


def last_rows(run_dir: pathlib.Path, number: int) -> list[dict[str, str]]:
    """Return the last rows of progress.csv, column -> cell; none where it cannot be read.

    Args:
        run_dir: The run's folder.
        number: How many, at most; only the end of a long file is read.
    """
    try:
        with (run_dir / PROGRESS_FILE).open("rb") as file:
            head = file.readline()
            start = max(len(head), file.seek(0, io.SEEK_END) - _TAIL)
            file.seek(start)
            tail = file.read()
        # What precedes the first line's end may be half a row, what follows the last one's is.
        lines = tail[: tail.rfind(b"\n") + 1].decode().splitlines()[start > len(head) :]
        columns = next(csv.reader([head.decode()]))
    except (OSError, UnicodeDecodeError, StopIteration):
        return []
    rows = csv.reader(lines[-number:])
    return [dict(zip(columns, row, strict=True)) for row in rows if len(row) == len(columns)]

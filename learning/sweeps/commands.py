"""The command lines that a sweep starts, and those that it prints for other schedulers."""

from __future__ import annotations

import pathlib
import shlex
import sys
from collections.abc import Sequence

from learning.sweeps.folder_state import snapshot_names
from learning.sweeps.grid_runs import GridRun

RUN_PY = pathlib.Path(__file__).parents[2] / "run.py"


def run_command(before: Sequence[str], run: GridRun, *, begun: bool, earlier: bool) -> list[str]:
    """Return the words after `run.py` that start a run or go on with it.

    Args:
        before: What stands before the sub-command, such as `--plugin FILE`.
        run: The run.
        begun: Whether its folder holds some of it.
        earlier: Whether to go on from the snapshot before the newest, which is damaged.
    """
    early = [f"--stop_after={run.until}"] if run.stops_early else []
    if not begun:
        return [*before, *run.words, *early]
    words = [*before, "resume", str(run.folder), *early]
    names = snapshot_names(run.folder)
    return [*words, f"--snapshot={names[-2]}"] if earlier and len(names) > 1 else words


def program(words: Sequence[str]) -> list[str]:
    """Return the words as a program with arguments, for this very Python."""
    return [sys.executable, str(RUN_PY), *words]


def shown(words: Sequence[str]) -> str:
    """Return the words as a user types them."""
    return shlex.join(["python", "run.py", *words])

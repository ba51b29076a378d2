"""How long a run will take and how much it will write, from runs like it."""

from __future__ import annotations

import heapq
import pathlib
import statistics
from collections.abc import Iterable, Mapping

from learning.sweeps.folder_state import last_rows

_TIMES = ("Time/Collect", "Time/Update", "Time/Evaluate", "Time/Rest")
"""Together an epoch's wall-clock time."""

_ROWS = 50
"""Epochs of late that a rate is a mean over: some evaluations are among them."""


def epoch_seconds(run_dir: pathlib.Path) -> float | None:
    """Return the mean wall-clock time of a run's last epochs, in seconds; None: no epoch yet.

    The first epoch, in which nothing may be learned yet, counts only while there is no other.
    """
    try:
        rows = [sum(float(row[name]) for name in _TIMES) for row in last_rows(run_dir, _ROWS)]
    except (KeyError, ValueError):
        return None
    of_late = rows[1:] if 1 < len(rows) < _ROWS else rows
    return statistics.fmean(of_late) if of_late else None


def folder_bytes(run_dir: pathlib.Path) -> int:
    """Return how many bytes a folder's files have; those that vanish meanwhile count nothing."""
    total = 0
    for path in run_dir.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def of_its_kind(
    known: Mapping[pathlib.Path, float],
    kinds: Mapping[pathlib.Path, tuple[str, ...]],
) -> dict[pathlib.Path, float]:
    """Return a number for each run: its own where it is known, else the mean of those of its kind.

    Args:
        known: Run's folder -> number.
        kinds: Run's folder -> what it shares with runs like it; runs alone of their kind, and of
            kinds of which nothing is known, are left out of the answer.
    """
    of_kind: dict[tuple[str, ...], list[float]] = {}
    for folder, number in known.items():
        of_kind.setdefault(kinds[folder], []).append(number)
    means = {kind: statistics.fmean(numbers) for kind, numbers in of_kind.items()}
    return {
        folder: known.get(folder, means.get(kind, 0.0))
        for folder, kind in kinds.items()
        if kind in means
    }


def side_by_side(running: Iterable[float], waiting: Iterable[float], jobs: int) -> float:
    """Return when the last run ends, in seconds from now.

    Args:
        running: Seconds that the runs in progress have left.
        waiting: Seconds that each of the others takes, in the order of their start.
        jobs: How many run side by side.
    """
    ends = [*running]
    ends += [0.0] * (jobs - len(ends))
    heapq.heapify(ends)
    for seconds in waiting:
        heapq.heappush(ends, heapq.heappop(ends) + seconds)
    return max(ends, default=0.0)


def duration(seconds: float | None) -> str:
    """Return a time as hours, minutes and seconds; None is unknown."""
    if seconds is None:
        return "unknown"
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}"

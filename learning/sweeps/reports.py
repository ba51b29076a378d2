"""What a sweep says: its plan, one line while it goes, and its summary."""

from __future__ import annotations

import collections
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TextIO

from learning.sweeps.driver import Sweep
from learning.sweeps.estimates import duration, side_by_side
from learning.sweeps.folder_state import epochs_recorded
from learning.sweeps.forecast import Forecast, epoch_rates
from learning.sweeps.sweep_state import RunProgress

SECONDS_BETWEEN_LINES = 30.0
"""Time in which there is at most one line where nothing changes."""

_GIGABYTE = 1e9
_ORDER = ("done", "running", "waiting", "failed", "diverged", "damaged", "stopped")


def plan_text(forecasts: Sequence[Forecast], jobs: int) -> str:
    """Return a line a run, with what it still has to do, and the sums."""
    rows = [
        (
            each.run.name,
            each.state.status,
            f"{each.epochs:,}",
            f"{each.env_steps:,}",
            duration(each.seconds),
            f"{each.bytes / _GIGABYTE:.2f} GB",
        )
        for each in forecasts
    ]
    head = ("run", "is", "epochs to go", "env steps", "time", "disk")
    seconds = [each.seconds for each in forecasts]
    known = [each for each in seconds if each is not None]
    total = duration(side_by_side([], known, jobs)) if len(known) == len(seconds) else "unknown"
    sums = (
        f"{len(forecasts)} runs",
        f"{sum(each.state.status == 'done' for each in forecasts)} done",
        f"{sum(each.epochs for each in forecasts):,}",
        f"{sum(each.env_steps for each in forecasts):,}",
        total,
        f"{sum(each.bytes for each in forecasts) / _GIGABYTE:.2f} GB",
    )
    lines = [
        aligned([head, *rows, sums]),
        f"\nTime: with {jobs} side by side, at the rate of late",
    ]
    lines[-1] += " of these runs, or of the same with other seeds. Disk: at least."
    lines += [each.state.problem for each in forecasts if each.state.problem]
    return "\n".join(lines)


class ProgressLine:
    """One line for the whole sweep: on a terminal it stays where it is, elsewhere it is repeated.

    Args:
        stream: Where it is shown; None: standard error.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._counts: dict[str, int] = {}
        self._last = -SECONDS_BETWEEN_LINES
        self._width = 0

    def show(self, sweep: Sweep) -> None:
        """Show how far the sweep is, where something has changed or it is time."""
        counts = status_counts(sweep.progress.values())
        every = 2.0 if self._stream.isatty() else SECONDS_BETWEEN_LINES
        if counts == self._counts and time.monotonic() - self._last < every:
            return
        self._counts, self._last = counts, time.monotonic()
        words = [f"{counts.get(status, 0)} {status}" for status in ("done", "running", "waiting")]
        words[0] = f"{counts.get('done', 0)} of {len(sweep.progress)} done"
        words += [f"{counts[each]} {each}" for each in _ORDER[3:] if counts.get(each)]
        line = "  ".join([*words, f"ETA {eta_text(sweep)}"])
        if self._stream.isatty():
            self._stream.write(f"\r{line:<{self._width}}")
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Leave the line as it stands."""
        if self._width:
            self._stream.write("\n")


def eta_text(sweep: Sweep) -> str:
    """Return when the last run ends, at the rates of late, as far as they are known."""
    rates = epoch_rates(sweep.runs)
    seconds: dict[str, list[float]] = {"running": [], "waiting": []}
    n_unknown = 0
    for folder, progress in sweep.progress.items():
        if progress.status not in seconds:
            continue
        if folder not in rates:
            n_unknown += 1
            continue
        left = max(0, sweep.runs[folder].until - epochs_recorded(folder))
        seconds[progress.status].append(left * rates[folder])
    if n_unknown and not any(seconds.values()):
        return duration(None)
    text = duration(side_by_side(seconds["running"], seconds["waiting"], sweep.jobs))
    return f"{text}, and {n_unknown} runs of unknown length" if n_unknown else text


def status_counts(runs: Iterable[RunProgress]) -> dict[str, int]:
    """Return status -> number of runs."""
    return dict(collections.Counter(run.status for run in runs))


def summary_text(sweep: Sweep) -> str:
    """Return what became of the runs, and of those that are not done, why."""
    runs = list(sweep.progress.values())
    counts = status_counts(runs)
    parts = [", ".join(f"{counts[each]} {each}" for each in _ORDER if each in counts)]
    for run in runs:
        if run.status in ("failed", "diverged", "damaged") or run.message:
            parts.append(_account(run))
    return "\n\n".join(parts)


_ADVICE = {
    "failed": "starting the sweep again goes on with it",
    "diverged": "it would again, so it is not tried again; remove its folder to run it anew",
    "damaged": "nothing was started; move its folder away to run it anew",
}


def _account(run: RunProgress) -> str:
    head = f"{run.status}: {run.name}"
    if run.attempts:
        head += f" (exit code {run.exit_code}, attempts {run.attempts})"
    lines = [head]
    if run.status in _ADVICE:
        lines.append(f"  {_ADVICE[run.status]}")
    if run.message:
        lines.append(f"  {run.message}")
    lines += [f"  | {line}" for line in run.last_lines]
    lines.append(f"  folder: {run.folder}")
    if run.log:
        lines.append(f"  log: {run.log}")
    return "\n".join(lines)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as text whose columns stand under one another, numbers from the third on."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            f"{cell:<{width}}" if place < 2 else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )

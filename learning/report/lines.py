"""What curves draw: of each method, at its runs' evaluations, every run and the mean."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from learning.analysis.bootstrap import mean_intervals
from learning.analysis.curves import MEAN, RunCurve
from learning.analysis.points import last_rows
from learning.analysis.statistics import Array


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lines:
    """One method's numbers along training; NaN where there is none.

    Attributes:
        seeds: Number of each run, [runs, N].
        mean: Their mean, [N]; NaN where a run has no number.
        low: Lower end of its 95 % interval, [N]; NaN too where there is one run alone.
        high: Its upper end, [N].
    """

    seeds: Array
    mean: Array
    low: Array
    high: Array


def steps_of(all_steps: Sequence[Array], most: int) -> Array:
    """Return where the curves of a method have points: at its runs' evaluations.

    Args:
        all_steps: Env steps of each run's evaluations.
        most: How many there may be; of more, so many are taken evenly, first and last included.

    Returns:
        Env steps, [N].
    """
    union = np.unique(np.concatenate(all_steps))
    if len(union) > most:
        union = union[np.linspace(0, len(union) - 1, most).round().astype(int)]
    return union


def values_at(curves: Sequence[RunCurve | None], steps: Array, n_tasks: int) -> Array:
    """Return every run's last number at or before some env steps, as tables have it.

    Args:
        curves: Of each run; None: it has none.
        steps: Env steps, [N].
        n_tasks: T.

    Returns:
        Values [runs, N, T + 1]: the mean over the tasks, then each task; NaN where there is none.
    """
    values = np.full((len(curves), len(steps), n_tasks + 1), np.nan)
    for run, curve in enumerate(curves):
        if curve is None:
            continue
        rows = last_rows(curve, steps)
        found = np.where((rows < 0)[:, None], np.nan, curve.values[rows])
        values[run, :, 0] = found.mean(axis=1)
        if curve.tasks != (MEAN,):
            values[run, :, 1:] = found
    return values


def lines_of(values: Array, *, bounds: tuple[float, float], n_resamples: int, seed: int) -> Lines:
    """Return a method's lines.

    Args:
        values: Of each run, [runs, N].
        bounds: Numbers between which the mean must lie.
        n_resamples: How often the runs are resampled.
        seed: Seed of the resampling.
    """
    low, high = mean_intervals(values, bounds=bounds, n_resamples=n_resamples, seed=seed)
    return Lines(seeds=values, mean=values.mean(axis=0), low=low, high=high)


def outline(steps: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Return the outline of a band, a closed piece for each stretch without a gap.

    Args:
        steps: Env steps, [N].
        low: Lower ends, [N].
        high: Upper ends, [N].

    Returns:
        x and y, [M] each, the pieces parted by NaN.
    """
    there = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
    xs: list[Array] = []
    ys: list[Array] = []
    gap = np.array([np.nan])
    for piece in np.split(there, np.flatnonzero(np.diff(there) > 1) + 1):
        xs += [steps[piece], steps[piece][::-1], gap]
        ys += [low[piece], high[piece][::-1], gap]
    return np.concatenate(xs)[:-1], np.concatenate(ys)[:-1]

"""Env steps to a threshold, with the runs that never reach it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from learning.analysis.curves import RunCurve


@dataclasses.dataclass(frozen=True)
class Arrival:
    """When one run reached a threshold.

    Attributes:
        seed: Seed of the run.
        steps: Env steps of the first evaluation there or above; or, where `censored`, of its last
            evaluation, after which nobody looked.
        censored: Whether it never got there.
    """

    seed: int
    steps: int
    censored: bool

    def __str__(self) -> str:
        """`>600000` for a run that never got there."""
        return f">{self.steps}" if self.censored else str(self.steps)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arrivals:
    """When the runs of one method reached a threshold.

    Attributes:
        arrivals: One a run.
        share: Share of the runs that did.
        low: Lower end of the share's 95 % interval (Clopper and Pearson, 1934).
        high: Its upper end.
        median: Median of the env steps, a run that never got there counting as later than any; inf
            where half of them or more did not.
        early: Seeds that were censored before some other run got there, so that counting them as
            later than it is a guess.
    """

    arrivals: tuple[Arrival, ...]
    share: float
    low: float
    high: float
    median: float
    early: tuple[int, ...]


def arrival(curve: RunCurve, threshold: float) -> Arrival:
    """Return when a run's mean over the tasks first was at the threshold or above.

    A NaN is not above anything.

    Args:
        curve: The run.
        threshold: The threshold.
    """
    above = np.flatnonzero(curve.values.mean(axis=1) >= threshold)
    row = above[0] if len(above) else -1
    return Arrival(curve.seed, int(curve.steps[row]), censored=not len(above))


def arrivals(curves: Sequence[RunCurve], threshold: float) -> Arrivals:
    """Return when the runs of one method reached a threshold.

    Args:
        curves: Runs, at least one.
        threshold: Of the mean over the tasks.
    """
    all_runs = tuple(arrival(curve, threshold) for curve in curves)
    reached = [each.steps for each in all_runs if not each.censored]
    low, high = clopper_pearson(len(reached), len(all_runs))
    times = sorted(math.inf if each.censored else each.steps for each in all_runs)
    latest = max(reached, default=0)
    return Arrivals(
        arrivals=all_runs,
        share=len(reached) / len(all_runs),
        low=low,
        high=high,
        median=(times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2,
        early=tuple(each.seed for each in all_runs if each.censored and each.steps < latest),
    )


def clopper_pearson(successes: int, trials: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share, `scipy.stats.binomtest(k, n).proportion_ci()`."""
    failures = trials - successes
    low = special.betaincinv(successes, failures + 1, 0.025) if successes else 0.0
    high = special.betaincinv(successes + 1, failures, 0.975) if failures else 1.0
    return float(low), float(high)

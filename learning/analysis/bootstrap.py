"""Intervals by the bootstrap over runs.

The tasks of a run come out of one training, so whole runs are resampled, never single tasks. The
plain percentile interval is too narrow for few runs: with n runs its standard error is too small by
sqrt((n - 1) / n), and it knows nothing of the tails that Student's t has. So the percentiles'
distances from the estimate are made longer by

    f = t(0.975, n - 1) / z(0.975) * sqrt(n / (n - 1)),

which gives Student's interval where the resampled statistic is normal, and keeps the lopsidedness
where it is not. (Hesterberg, What Teachers Should Know About the Bootstrap, The American
Statistician 2015, section 5, on the two faults.) What that covers: docs/statistics.md.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from learning.analysis.statistics import Array

RESAMPLES = 5000
CONFIDENCE = 0.95
Statistic = Callable[[Array], Array]
"""Scores [..., runs, tasks] -> [...]."""

Rows = npt.NDArray[np.intp]
PairStatistic = Callable[[Rows, Rows], Array]
"""Resampled rows of A [R, n] and of B [R, m] -> [R]."""

Method = Literal["student", "percentile"]


@dataclasses.dataclass(frozen=True)
class Interval:
    """A 95 % interval; both ends NaN where there is only one run."""

    low: float
    high: float


NO_INTERVAL = Interval(math.nan, math.nan)


def resampled_rows(n_runs: int, n_resamples: int, seed: int) -> Rows:
    """Return rows drawn with replacement, [n_resamples, n_runs]."""
    return np.random.default_rng(seed).integers(n_runs, size=(n_resamples, n_runs))


def interval(
    scores: Array,
    statistic: Statistic,
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    method: Method = "student",
    n_resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return the 95 % interval of a statistic.

    Args:
        scores: Scores [runs, tasks].
        statistic: The statistic.
        bounds: Numbers between which the true value must lie; the interval is cut there.
        method: `student`: as the module says; `percentile`: the plain one, too narrow for few runs.
        n_resamples: How often the runs are resampled.
        seed: Seed of the resampling.
    """
    n_runs = len(scores)
    if n_runs == 1:
        return NO_INTERVAL
    estimate = float(statistic(scores))
    deviations = statistic(scores[resampled_rows(n_runs, n_resamples, seed)]) - estimate
    factor = 1.0
    if method == "student":
        factor = _student(n_runs - 1) * math.sqrt(n_runs / (n_runs - 1))
    return _interval(estimate, deviations, factor, bounds)


def mean_intervals(
    values: Array,
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    n_resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[Array, Array]:
    """Return the 95 % interval of the mean at every point of a curve, each as `interval` has it.

    Args:
        values: A value a run and point, [runs, N], such as its mean over the tasks.
        bounds: Numbers between which the true value must lie; the intervals are cut there.
        n_resamples: How often the runs are resampled.
        seed: Seed of the resampling.

    Returns:
        Lower and upper ends, [N] each; NaN where a run has no number, or there is only one run.
    """
    n_runs, n_points = values.shape
    low, high = np.full(n_points, np.nan), np.full(n_points, np.nan)
    there = np.isfinite(values).all(axis=0)
    if n_runs == 1 or not there.any():
        return low, high
    rows = resampled_rows(n_runs, n_resamples, seed)
    # How often each run was drawn: one product serves all points.
    counts = (rows[:, :, None] == np.arange(n_runs)).sum(axis=1)
    estimates = values[:, there].mean(axis=0)
    deviations = counts @ values[:, there] / n_runs - estimates
    factor = _student(n_runs - 1) * math.sqrt(n_runs / (n_runs - 1))
    ends = np.quantile(deviations, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    ends = np.clip(estimates + factor * ends, *bounds)
    low[there], high[there] = np.minimum(ends[0], estimates), np.maximum(ends[1], estimates)
    return low, high


def pair_interval(
    n_a: int,
    n_b: int,
    statistic: PairStatistic,
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    n_resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return the 95 % interval of a statistic of two methods, whose runs are resampled apart.

    With va and vb the variances of the statistic when A's runs alone, or B's alone, are resampled,
    each times n / (n - 1), the degrees of freedom are those of Welch and Satterthwaite,
    (va + vb)^2 / (va^2 / (n_a - 1) + vb^2 / (n_b - 1)), and the factor is put together likewise.

    Args:
        n_a: Number of runs of A.
        n_b: Number of runs of B.
        statistic: The statistic of resampled rows of both.
        bounds: Numbers between which the true value must lie; the interval is cut there.
        n_resamples: How often the runs are resampled.
        seed: Seed of the resampling.
    """
    if min(n_a, n_b) == 1:
        return NO_INTERVAL
    all_a, all_b = np.arange(n_a)[None], np.arange(n_b)[None]
    rows_a = resampled_rows(n_a, n_resamples, seed)
    # Another stream, or else equal numbers of runs would be resampled alike, as if paired.
    rows_b = resampled_rows(n_b, n_resamples, seed + 1_000_003)
    estimate = float(statistic(all_a, all_b)[0])
    deviations = statistic(rows_a, rows_b) - estimate
    plain = [
        float(np.var(statistic(rows_a, np.repeat(all_b, n_resamples, axis=0)))),
        float(np.var(statistic(np.repeat(all_a, n_resamples, axis=0), rows_b))),
    ]
    wider = [variance * n / (n - 1) for variance, n in zip(plain, (n_a, n_b), strict=True)]
    total = sum(wider)
    if total == 0:
        return Interval(estimate, estimate)
    freedom = total**2 / (wider[0] ** 2 / (n_a - 1) + wider[1] ** 2 / (n_b - 1))
    factor = _student(freedom) * math.sqrt(total / sum(plain))
    return _interval(estimate, deviations, factor, bounds)


def _student(degrees_of_freedom: float) -> float:
    upper = (1 + CONFIDENCE) / 2
    return float(special.stdtrit(degrees_of_freedom, upper) / special.ndtri(upper))


def _interval(
    estimate: float, deviations: Array, factor: float, bounds: tuple[float, float]
) -> Interval:
    ends = np.quantile(deviations, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    low, high = np.clip(estimate + factor * ends, *bounds)
    # Rounding alone must not put the estimate outside of an interval without width.
    return Interval(min(float(low), estimate), max(float(high), estimate))

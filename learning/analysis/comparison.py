"""Two methods beside one another: the difference, and how often one is above the other."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from learning.analysis.bootstrap import (
    RESAMPLES,
    Interval,
    PairStatistic,
    Rows,
    Statistic,
    pair_interval,
)
from learning.analysis.scores import Scores
from learning.analysis.statistics import Array, improvements, iqm, mean, smallest_p
from learning.analysis.tables import missing_runs
from learning.errors import RecordError


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; the interval's ends are NaN where a method has one run."""

    value: float
    interval: Interval

    def excludes(self, number: float) -> bool:
        """Return whether `number` lies outside of the interval; False where there is none."""
        return self.interval.low > number or self.interval.high < number


@dataclasses.dataclass(frozen=True, kw_only=True)
class Comparison:
    """Method A beside method B at one point.

    Attributes:
        a: Label of A.
        b: Label of B.
        env: Id of the task set.
        measure: What is measured.
        who: Who acts.
        point: Where on the curves.
        scores_a: Scores of A's runs.
        scores_b: Scores of B's runs.
        mean: Difference of the means, A - B.
        iqm: Difference of the interquartile means, A - B.
        improvement: P(A > B).
        separated: Whether every run of one is above every run of the other, by their means.
        smallest_p: Smallest two-sided p that a rank test of so many runs can give.
        notes: What a reader must know.
    """

    a: str
    b: str
    env: str
    measure: str
    who: str
    point: str
    scores_a: Scores
    scores_b: Scores
    mean: Estimate
    iqm: Estimate
    improvement: Estimate
    separated: bool
    smallest_p: float
    notes: tuple[str, ...] = ()


def compare(
    scores_a: Scores,
    scores_b: Scores,
    *,
    a: str,
    b: str,
    env: str,
    measure: str,
    who: str,
    point: str,
    notes: tuple[str, ...] = (),
    bounds: tuple[float, float] = (-math.inf, math.inf),
    n_resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compare two methods; their runs are not paired by their seeds.

    Two runs of one seed share no randomness that would make them alike once their networks
    differ, so that pairing them would only pretend to know more.

    Args:
        scores_a: Scores of A's runs, at least one.
        scores_b: Scores of B's runs on the same tasks, at least one.
        a: Label of A.
        b: Label of B.
        env: Id of the task set.
        measure: What is measured.
        who: Who acts.
        point: Where on the curves.
        notes: What a reader must know already.
        bounds: Numbers between which a mean of the measure must lie.
        n_resamples: How often the runs are resampled.
        seed: Seed of the resampling.

    Raises:
        RecordError: One of them has no run with a number here.
    """
    for label, scores in ((a, scores_a), (b, scores_b)):
        if not scores.seeds:
            reasons = "; ".join(missing_runs(scores.missing))
            raise RecordError(f"no run of {label} has a number {point}: {reasons}")
    x, y = scores_a.values, scores_b.values

    def estimate(statistic: PairStatistic, between: tuple[float, float]) -> Estimate:
        value = statistic(np.arange(len(x))[None], np.arange(len(y))[None])[0]
        interval = pair_interval(
            len(x), len(y), statistic, bounds=between, n_resamples=n_resamples, seed=seed
        )
        return Estimate(float(value), interval)

    pairs = improvements(x, y)

    def improvement(rows_a: Rows, rows_b: Rows) -> Array:
        return np.asarray(pairs[rows_a[:, :, None], rows_b[:, None, :]].mean(axis=(1, 2)))

    ends = (bounds[0] - bounds[1], bounds[1] - bounds[0])
    means = x.mean(axis=1), y.mean(axis=1)
    missing = tuple(
        f"missing: {label}, {said}"
        for label, scores in ((a, scores_a), (b, scores_b))
        for said in missing_runs(scores.missing)
    )
    return Comparison(
        a=a,
        b=b,
        env=env,
        measure=measure,
        who=who,
        point=point,
        scores_a=scores_a,
        scores_b=scores_b,
        mean=estimate(_difference(mean, x, y), ends),
        iqm=estimate(_difference(iqm, x, y), ends),
        improvement=estimate(improvement, (0.0, 1.0)),
        separated=bool(means[0].min() > means[1].max() or means[1].min() > means[0].max()),
        smallest_p=smallest_p(len(x), len(y)),
        notes=(*notes, *missing),
    )


def _difference(statistic: Statistic, x: Array, y: Array) -> PairStatistic:
    def difference(rows_a: Rows, rows_b: Rows) -> Array:
        return statistic(x[rows_a]) - statistic(y[rows_b])

    return difference

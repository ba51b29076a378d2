"""The curves of a method's seeds: each run's own, and their mean with its 95 % interval."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from learning.analysis.bootstrap import interval
from learning.analysis.measures import bounds
from learning.analysis.run_record import RunRecord
from learning.analysis.statistics import mean
from learning.analysis.tables import FEW_SEEDS
from learning.logging.columns import TOTAL_ENV_STEPS

Array = npt.NDArray[np.float64]
Curve = tuple[Array, Array]
"""Environment steps, in total over the tasks, and values there, each [N]."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class MeanCurve:
    """The mean over seeds.

    Attributes:
        steps: Environment steps, in total over the tasks, [M].
        values: Means, [M].
        low: Lower ends of their 95 % intervals over runs, [M]; None: there are fewer seeds than
            `FEW_SEEDS`, of which an interval would say little.
        high: Upper ends.
    """

    steps: Array
    values: Array
    low: Array | None
    high: Array | None


def run_curve(run: RunRecord, name: str, window: int = 0) -> Curve | None:
    """Return a column of a run against the environment steps.

    Args:
        run: The run.
        name: Name of the column.
        window: Where positive, each value becomes the mean of the evaluations of so many
            environment steps around it, of as many as there are at the ends.

    Returns:
        The rows in which it is a number; None where there is no such column or row.
    """
    if name not in run.columns:
        return None
    values = run.columns[name]
    there = ~np.isnan(values)
    if not there.any():
        return None
    steps, values = run.columns[TOTAL_ENV_STEPS][there], values[there]
    if window:
        near = np.abs(steps[:, None] - steps) <= window / 2
        values = (near * values).sum(axis=1) / near.sum(axis=1)
    return steps, values


def mean_curve(seeds: Sequence[Curve], metric: str) -> MeanCurve:
    """Return the mean over seeds, as far as all of them got.

    Nothing is interpolated: a seed's value at some steps is that of its last evaluation at or
    before them.

    Args:
        seeds: Curves of one column, at least one.
        metric: What it measures, see `bounds`.
    """
    steps = common_steps([steps for steps, _ in seeds])
    values = np.array(
        [each[np.searchsorted(own, steps, side="right") - 1] for own, each in seeds]
    ).reshape(len(seeds), len(steps))
    low = high = None
    if len(seeds) >= FEW_SEEDS:
        ends = [interval(each[:, None], mean, bounds=bounds(metric)) for each in values.T]
        low, high = (np.array([getattr(each, end) for each in ends]) for end in ("low", "high"))
    return MeanCurve(steps=steps, values=values.mean(axis=0), low=low, high=high)


def common_steps(seeds: Sequence[Array]) -> Array:
    """Return the environment steps at which seeds are put together.

    They are those of all evaluations between the first and the last that all seeds have; of those
    that lie within half of the usual distance of two, only the last, since seeds of one schedule
    are a few steps apart.

    Args:
        seeds: Steps of the evaluations of each seed, ascending.
    """
    distances = [float(np.median(np.diff(steps))) for steps in seeds if len(steps) > 1]
    near = min(distances, default=0.0) / 2
    start, end = max(steps[0] for steps in seeds), min(steps[-1] for steps in seeds) + near
    kept: list[float] = []
    first = -np.inf
    for step in np.unique(np.concatenate(seeds)):
        if not start <= step <= end:
            continue
        if step - first <= near:
            kept[-1] = float(step)
        else:
            first = float(step)
            kept.append(first)
    return np.array(kept)

"""The scores of one method at one point: [runs, tasks], and who is missing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from learning.analysis.curves import RunCurve
from learning.analysis.points import MissingScoreError, Point
from learning.analysis.statistics import Array
from learning.errors import RecordError


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scores:
    """Scores of the runs of one method.

    Attributes:
        values: Scores [runs, tasks].
        seeds: Seed of each run.
        missing: Seed and reason of each run that has no number here.
    """

    values: Array
    seeds: tuple[int, ...]
    missing: tuple[tuple[int, str], ...]


def gather(curves: Sequence[RunCurve], point: Point) -> Scores:
    """Return the scores of runs of one method and task set at a point.

    Args:
        curves: At least one.
        point: Where to look.

    Raises:
        RecordError: The runs have different tasks.
    """
    require_one_set_of_tasks(curves)
    rows, seeds, missing = [], [], []
    for curve in curves:
        try:
            rows.append(point.scores(curve))
            seeds.append(curve.seed)
        except MissingScoreError as error:
            missing.append((curve.seed, str(error)))
    values = np.array(rows).reshape(len(rows), len(curves[0].tasks))
    return Scores(values=values, seeds=tuple(seeds), missing=tuple(missing))


def require_one_set_of_tasks(curves: Sequence[RunCurve]) -> None:
    """Raise unless all runs have the same tasks in the same order.

    Raises:
        RecordError: They have not; the message names two of them.
    """
    for curve in curves[1:]:
        if curve.tasks != curves[0].tasks:
            raise RecordError(
                f"{curves[0].run} and {curve.run} have different tasks: "
                f"{', '.join(curves[0].tasks)} | {', '.join(curve.tasks)}"
            )

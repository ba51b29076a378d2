"""Where on a curve a table looks: at some env steps, over a window, or at the area under it.

Evaluations of different runs lie at different env steps: nothing is interpolated. A run that ended
before is missing there, and said to be: its last number is not put in the place of one that it
never had.
"""

from __future__ import annotations

import abc
import dataclasses

import numpy as np

from learning.analysis.curves import RunCurve
from learning.analysis.statistics import Array
from learning.errors import RecordError


class MissingScoreError(Exception):
    """A run has no number at a point; the message says why."""


@dataclasses.dataclass(frozen=True)
class Point(abc.ABC):
    """A place on the curve."""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """What stands above its column."""

    @abc.abstractmethod
    def scores(self, curve: RunCurve) -> Array:
        """Return the run's numbers there, [tasks].

        Raises:
            MissingScoreError: It has none.
        """


@dataclasses.dataclass(frozen=True)
class At(Point):
    """The last evaluation at or before `steps` env steps."""

    steps: int

    @property
    def name(self) -> str:
        """See the base."""
        return str(self.steps)

    def scores(self, curve: RunCurve) -> Array:
        """See the base."""
        _require_begun(curve, self.steps)
        _require_reached(curve, self.steps)
        row = int(np.searchsorted(curve.steps, self.steps, side="right")) - 1
        return _numbers(curve, np.array([row]))


@dataclasses.dataclass(frozen=True)
class Window(Point):
    """The mean of the evaluations from `start` to `end` env steps, both included."""

    start: int
    end: int

    def __post_init__(self) -> None:
        """Check the ends."""
        if not 0 <= self.start < self.end:
            raise RecordError(f"the window {self.start}:{self.end} is empty: START:END wanted")

    @property
    def name(self) -> str:
        """See the base."""
        return f"mean {self.start} to {self.end}"

    def scores(self, curve: RunCurve) -> Array:
        """See the base."""
        _require_reached(curve, self.end)
        rows = np.flatnonzero((curve.steps >= self.start) & (curve.steps <= self.end))
        if not len(rows):
            raise MissingScoreError("it has no evaluation in the window")
        return _numbers(curve, rows)


@dataclasses.dataclass(frozen=True)
class Area(Point):
    """The area under the curve up to `budget` env steps, divided by the steps it spans.

    A value holds from its evaluation to the next; the area begins at the run's first evaluation. So
    it is a mean over training, in the measure's own unit.
    """

    budget: int

    @property
    def name(self) -> str:
        """See the base."""
        return f"area to {self.budget}"

    def scores(self, curve: RunCurve) -> Array:
        """See the base."""
        _require_begun(curve, self.budget)
        _require_reached(curve, self.budget)
        rows = np.flatnonzero(curve.steps <= self.budget)
        lengths = np.diff([*curve.steps[rows], float(self.budget)])
        if not lengths.any():  # The only evaluation lies at the budget.
            lengths[:] = 1.0
        _numbers(curve, rows)
        return np.asarray(lengths @ curve.values[rows] / lengths.sum())


def covers(curve: RunCurve, steps: int) -> bool:
    """Return whether a run has an evaluation that stands for so many env steps; see `At`."""
    try:
        _require_begun(curve, steps)
        _require_reached(curve, steps)
    except MissingScoreError:
        return False
    return True


def last_rows(curve: RunCurve, steps: Array) -> np.ndarray:
    """Return the row that `At` reads at each of some env steps; -1 where the run has none.

    Args:
        curve: The run.
        steps: Env steps, [N].
    """
    rows = np.searchsorted(curve.steps, steps, side="right") - 1
    return np.where(curve.steps[-1] + _usual_pause(curve) <= steps, -1, rows)


def common_end(curves: list[RunCurve]) -> int:
    """Return the env steps that all runs have reached: the least of their last evaluations."""
    return int(min(curve.steps[-1] for curve in curves))


def _require_begun(curve: RunCurve, steps: int) -> None:
    if curve.steps[0] > steps:
        raise MissingScoreError(f"its first evaluation is at {curve.steps[0]:.0f}")


def _require_reached(curve: RunCurve, steps: int) -> None:
    """Refuse a run whose next evaluation would have been due at `steps` or before."""
    if curve.steps[-1] + _usual_pause(curve) <= steps:
        raise MissingScoreError(f"its last evaluation is at {curve.steps[-1]:.0f}")


def _usual_pause(curve: RunCurve) -> float:
    """Return the longest pause between two evaluations."""
    return float(np.diff(curve.steps).max() if len(curve.steps) > 1 else curve.steps[0])


def _numbers(curve: RunCurve, rows: np.ndarray) -> Array:
    values = curve.values[rows]
    bad = np.isnan(values).any(axis=1)
    if bad.any():
        row = rows[bad][0]
        tasks = [
            task
            for task, value in zip(curve.tasks, curve.values[row], strict=True)
            if np.isnan(value)
        ]
        raise MissingScoreError(f"{', '.join(tasks)} is NaN at {curve.steps[row]:.0f}")
    return np.asarray(values.mean(axis=0))

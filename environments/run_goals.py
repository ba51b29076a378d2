"""The goals of a run of a Meta-World task, and which of them an episode has.

Training takes one of the run's goals at random an episode. Evaluation has training's goals or as
many others (`EVALUATION_GOALS`), and walks through them: in shuffled order, none a second time
before all have had their turn, then shuffled anew. That is the order of the QMP reference (arXiv
2302.00671, clvrai/qmp@278a76b), whose evaluation draws its goals with another seed (+ 100). Unlike
there, a walk does not go on from one evaluation to the next: each seed begins a new one, so that
an evaluation depends on its own seed alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from environments.options import Option

Array = npt.NDArray[np.float64]

EVALUATION_GOALS = Option(
    default="held_out",
    allowed=("train", "held_out", "train_at_random"),
    help="Goals of evaluation. train: those of training; held_out: as many others. Both are walked "
    "through in shuffled order. train_at_random: those of training, one at random an episode.",
    source="QMP reference code: the evaluation's goals are drawn with the seed + 100",
    before="train_at_random",
)


class RunGoals:
    """A run's goals, G numbers each.

    Args:
        n_goals: How many, n (>= 1).
        goal_size: Numbers of a goal, G.
        evaluation_goals: A value of the option `EVALUATION_GOALS`; None: training's.
    """

    def __init__(self, n_goals: int, goal_size: int, *, evaluation_goals: str | None) -> None:
        self._held_out = evaluation_goals == "held_out"
        self._walks = evaluation_goals in ("train", "held_out")
        self._shape = (n_goals, goal_size)
        self._values: Array = np.empty((0, goal_size))
        # Indices of the goals to come on this walk, now and before the present episode took one.
        self._ahead: npt.NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._ahead_at_reset = self._ahead

    @property
    def values(self) -> Array:
        """The goals, [n, G]; [0, G] before a run has begun."""
        return self._values.copy()

    def stream(self, random: np.random.Generator) -> np.random.Generator:
        """Return what the run's goals are drawn from: `random`, or an independent child of it."""
        return random.spawn(1)[0] if self._held_out else random

    def begin_run(self, values: Array) -> None:
        """Take the goals of a new run, [n, G]."""
        self._values = values
        self.begin_walk()

    def begin_walk(self) -> None:
        """Forget which goals have had their turn."""
        self._ahead = self._ahead_at_reset = np.empty(0, dtype=np.intp)

    def choose(self, random: np.random.Generator) -> Array:
        """Return the goal of a new episode, [G]; random through `random` alone."""
        if not self._walks:
            goal: Array = self._values[random.integers(len(self._values))].copy()
            return goal
        self._ahead_at_reset = self._ahead
        if not len(self._ahead):
            self._ahead = random.permutation(len(self._values))
        goal = self._values[self._ahead[0]].copy()
        self._ahead = self._ahead[1:]
        return goal

    def get_state(self) -> Array:
        """Return what `set_state` needs to choose the present episode's goal once more.

        Returns:
            The goals, [n, G]; on a walk [n, G + 1], whose last column has the indices of the goals
            that were ahead when the present episode began, filled up with -1.
        """
        if not self._walks:
            return self.values
        ahead = np.full((len(self._values), 1), -1.0)
        ahead[: len(self._ahead_at_reset), 0] = self._ahead_at_reset
        return np.hstack((self._values, ahead))

    def set_state(self, state: Array) -> None:
        """Put back what `get_state` returned.

        Raises:
            ValueError: These are not goals of this task, or of another use of them.
        """
        n_goals, goal_size = self._shape
        shape = (n_goals, goal_size + self._walks)
        if state.shape != shape:
            raise ValueError(f"the state's goals have shape {state.shape}, this task's {shape}")
        self._values = state[:, :goal_size].copy()
        if self._walks:
            ahead = state[:, goal_size]
            self._ahead = self._ahead_at_reset = ahead[ahead >= 0].astype(np.intp)

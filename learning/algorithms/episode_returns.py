"""The discounted returns that training episodes gave, a task each.

Of an episode with rewards r_0 .. r_n every step has a return, G_t = r_t + gamma G_(t+1). After the
last step comes nothing where the task ended, and the episode's mean reward / (1 - gamma) where the
time limit cut it, as BRC has it (Nauman et al. 2025, arXiv 2505.23150). Episodes that are still
going on wait for their end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from learning.garage_bridge.env_infos import TASK_ID
from learning.garage_bridge.garage_compat import EpisodeBatch, StepType

Floats = npt.NDArray[np.float64]


class EpisodeReturns:
    """What is remembered of all returns so far.

    Args:
        n_tasks: Tasks T.
        discount: gamma, below 1.

    Attributes:
        counts: Returns seen, int64 [T].
        largest: Largest return, [T]; -infinity before the first.
        smallest: Smallest return, [T]; infinity before the first.
    """

    def __init__(self, n_tasks: int, discount: float) -> None:
        self._discount = discount
        self.counts = np.zeros(n_tasks, dtype=np.int64)
        self.largest = np.full(n_tasks, -np.inf)
        self.smallest = np.full(n_tasks, np.inf)
        self._means = np.zeros(n_tasks)
        self._squares = np.zeros(n_tasks)
        self._going_on: list[Floats] = [np.zeros(0) for _ in range(n_tasks)]

    @property
    def standard_deviations(self) -> Floats:
        """Of the returns, [T]; 0 before the first."""
        deviations: Floats = np.sqrt(self._squares / np.maximum(self.counts, 1))
        return deviations

    def observe(self, episodes: EpisodeBatch) -> None:
        """Take note of what was gathered, a task's fragments in the order of time."""
        ends = np.cumsum(episodes.lengths)
        starts = ends - episodes.lengths
        tasks = episodes.env_infos[TASK_ID][starts].astype(np.int64)
        begins = episodes.env_infos["episode_length"][starts] == 1
        kinds = episodes.step_types[ends - 1]
        # A fragment each: the episodes that end are few beside the steps.
        for task, start, end, is_new, kind in zip(tasks, starts, ends, begins, kinds, strict=True):
            before = np.zeros(0) if is_new else self._going_on[task]
            rewards = np.concatenate((before, episodes.rewards[start:end].astype(np.float64)))
            over = kind in (StepType.TERMINAL, StepType.TIMEOUT)
            self._going_on[task] = np.zeros(0) if over else rewards
            if over:
                self._add(task, self._returns(rewards, terminated=kind == StepType.TERMINAL))

    def _returns(self, rewards: Floats, *, terminated: bool) -> Floats:
        """Return those of an episode's steps, the last step's first."""
        after = 0.0 if terminated else rewards.mean() / (1.0 - self._discount)
        returns: Floats
        # y[n] = x[n] + gamma y[n - 1], from the last reward back.
        returns, _ = lfilter(
            [1.0], [1.0, -self._discount], rewards[::-1], zi=[self._discount * after]
        )
        return returns

    def _add(self, task: int, returns: Floats) -> None:
        self.largest[task] = max(self.largest[task], returns.max())
        self.smallest[task] = min(self.smallest[task], returns.min())
        # Chan, Golub and LeVeque (1979): mean and sum of squares of two samples together.
        n_before, n_new = self.counts[task], len(returns)
        n_all = n_before + n_new
        ahead = returns.mean() - self._means[task]
        self._squares[task] += np.square(returns - returns.mean()).sum()
        self._squares[task] += ahead**2 * n_before * n_new / n_all
        self._means[task] += ahead * n_new / n_all
        self.counts[task] = n_all

    def get_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all that is remembered, for a snapshot."""
        return {
            "counts": self.counts.copy(),
            "largest": self.largest.copy(),
            "smallest": self.smallest.copy(),
            "means": self._means.copy(),
            "squares": self._squares.copy(),
            "going_on": np.concatenate(self._going_on),
            "steps_going_on": np.array([len(each) for each in self._going_on]),
        }

    def set_arrays(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        """Go on from what :meth:`get_arrays` returned."""
        self.counts[:] = arrays["counts"]
        self.largest[:], self.smallest[:] = arrays["largest"], arrays["smallest"]
        self._means[:], self._squares[:] = arrays["means"], arrays["squares"]
        cuts = np.cumsum(arrays["steps_going_on"])[:-1]
        self._going_on = [each.copy() for each in np.split(arrays["going_on"], cuts)]

"""What every policy gives on every task, and how often a mixture chose the best of them."""

from __future__ import annotations

import csv
import dataclasses
import io

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

TIE = 0.01
"""A policy is as good as the best of a task when its mean return is at most this share of the
task's spread (best minus worst policy) below it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class MixtureResults:
    """The mixture's own evaluation, in the same environments.

    Attributes:
        returns: Mean return of each task, shape [T].
        success: Success rate of each task, shape [T].
        acted: Steps of task i in which it let policy j act, shape [T, T].
    """

    returns: Array
    success: Array
    acted: npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class PairResults:
    """Entry [i, j] of a matrix is policy j's result on task i.

    Attributes:
        task_names: The tasks' names, T; policy j is the one that task j trains.
        epoch: The snapshot's epoch.
        n_episodes: Episodes E of each pair.
        returns: Mean returns, shape [T, T].
        success: Success rates, shape [T, T].
        mixture: None where the run has no mixture.
    """

    task_names: tuple[str, ...]
    epoch: int
    n_episodes: int
    returns: Array
    success: Array
    mixture: MixtureResults | None = None

    def best(self) -> npt.NDArray[np.bool_]:
        """Return which policies are the best of each task in hindsight, shape [T, T].

        By mean return, which is what the critics estimate, too. Those within :data:`TIE` of the
        highest all count; where all policies give the same, all are best.
        """
        highest = self.returns.max(axis=1, keepdims=True)
        spread = highest - self.returns.min(axis=1, keepdims=True)
        # `<=`, since both sides are 0 where all policies give the same.
        best: npt.NDArray[np.bool_] = highest - self.returns <= TIE * spread
        return best

    def chance(self) -> Array:
        """Return the share of steps in which a uniform choice hits a best policy, shape [T]."""
        share: Array = self.best().mean(axis=1)
        return share

    def mixture_shares(self) -> Array | None:
        """Return the share of each task's steps that the mixture gave to each policy, [T, T]."""
        if self.mixture is None:
            return None
        shares: Array = self.mixture.acted / self.mixture.acted.sum(axis=1, keepdims=True)
        return shares

    def agreement(self) -> Array | None:
        """Return the share of each task's steps in which the mixture chose a best policy, [T]."""
        shares = self.mixture_shares()
        if shares is None:
            return None
        chosen: Array = np.where(self.best(), shares, 0.0).sum(axis=1)
        return chosen

    def to_csv(self) -> str:
        """Return a table with a row a pair.

        ``best`` is 1 for the best policies in hindsight; ``mixture_share`` is the share of the
        task's steps that the mixture gave to the policy, empty without a mixture.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        columns = ("epoch", "task", "policy", "episodes", "success", "return", "best")
        writer.writerow([*columns, "mixture_share"])
        best, shares = self.best(), self.mixture_shares()
        for i, j in np.ndindex(self.returns.shape):
            row = [self.epoch, self.task_names[i], self.task_names[j], self.n_episodes]
            values = [float(self.success[i, j]), float(self.returns[i, j]), int(best[i, j])]
            writer.writerow([*row, *values, "" if shares is None else float(shares[i, j])])
        return text.getvalue()

"""Whose turn it is to have one transition more, where T does not divide a batch of all tasks."""

from __future__ import annotations

import torch

from learning.algorithms.update_schedule import UpdateSchedule
from learning.replay.transition_batch import TransitionBatch


class TaskTurns:
    """Leaves the last own transition of some tasks out of a batch, by turns.

    Args:
        schedule: Which says how many tasks have one more.
        device: Where batches are.
    """

    def __init__(self, schedule: UpdateSchedule, device: torch.device) -> None:
        self._n_own = schedule.batch_size
        self._turns: torch.Tensor | None = None
        if schedule.n_with_one_more:
            self._turns = torch.from_numpy(schedule.turns()).to(device)

    def take(self, batch: TransitionBatch, n_updates: int) -> TransitionBatch:
        """Return the batch of update ``n_updates``; what is left out has weight 0."""
        if self._turns is None:
            return batch
        weights = torch.ones_like(batch.rewards) if batch.weights is None else batch.weights
        weights[:, self._n_own - 1] *= self._turns[n_updates % len(self._turns)]
        return batch.weighted(weights)

"""From garage's observations, a row each, to batches a task, and back.

A sampler hands over N rows in any order and any mixture of tasks, each with its task's one-hot; the
networks want [T, B, O].
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from learning.garage_bridge.task_one_hot import split_one_hots


class TaskRows:
    """Where each of N rows goes in a batch [T, B].

    B is the largest number of rows of one task; places without a row hold zeros.

    Args:
        observations: Shape [N, O + T].
        n_tasks: T.
    """

    def __init__(self, observations: npt.NDArray[np.floating], n_tasks: int) -> None:
        self._observations, self.tasks = split_one_hots(observations, n_tasks)
        self._n_tasks = n_tasks
        self.lock_step = len(observations) == n_tasks and bool(
            (self.tasks == np.arange(n_tasks)).all()
        )
        if self.lock_step:
            self.places = np.zeros(n_tasks, dtype=np.int64)
            self.batch_size = 1
        else:
            order = np.argsort(self.tasks, kind="stable")
            counts = np.bincount(self.tasks, minlength=n_tasks)
            self.places = np.empty(len(order), dtype=np.int64)
            starts = np.cumsum(counts) - counts
            self.places[order] = np.arange(len(order)) - np.repeat(starts, counts)
            self.batch_size = int(counts.max())

    def observations(self, device: torch.device) -> torch.Tensor:
        """Return the observations without their one-hots, float32 [T, B, O] on ``device``."""
        # In lock step a view of the sampler's array, which nothing may keep or write to.
        batch = self.to_batch(self._observations).astype(np.float32, copy=False)
        return torch.from_numpy(batch).to(device)

    def to_batch(self, rows: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """Spread rows [N, ...] over a batch [T, B, ...]."""
        if self.lock_step:
            return rows[:, None]
        batch = np.zeros((self._n_tasks, self.batch_size, *rows.shape[1:]), dtype=rows.dtype)
        batch[self.tasks, self.places] = rows
        return batch

    def to_rows(self, batch: torch.Tensor) -> npt.NDArray[np.generic]:
        """Collect rows [N, ...] from a batch [T, B, ...]."""
        array: npt.NDArray[np.generic] = batch.cpu().numpy()
        return array[:, 0] if self.lock_step else array[self.tasks, self.places]

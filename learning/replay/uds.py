"""UDS and CDS: a task's update also sees the other tasks' transitions, relabelled.

UDS (Yu et al., ICML 2022, arXiv 2202.01741) gives every transition of another task the smallest
reward. CDS (Yu et al., NeurIPS 2021, arXiv 2109.08128) keeps only those whose value for the task is
above a quantile of the own transitions' values:

    another task's (s, a) is kept for task i  where  Q_i,1(s, a) > the q-quantile of Q_i,1 over the
    task's own part of the batch

Both papers learn offline; this is the online form that QMP (arXiv 2302.00671) compares with. A task
of T gets B transitions of its own and B // (T - 1), at least one, of each other task. Whether the
task would have ended at another's transition is not known: ``terminated`` stays the other task's.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
import torch
from dowel import tabular

from learning.q_functions import TwinCritics
from learning.replay.data_sharing import DataSharing
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_layout import TransitionBatch


class SharedTransitions(DataSharing):
    """Own transitions first, then those of the other tasks.

    What is dropped stays in the batch with weight 0, so that shapes are the same at every update.

    Args:
        n_tasks: T, at least 2.
        quantile: q; 0 keeps all.
        min_rewards: Reward of another task's transition by task [T]; None: what the task would have
            paid, which the buffer must store.
    """

    def __init__(
        self, *, n_tasks: int, quantile: float, min_rewards: npt.NDArray[np.float32] | None
    ) -> None:
        self._n_tasks = n_tasks
        self._quantile = quantile
        self._min_rewards = None
        if min_rewards is not None:
            self._min_rewards = torch.from_numpy(min_rewards).unsqueeze(1)
        self._kept: torch.Tensor | None = None
        self._n_batches = 0

    def draw(
        self,
        replay_buffer: MultiTaskReplayBuffer,
        critics: TwinCritics,
        batch_size: int,
        device: torch.device,
    ) -> TransitionBatch:
        """See :meth:`DataSharing.draw`; the batch axis is B + (T - 1) max(1, B // (T - 1)) long."""
        sources = source_tasks(self._n_tasks, batch_size)
        batch = replay_buffer.sample_from(sources, relabel=self._min_rewards is None)
        if self._min_rewards is not None:
            batch.rewards[:, batch_size:] = self._min_rewards
        batch = batch.to(device)
        if self._quantile == 0.0:
            return batch
        return self._drop_worse(batch, critics, batch_size)

    @torch.no_grad()
    def _drop_worse(
        self, batch: TransitionBatch, critics: TwinCritics, n_own: int
    ) -> TransitionBatch:
        """Return the batch with weights."""
        values = critics.first(batch.observations, batch.actions).float()
        threshold = torch.quantile(values[:, :n_own], self._quantile, dim=1, keepdim=True)
        weights = (values > threshold).float()
        weights[:, :n_own] = 1.0
        # Added up where they are, since asking for numbers would wait for a GPU at every update.
        kept = weights[:, n_own:].mean(dim=1, dtype=torch.float64)
        self._kept = kept if self._kept is None else self._kept + kept
        self._n_batches += 1
        return batch.weighted(weights)

    def record(self, task_names: tuple[str, ...]) -> None:
        """Log the share of the others' transitions kept, mean over updates; NaN without one."""
        if self._quantile == 0.0:
            return
        if self._kept is None:
            shares = np.full(self._n_tasks, np.nan)
        else:
            shares = self._kept.cpu().numpy() / self._n_batches
        for name, share in zip(task_names, shares, strict=True):
            tabular.record(f"Data/{name}/SharedShare", share)
        self._kept = None
        self._n_batches = 0


@functools.cache
def source_tasks(n_tasks: int, batch_size: int) -> npt.NDArray[np.int64]:
    """Return whose buffer each transition of a batch comes from.

    Returns:
        Shape [T, B + (T - 1) max(1, B // (T - 1))]: ``batch_size`` times the own task i, then as
        often as each other the tasks i + 1, i + 2, ... (modulo T).
    """
    n_each = max(1, batch_size // (n_tasks - 1))
    counts = [batch_size, *[n_each] * (n_tasks - 1)]
    steps = np.repeat(np.arange(n_tasks), counts)
    sources = (np.arange(n_tasks)[:, None] + steps) % n_tasks
    sources.flags.writeable = False
    return sources

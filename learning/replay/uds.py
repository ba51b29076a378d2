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
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch

from environments import TaskSet
from learning.errors import ConfigError
from learning.options import OptionGroup
from learning.q_functions.twin_critics import TwinCritics
from learning.replay.data_sharing import DataParts, DataSharing
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_batch import TransitionBatch
from learning.replay.uds_options import UDSOptions


class UDS(DataSharing):
    """Own transitions first, then those of the other tasks.

    What is dropped stays in the batch with weight 0, so that shapes are the same at every update.

    Args:
        parts: What it is built from.
        options: Its own `Options`.

    Raises:
        ConfigError: There is no other task, or the task set cannot say what the other tasks'
            transitions are worth.
    """

    Options: ClassVar[type[OptionGroup]] = UDSOptions
    options: UDSOptions

    def __init__(self, parts: DataParts, options: UDSOptions) -> None:
        super().__init__(parts, options)
        task_set = parts.task_set
        if task_set.n_tasks < 2:
            raise ConfigError(
                f"{task_set.id} has one task, so there is no data to share; choose another "
                "method, or data = 'own'"
            )
        self._n_tasks = task_set.n_tasks
        self.stores_all_rewards = options.relabel == "true_reward"
        self._min_rewards: torch.Tensor | None = None
        if not self.stores_all_rewards:
            self._min_rewards = _min_rewards(task_set)
        elif not task_set.relabels:
            raise ConfigError(
                f"relabel = 'true_reward': {task_set.id} does not say what reward its tasks would "
                "have given for one another's steps; give --relabel min_reward"
            )
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
        batch = replay_buffer.sample_from(sources, relabel=self.stores_all_rewards, device=device)
        if self._min_rewards is not None:
            self._min_rewards = self._min_rewards.to(device)
            # In place: a batch is gathered, and the store keeps the true rewards.
            batch.rewards[:, batch_size:] = self._min_rewards
        if self.options.sharing_quantile == 0.0:
            return batch
        return self._drop_worse(batch, critics, batch_size)

    @torch.no_grad()
    def _drop_worse(
        self, batch: TransitionBatch, critics: TwinCritics, n_own: int
    ) -> TransitionBatch:
        """Return the batch with weights."""
        values = critics.first(batch.observations, batch.actions).float()
        quantile = self.options.sharing_quantile
        threshold = torch.quantile(values[:, :n_own], quantile, dim=1, keepdim=True)
        weights = (values > threshold).float()
        weights[:, :n_own] = 1.0
        # Added up where they are, since asking for numbers would wait for a GPU at every update.
        kept = weights[:, n_own:].mean(dim=1, dtype=torch.float64)
        self._kept = kept if self._kept is None else self._kept + kept
        self._n_batches += 1
        return batch.weighted(weights)

    def read_statistics(self, task_names: tuple[str, ...]) -> dict[str, float]:
        """Return the share of the others' transitions kept, mean over updates; NaN without one."""
        if self.options.sharing_quantile == 0.0:
            return {}
        shares = np.full(self._n_tasks, np.nan)
        if self._kept is not None:
            shares = self._kept.cpu().numpy() / self._n_batches
        self._kept = None
        self._n_batches = 0
        return {
            f"Data/{name}/SharedShare": float(share)
            for name, share in zip(task_names, shares, strict=True)
        }


class CDS(UDS):
    """UDS whose preset keeps the top tenth; what sets the two apart is `sharing_quantile`.

    Args:
        parts: What it is built from.
        options: Its own `Options`.
    """


def _min_rewards(task_set: TaskSet) -> torch.Tensor:
    """Return the smallest reward of each task, float32 [T, 1].

    Raises:
        ConfigError: The task set does not say.
    """
    given = [reward for reward in task_set.min_reward if reward is not None]
    if len(given) < task_set.n_tasks:
        instead = "--relabel true_reward" if task_set.relabels else "another method"
        raise ConfigError(
            f"relabel = 'min_reward': {task_set.id} does not say what its smallest reward is; "
            f"choose {instead}"
        )
    return torch.tensor(given, dtype=torch.float32).unsqueeze(1)


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
    # The cache hands this very array to every caller.
    sources.flags.writeable = False
    return sources

"""One store for the transitions of all tasks.

A transition is one row of float32 numbers, [observation, action, next observation, reward,
terminated], so that a batch of every task is one gather. Each task has a ring of its own in one
array [T, capacity, row]. Rewards are stored as the environment gave them; where data is shared with
its true rewards, a row also has the reward by every task's rule.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import torch

from learning.errors import ConfigError, SnapshotError
from learning.garage_bridge.env_infos import REWARDS_OF_ALL_TASKS, TASK_ID
from learning.garage_bridge.garage_compat import EpisodeBatch, StepType
from learning.replay.transition_batch import TransitionBatch
from learning.replay.transition_layout import TransitionLayout


@dataclasses.dataclass(frozen=True, kw_only=True)
class StoredRows:
    """Consecutive transitions of every task, for a snapshot.

    Attributes:
        starts: How many transitions each task had ever seen before the first here, int64 [T].
        counts: How many are here, int64 [T].
        rows: Task after task, float32 [sum(counts), row].
    """

    starts: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.float32]


class MultiTaskReplayBuffer:
    """All tasks' transitions, drawn uniformly with replacement.

    Args:
        n_tasks: Tasks T.
        observation_size: O, without the task's one-hot.
        action_size: A.
        capacity: Transitions kept of each task; the oldest give way.
        random: The stream that batches are drawn from.
        stores_all_rewards: Whether rows hold the reward by every task's rule, which what is added
            must have then.
    """

    def __init__(
        self,
        *,
        n_tasks: int,
        observation_size: int,
        action_size: int,
        capacity: int,
        random: np.random.Generator,
        stores_all_rewards: bool = False,
    ) -> None:
        self.n_tasks = n_tasks
        self.capacity = capacity
        self.random = random
        self._layout = TransitionLayout(
            observation_size=observation_size,
            action_size=action_size,
            n_relabelled=n_tasks if stores_all_rewards else 0,
        )
        try:
            # Pages that were never written take no memory.
            self._rows = np.empty((n_tasks, capacity, self._layout.size), dtype=np.float32)
        except MemoryError as error:
            gibibytes = n_tasks * capacity * self._layout.size * 4 / 2**30
            raise ConfigError(
                f"a replay buffer of {capacity:,} transitions for each of {n_tasks} tasks needs "
                f"{gibibytes:.1f} GiB, more than can be had: lower --replay_buffer_size"
            ) from error
        # The same memory: what is added to the rows can be drawn from here.
        self._flat = torch.from_numpy(self._rows).view(-1, self._layout.size)
        self._own = np.arange(n_tasks)[:, None]
        self._added = np.zeros(n_tasks, dtype=np.int64)

    @property
    def added(self) -> npt.NDArray[np.int64]:
        """Transitions ever added, a number a task [T]."""
        return self._added.copy()

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Transitions held now, a number a task [T]."""
        return np.minimum(self._added, self.capacity)

    def mean_rewards(self) -> npt.NDArray[np.float64]:
        """Return the mean of the rewards held, a number a task [T]; 0 where there are none."""
        rewards = self._rows[:, :, self._layout.reward]
        held = zip(rewards, self.sizes, strict=True)
        return np.array([own[:n].mean(dtype=np.float64) if n else 0.0 for own, n in held])

    @property
    def n_bytes(self) -> int:
        """Memory that a full buffer takes, in bytes."""
        return self._rows.nbytes

    @property
    def n_transitions_stored(self) -> int:
        """T times what the emptiest task holds: the number that a minimum is compared with."""
        return int(self.sizes.min()) * self.n_tasks

    def add_episodes(self, episodes: EpisodeBatch) -> None:
        """Add what was gathered: any tasks in any order, whole episodes or fragments.

        Args:
            episodes: Observations end in the task's one-hot, which is not stored; `env_infos` has
                `TASK_ID` and, where this buffer stores them, `REWARDS_OF_ALL_TASKS`.

        Raises:
            RuntimeError: All tasks' rewards are to be stored, and these episodes have none.
        """
        layout, infos = self._layout, episodes.env_infos
        if layout.n_relabelled and REWARDS_OF_ALL_TASKS not in infos:
            raise RuntimeError("this buffer stores all tasks' rewards, and there are none")
        tasks = infos[TASK_ID].astype(np.int64)
        counts = np.bincount(tasks, minlength=self.n_tasks)
        slots, kept = self._slots_of(tasks, counts)
        # A view, since the store is one piece: what is written here is stored.
        rows = self._rows.reshape(-1, layout.size)
        observations = episodes.observations[:, : layout.observation_size]
        # Where more comes than a ring holds, the first of it is left out: NumPy does not say which
        # of two writes to one place would stay.
        held: slice | npt.NDArray[np.bool_] = slice(None) if kept.all() else kept
        at = slots[held]
        rows[at, layout.observation] = observations[held]
        rows[at, layout.action] = episodes.actions[held]
        rows[at, layout.reward] = episodes.rewards[held]
        rows[at, layout.terminated] = 0.0
        if layout.n_relabelled:
            rows[at, layout.rewards_of_all_tasks] = infos[REWARDS_OF_ALL_TASKS][held]
        # The next observation is the next row's, but at the end of a fragment.
        before_another = held if isinstance(held, slice) else held[:-1]
        rows[slots[:-1][before_another], layout.next_observation] = observations[1:][before_another]
        ends = np.cumsum(episodes.lengths) - 1
        last = kept[ends]
        at_ends = slots[ends[last]]
        last_observations = episodes.last_observations[last, : layout.observation_size]
        rows[at_ends, layout.next_observation] = last_observations
        rows[at_ends, layout.terminated] = episodes.step_types[ends[last]] == StepType.TERMINAL
        self._added += counts

    def _slots_of(
        self, tasks: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Return where transitions of these tasks [N] go, and which of them a ring still holds."""
        # Stable, so that a task's transitions stay in the order of time.
        order = np.argsort(tasks, kind="stable")
        starts = np.cumsum(counts) - counts
        ranks = np.empty_like(order)
        ranks[order] = np.arange(len(order)) - np.repeat(starts, counts)
        slots = tasks * self.capacity + (self._added[tasks] + ranks) % self.capacity
        return slots, ranks >= counts[tasks] - self.capacity

    def add_rows(self, task: int, rows: npt.NDArray[np.float32]) -> None:
        """Add rows [n, row] of one task; of more than ``capacity`` the last ones stay."""
        kept = rows[-self.capacity :]
        first = int(self._added[task]) + len(rows) - len(kept)
        self._rows[task, self._slots(first, len(kept))] = kept
        self._added[task] += len(rows)

    def sample_transitions(
        self,
        batch_size: int,
        random: np.random.Generator | None = None,
        *,
        device: torch.device | None = None,
    ) -> TransitionBatch:
        """Draw ``batch_size`` transitions of every task, uniformly with replacement.

        Args:
            batch_size: B.
            random: Another stream to draw from than the buffer's own.
            device: Where the batch shall be; None: the CPU.

        Raises:
            RuntimeError: A task has none yet.
        """
        random = self.random if random is None else random
        return self._layout.unpack(self._gather(self._own, batch_size, random, device))

    def sample_from(
        self,
        sources: npt.NDArray[np.int64],
        *,
        relabel: bool = False,
        device: torch.device | None = None,
    ) -> TransitionBatch:
        """Draw a batch of every task from the tasks named, uniformly, with replacement.

        Args:
            sources: Whose transition each one of the batch is, shape [T, N].
            relabel: Whether its reward is by task i's rule, for all of row i; else that of the task
                it is of.
            device: Where the batch shall be; None: the CPU.

        Raises:
            RuntimeError: A task has none yet, or rewards of all tasks are not stored.
        """
        if relabel and not self._layout.n_relabelled:
            raise RuntimeError("this buffer does not store all tasks' rewards")
        rows = self._gather(sources, sources.shape[1], self.random, device)
        return self._layout.unpack(rows, relabel=relabel)

    def _gather(
        self,
        sources: npt.NDArray[np.int64],
        n: int,
        random: np.random.Generator,
        device: torch.device | None,
    ) -> torch.Tensor:
        """Draw rows [T, n, row] from the tasks ``sources``, [T, n] or a task a row [T, 1]."""
        sizes = self.sizes
        if not sizes.all():
            raise RuntimeError(f"tasks {np.flatnonzero(sizes == 0).tolist()} have no transitions")
        # Always below the size: no float64 below 1 lets the product round up to it.
        drawn = random.random((self.n_tasks, n)) * sizes[sources]
        index = drawn.astype(np.int64) + sources * self.capacity
        rows = self._flat.index_select(0, torch.from_numpy(index.reshape(-1)))
        # The one transfer of a batch: what is made of it are views.
        return rows.to(device, non_blocking=True).view(self.n_tasks, n, -1)

    def rows_since(self, added: npt.NDArray[np.int64]) -> StoredRows:
        """Return what was added since each task had seen ``added`` [T] transitions, if still held.

        Raises:
            ValueError: The buffer has not seen so many.
        """
        if (added > self._added).any():
            raise ValueError(f"only {self._added} transitions were added, not {added}")
        starts = np.maximum(added, self._added - self.capacity)
        counts = self._added - starts
        parts = [
            self._rows[task, self._slots(int(starts[task]), int(counts[task]))]
            for task in range(self.n_tasks)
        ]
        return StoredRows(starts=starts, counts=counts, rows=np.concatenate(parts))

    def restore(self, chunks: list[StoredRows], added: npt.NDArray[np.int64]) -> None:
        """Fill the buffer from a snapshot's chunks, oldest first.

        Raises:
            SnapshotError: The chunks are of other tasks or leave a gap.
        """
        held = np.maximum(0, added - self.capacity)
        for chunk in chunks:
            if chunk.rows.shape != (int(chunk.counts.sum()), self._layout.size):
                raise SnapshotError(
                    f"a replay chunk has shape {chunk.rows.shape}; this environment's transitions "
                    f"have {self._layout.size} numbers"
                )
            if (chunk.starts > held).any():
                raise SnapshotError("the replay chunks of this snapshot leave a gap")
            splits = np.split(chunk.rows, np.cumsum(chunk.counts)[:-1])
            for task, rows in enumerate(splits):
                self._rows[task, self._slots(int(chunk.starts[task]), len(rows))] = rows
            held = np.maximum(held, chunk.starts + chunk.counts)
        if (held != added).any():
            raise SnapshotError(f"the replay chunks end at {held} transitions, not at {added}")
        self._added = added.copy()

    def _slots(self, first: int, count: int) -> npt.NDArray[np.int64]:
        return np.arange(first, first + count) % self.capacity

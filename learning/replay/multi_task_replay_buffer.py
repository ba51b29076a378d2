"""One store for the transitions of all tasks.

A transition is one row of float32 numbers, [observation, action, next observation, reward,
terminated], so that a batch of every task is one gather. Each task has a ring of its own in one
array [T, capacity, row]. Rewards are stored as the environment gave them.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from learning.errors import ConfigError, SnapshotError
from learning.replay.transition_layout import TransitionBatch, TransitionLayout


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

    It has the methods of garage's PathBuffer that garage's SAC calls.

    Args:
        n_tasks: Tasks T.
        observation_size: O, without the task's one-hot.
        action_size: A.
        capacity: Transitions kept of each task; the oldest give way.
        random: The stream that batches are drawn from.
    """

    def __init__(
        self,
        *,
        n_tasks: int,
        observation_size: int,
        action_size: int,
        capacity: int,
        random: np.random.Generator,
    ) -> None:
        self.n_tasks = n_tasks
        self.capacity = capacity
        self.random = random
        self._layout = TransitionLayout(observation_size=observation_size, action_size=action_size)
        try:
            # Pages that were never written take no memory.
            self._rows = np.empty((n_tasks, capacity, self._layout.size), dtype=np.float32)
        except MemoryError as error:
            gibibytes = n_tasks * capacity * self._layout.size * 4 / 2**30
            raise ConfigError(
                f"a replay buffer of {capacity:,} transitions for each of {n_tasks} tasks needs "
                f"{gibibytes:.1f} GiB, more than can be had: lower --replay_buffer_size"
            ) from error
        self._flat = torch.from_numpy(self._rows).view(-1, self._layout.size)
        self._row_starts = (np.arange(n_tasks) * capacity)[:, None]
        self._added = np.zeros(n_tasks, dtype=np.int64)

    @property
    def added(self) -> npt.NDArray[np.int64]:
        """Transitions ever added, a number a task [T]."""
        return self._added.copy()

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Transitions held now, a number a task [T]."""
        return np.minimum(self._added, self.capacity)

    @property
    def n_transitions_stored(self) -> int:
        """T times what the emptiest task holds: the number that a minimum is compared with."""
        return int(self.sizes.min()) * self.n_tasks

    def add_path(self, path: dict[str, npt.NDArray[Any]]) -> None:
        """Add consecutive transitions of one task.

        Args:
            path: garage's keys ``observation`` and ``next_observation`` [n, O + T], both with the
                task's one-hot, ``action`` [n, A], ``reward`` [n, 1] and ``terminal`` [n, 1].
        """
        task = int(path["observation"][0, self._layout.observation_size :].argmax())
        self.add_rows(task, self._layout.pack(path))

    def add_rows(self, task: int, rows: npt.NDArray[np.float32]) -> None:
        """Add rows [n, row] of one task; of more than ``capacity`` the last ones stay."""
        kept = rows[-self.capacity :]
        first = int(self._added[task]) + len(rows) - len(kept)
        self._rows[task, self._slots(first, len(kept))] = kept
        self._added[task] += len(rows)

    def sample_transitions(self, batch_size: int) -> TransitionBatch:
        """Draw ``batch_size`` transitions of every task, uniformly with replacement.

        Raises:
            RuntimeError: A task has none yet.
        """
        sizes = self.sizes
        if not sizes.all():
            raise RuntimeError(f"tasks {np.flatnonzero(sizes == 0).tolist()} have no transitions")
        drawn = self.random.random((self.n_tasks, batch_size)) * sizes[:, None]
        index = drawn.astype(np.int64) + self._row_starts
        rows = self._flat.index_select(0, torch.from_numpy(index.reshape(-1)))
        return self._layout.unpack(rows.view(self.n_tasks, batch_size, -1))

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

"""A data sharing: some of a task's batch is the next task's, with the task's own rewards."""

import dataclasses

import numpy as np

from learning.errors import ConfigError
from learning.options import OptionGroup, option
from learning.replay.data_sharing import DataSharing


@dataclasses.dataclass(frozen=True, kw_only=True)
class NextTaskOptions(OptionGroup):
    next_share: float = option(
        0.25, at_least=0, at_most=1, source="chosen by me", help="Share of the next task's data."
    )


class NextTaskData(DataSharing):
    Options = NextTaskOptions
    stores_all_rewards = True

    def __init__(self, parts, options):
        super().__init__(parts, options)
        if not parts.task_set.relabels:
            raise ConfigError(f"{parts.task_set.id} cannot say what reward another task gives")
        self._tasks = np.arange(parts.task_set.n_tasks)

    def draw(self, replay_buffer, critics, batch_size, device):
        """Return a batch of every task, [T, B, ...]."""
        n_own = batch_size - round(self.options.next_share * batch_size)
        ahead = np.repeat([0, 1], [n_own, batch_size - n_own])
        sources = (self._tasks[:, None] + ahead) % len(self._tasks)
        return replay_buffer.sample_from(sources, relabel=True, device=device)


DATA_SHARINGS = {"next_task": NextTaskData}

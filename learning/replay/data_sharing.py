"""The data axis: whose transitions a task's update sees. This base: its own ("own")."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import torch

from environments import TaskSet
from learning.options import OptionGroup
from learning.q_functions.twin_critics import TwinCritics
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_batch import TransitionBatch


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class DataParts:
    """What every data sharing is built from, beside its options.

    Attributes:
        task_set: What knows the tasks and their rewards.
    """

    task_set: TaskSet


class DataSharing:
    """Every task's batch is drawn from its own transitions.

    Args:
        parts: What it is built from.
        options: Its own `Options`.

    Attributes:
        stores_all_rewards: Whether the reward by every task's rule must be gathered and stored with
            each step.
    """

    Options: ClassVar[type[OptionGroup]] = OptionGroup
    """The options that the data sharing reads."""

    stores_all_rewards = False

    def __init__(self, parts: DataParts, options: OptionGroup) -> None:
        del parts
        self.options = options

    def draw(
        self,
        replay_buffer: MultiTaskReplayBuffer,
        critics: TwinCritics,
        batch_size: int,
        device: torch.device,
    ) -> TransitionBatch:
        """Return a batch of every task, on ``device``.

        Args:
            replay_buffer: All tasks' transitions.
            critics: The online critics, which may say what is worth sharing.
            batch_size: Own transitions B of a task.
            device: Where the batch shall be.

        Raises:
            RuntimeError: A task has no transitions yet.
        """
        del critics
        return replay_buffer.sample_transitions(batch_size, device=device)

    def read_statistics(self, task_names: tuple[str, ...]) -> dict[str, float]:
        """Return what there is to say of the batches since the last call, by column; nothing."""
        del task_names
        return {}

"""The data axis: whose transitions a task's update sees. This base: its own ("own")."""

from __future__ import annotations

import torch

from learning.q_functions import TwinCritics
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_layout import TransitionBatch


class DataSharing:
    """Every task's batch is drawn from its own transitions."""

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
        return replay_buffer.sample_transitions(batch_size).to(device)

    def record(self, task_names: tuple[str, ...]) -> None:
        """Log what there is to say about the batches since the last call; nothing here."""
        del task_names

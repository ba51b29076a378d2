"""What the objective axis may change of an update; this base changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Literal

import torch

from learning.architectures import Architecture
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_layout import TransitionBatch
from learning.snapshots.state import State

Part = Literal["policy", "critics"]
"""Whose parameters are about to be optimized, as the log has it."""


class Objective:
    """The tasks' losses are added up and do not know each other ("none")."""

    def policy_penalty(
        self, policies: TanhGaussianPolicies, batch: TransitionBatch
    ) -> torch.Tensor | None:
        """Return what is added to the policies' losses, shape [T]; None: nothing.

        Args:
            policies: The tasks' policies.
            batch: The batch of the update.
        """
        del policies, batch
        return None

    @contextlib.contextmanager
    def gradients_of(self, part: Part, architecture: Architecture) -> Iterator[None]:
        """Put into the parameters' ``grad`` what the optimizer shall see.

        Losses are computed and their sum is differentiated inside.

        Args:
            part: Whose parameters are about to be optimized.
            architecture: Their network.
        """
        del part, architecture
        yield

    def end_epoch(
        self, epoch: int, policies: TanhGaussianPolicies, replay_buffer: MultiTaskReplayBuffer
    ) -> None:
        """Called after each epoch, its evaluation included."""
        del epoch, policies, replay_buffer

    def record(self) -> None:
        """Log what there is to say about the updates since the last call; nothing here."""

    def get_state(self) -> State:
        """Return all that later calls depend on."""
        return State()

    def set_state(self, state: State) -> None:
        """Go on from what :meth:`get_state` returned.

        Raises:
            SnapshotError: The state is of another objective.
        """
        del state

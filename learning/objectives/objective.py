"""What the objective axis may change of an update; this base changes nothing."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import ClassVar, Literal

import torch

from environments import TaskSet
from learning.architectures.architecture import Architecture
from learning.architectures.sharing import Sharing
from learning.options import OptionGroup
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_batch import TransitionBatch
from learning.snapshots.state import State

Part = Literal["policy", "critics"]
"""Whose parameters are about to be optimized, as the log has it."""

Backward = Callable[[torch.Tensor], None]
"""Differentiates losses, one a task: [T] of policies, [2, T] of critics."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ObjectiveParts:
    """What every objective is built from, beside its options.

    Attributes:
        task_set: What knows the tasks.
        policies: The tasks' own policies.
        batch_size: Own transitions B of a task in an update.
        lr: Learning rate of the policies.
        seed: The run's seed, for named random streams.
        device: Where the networks live.
    """

    task_set: TaskSet
    policies: TanhGaussianPolicies
    batch_size: int
    lr: float
    seed: int
    device: torch.device


class Objective:
    """The tasks' losses are added up and do not know each other ("none").

    Args:
        parts: What it is built from.
        options: Its own `Options`.
    """

    Options: ClassVar[type[OptionGroup]] = OptionGroup
    """The options that the objective reads."""

    def __init__(self, parts: ObjectiveParts, options: OptionGroup) -> None:
        del parts
        self.options = options

    @classmethod
    def problem_with(cls, options: OptionGroup, *, policy: Sharing, critics: Sharing) -> str | None:
        """Return why the objective has nothing to do over such networks; None: it has.

        Args:
            options: Its own `Options`.
            policy: What the tasks' policies hold in common.
            critics: What the tasks' critics hold in common.
        """
        del options, policy, critics
        return None

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
    def gradients_of(self, part: Part, architecture: Architecture) -> Iterator[Backward]:
        """Put into the parameters' ``grad`` what the optimizer shall see.

        Losses are computed inside, and then handed to what this yields.

        Args:
            part: Whose parameters are about to be optimized.
            architecture: Their network.
        """
        del part, architecture
        yield add_up

    def end_epoch(
        self, epoch: int, policies: TanhGaussianPolicies, replay_buffer: MultiTaskReplayBuffer
    ) -> None:
        """Do what is due after an epoch and its evaluation; nothing here."""
        del epoch, policies, replay_buffer

    def read_statistics(self) -> dict[str, float]:
        """Return what there is to say of the updates since the last call, by column; nothing."""
        return {}

    def get_state(self) -> State:
        """Return all that later calls depend on."""
        return State()

    def set_state(self, state: State) -> None:
        """Go on from what :meth:`get_state` returned.

        Raises:
            SnapshotError: The state is of another objective.
        """
        del state


def add_up(losses: torch.Tensor) -> None:
    """Differentiate the sum of all losses."""
    losses.sum().backward()  # type: ignore[no-untyped-call]

"""What every state encoder is: [T, B, O] -> [T, B, E], what the network behind it sees."""

from __future__ import annotations

import abc
import dataclasses
from typing import ClassVar

import torch

from environments import TaskKnowledge
from learning.architectures.initializers import Initializer
from learning.architectures.shared_linear import shared_parameters_of
from learning.options import OptionGroup


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class StateEncoderSpec:
    """Sizes, options, and what is known of the tasks.

    Attributes:
        n_tasks: Tasks T.
        observation_size: Numbers O of an observation.
        options: The encoder's own `Options`.
        tasks: What the task set knows of its tasks.
        initializer: How the weights are drawn.
    """

    n_tasks: int
    observation_size: int
    options: OptionGroup
    tasks: TaskKnowledge
    initializer: Initializer = "xavier_uniform"

    @property
    def n_groups(self) -> int:
        """Groups of rows: one, which twin critics have in common."""
        return 1


class StateEncoder(torch.nn.Module, abc.ABC):
    """A network for all tasks at once, before that of the policies or that of the critics.

    Policies and critics have one each; both twin critics have the same. The first axis of a
    parameter is 1 where several tasks' losses reach it, as a :class:`SharedLinear` has it, else T.

    Args:
        spec: What it is built from.
        generator: The random stream that the weights are drawn from.

    Attributes:
        spec: As given.
    """

    Options: ClassVar[type[OptionGroup]] = OptionGroup
    """The options that the encoder reads."""

    def __init__(self, spec: StateEncoderSpec, generator: torch.Generator) -> None:
        super().__init__()
        del generator
        self.spec = spec

    @property
    @abc.abstractmethod
    def output_size(self) -> int:
        """Numbers E that the network behind it sees of a state."""

    @abc.abstractmethod
    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Encode a batch of every task.

        Args:
            observations: Shape [T, B, O].

        Returns:
            Shape [T, B, E], float32.
        """

    def ask_all(self, observations: torch.Tensor) -> torch.Tensor:
        """Encode the same observations for every task.

        Args:
            observations: Shape [N, O].

        Returns:
            Shape [T, N, E], float32.
        """
        encoded: torch.Tensor = self(observations.unsqueeze(0).expand(self.spec.n_tasks, -1, -1))
        return encoded

    def shared_parameters(self) -> list[torch.nn.Parameter]:
        """Return the parameters that the losses of several tasks reach, [1, ...] each.

        Those of every :class:`SharedLinear`. An encoder with others of its own overrides this, and
        adds them.
        """
        return shared_parameters_of(self)

    def trained_by_critics(self) -> list[torch.Tensor]:
        """Return the parameters that the critics' losses alone train; none here.

        The policies' encoder holds a copy of the critics' then.
        """
        return []

    def following(self, rate: float) -> list[tuple[float, list[torch.Tensor]]]:
        """Return all parameters, by the share of each that goes into its target after an update.

        Args:
            rate: Share of those that have none of their own.
        """
        return [(rate, list(self.parameters()))]

"""What every task-batched network is: [rows, B, in] -> [rows, B, out]."""

from __future__ import annotations

import abc
from typing import ClassVar

import torch

from learning.architectures.architecture_options import ArchitectureOptions
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.row_resets import RowResets
from learning.architectures.shared_linear import shared_parameters_of
from learning.architectures.sharing import Sharing


class Architecture(torch.nn.Module, abc.ABC):
    """A network for all tasks at once.

    The first axis holds independent learners: ``n_groups`` groups of ``n_tasks`` rows, group
    after group. Twin critics are two groups; several seeds of one run would be more of them. An
    architecture may share parameters among the rows of one group, never between groups: so the
    first axis of a shared parameter is the groups, that of any other the rows.

    Args:
        spec: What it is built from.
        generator: The random stream that the weights are drawn from.

    Attributes:
        spec: As given.
    """

    Options: ClassVar[type[ArchitectureOptions]] = ArchitectureOptions
    """The options that the architecture reads."""

    sharing: ClassVar[Sharing] = "some"
    """What the tasks' networks hold in common. Where it is everything, all tasks have one network,
    which is not told the task; where it is nothing, no task's loss reaches another's parameters."""

    takes_blocks: ClassVar[bool] = False
    """Whether its hidden layers can be those of :class:`ResidualTrunk`."""

    row_resets: RowResets | None = None
    """What sets rows anew whose loss explodes; it hears the losses of every update. None: nothing
    does. An architecture around another one has the other's."""

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator) -> None:
        super().__init__()
        del generator
        self.spec = spec

    @property
    def n_tasks(self) -> int:
        """Tasks T, the rows of one group."""
        return self.spec.n_tasks

    @property
    def n_groups(self) -> int:
        """Groups G."""
        return self.spec.n_groups

    @property
    def input_size(self) -> int:
        """Numbers that enter a row."""
        return self.spec.input_size

    @property
    def output_sizes(self) -> tuple[int, ...]:
        """Numbers that leave a row, head after head."""
        return self.spec.output_sizes

    @abc.abstractmethod
    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once.

        Args:
            inputs: Shape [g * T, B, input_size], the first g <= G groups.

        Returns:
            Shape [g * T, B, sum(output_sizes)], float32.
        """

    def ask_all(self, inputs: torch.Tensor) -> torch.Tensor:
        """Ask every row of the first group about the same inputs.

        Args:
            inputs: Shape [N, input_size].

        Returns:
            Shape [T, N, sum(output_sizes)], float32.
        """
        outputs: torch.Tensor = self(inputs.unsqueeze(0).expand(self.n_tasks, -1, -1))
        return outputs

    def shared_parameters(self) -> list[torch.nn.Parameter]:
        """Return the parameters that the losses of several tasks reach, [G, ...] each.

        Those of every :class:`SharedLinear`. An architecture with others of its own overrides
        this, and adds them.
        """
        return shared_parameters_of(self)

    def following(self, rate: float) -> list[tuple[float, list[torch.Tensor]]]:
        """Return all parameters, by the share of each that goes into its target after an update.

        Args:
            rate: Share of those that have none of their own.
        """
        return [(rate, list(self.parameters()))]

    def take_over(self, critics: Architecture) -> None:
        """Copy, into a network of policies, what the losses of the critics train for both; nothing.

        Args:
            critics: The critics' network.
        """
        del critics

    def _by_group(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the rows' inputs [g * T, B, in] as [g, T * B, in], a group's task after task."""
        n_rows, batch_size, input_size = inputs.shape
        return inputs.reshape(n_rows // self.n_tasks, self.n_tasks * batch_size, input_size)

"""What every task-batched network is: [rows, B, in] -> [rows, B, out]."""

from __future__ import annotations

import abc
from typing import TypedDict, Unpack

import torch

from learning.architectures.batched_linear import Initializer


class ArchitectureArguments(TypedDict):
    """What every architecture is built from.

    Attributes:
        n_tasks: Tasks T, the rows of one group.
        n_groups: Groups G.
        input_size: Numbers that enter a row.
        output_sizes: Numbers that leave a row, head after head. Each head is initialised as a
            layer of its own, as garage does for mean and log standard deviation.
        hidden_sizes: Width of each hidden layer.
        initializer: How the weights are drawn.
        generator: The random stream that they are drawn from.
    """

    n_tasks: int
    n_groups: int
    input_size: int
    output_sizes: tuple[int, ...]
    hidden_sizes: tuple[int, ...]
    initializer: Initializer
    generator: torch.Generator


class Architecture(torch.nn.Module, abc.ABC):
    """A network for all tasks at once.

    The first axis holds independent learners: ``n_groups`` groups of ``n_tasks`` rows, group
    after group. Twin critics are two groups; several seeds of one run would be more of them. An
    architecture may share parameters among the rows of one group, never between groups.

    Args:
        **arguments: See :class:`ArchitectureArguments`.
    """

    def __init__(self, **arguments: Unpack[ArchitectureArguments]) -> None:
        super().__init__()
        self.n_tasks = arguments["n_tasks"]
        self.n_groups = arguments["n_groups"]
        self.input_size = arguments["input_size"]
        self.output_sizes = arguments["output_sizes"]

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

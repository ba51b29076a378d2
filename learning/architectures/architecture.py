"""What every task-batched network is: [rows, B, in] -> [rows, B, out]."""

from __future__ import annotations

import abc

import torch


class Architecture(torch.nn.Module, abc.ABC):
    """A network for all tasks at once.

    The first axis holds independent learners: ``n_groups`` groups of ``n_tasks`` rows, group
    after group. Twin critics are two groups; several seeds of one run would be more of them. An
    architecture may share parameters among the rows of one group, never between groups.

    Args:
        n_tasks: Tasks T, the rows of one group.
        n_groups: Groups G.
        input_size: Numbers that enter a row.
        output_sizes: Numbers that leave a row, head after head. Each head is initialised as a
            layer of its own, as garage does for mean and log standard deviation.
    """

    def __init__(
        self, *, n_tasks: int, n_groups: int, input_size: int, output_sizes: tuple[int, ...]
    ) -> None:
        super().__init__()
        self.n_tasks = n_tasks
        self.n_groups = n_groups
        self.input_size = input_size
        self.output_sizes = output_sizes

    @abc.abstractmethod
    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once.

        Args:
            inputs: Shape [g * T, B, input_size], the first g <= G groups.

        Returns:
            Shape [g * T, B, sum(output_sizes)], float32.
        """

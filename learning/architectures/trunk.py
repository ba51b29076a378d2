"""The hidden layers that all tasks of a group share."""

from __future__ import annotations

import torch

from learning.architectures.batched_linear import Initializer
from learning.architectures.shared_linear import SharedLinear


class Trunk(torch.nn.Module):
    """ReLU layers, a set a group.

    Args:
        n_groups: Groups G.
        n_tasks: Tasks T of a group.
        input_size: Numbers that enter.
        hidden_sizes: Width of each layer.
        initializer: How the weights are drawn.
        generator: The random stream that they are drawn from.
    """

    def __init__(
        self,
        *,
        n_groups: int,
        n_tasks: int,
        input_size: int,
        hidden_sizes: tuple[int, ...],
        initializer: Initializer,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.layers = torch.nn.ModuleList(
            SharedLinear(
                n_groups=n_groups,
                n_tasks=n_tasks,
                input_size=width,
                output_sizes=(size,),
                initializer=initializer,
                generator=generator,
            )
            for width, size in zip((input_size, *hidden_sizes), hidden_sizes, strict=False)
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [g, N, in] to [g, N, hidden_sizes[-1]]."""
        hidden = inputs
        for layer in self.layers:
            hidden = layer(hidden).relu_()
        return hidden

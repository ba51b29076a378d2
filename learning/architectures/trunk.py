"""The hidden layers that all tasks of a group share."""

from __future__ import annotations

from typing import Unpack

import torch

from learning.architectures.architecture import ArchitectureArguments
from learning.architectures.shared_linear import SharedLinear


class Trunk(torch.nn.Module):
    """ReLU layers, a set a group.

    Args:
        **arguments: Those of the architecture that it is the trunk of; `output_sizes` are not its.
    """

    def __init__(self, **arguments: Unpack[ArchitectureArguments]) -> None:
        super().__init__()
        hidden_sizes = arguments["hidden_sizes"]
        widths = (arguments["input_size"], *hidden_sizes)
        self.layers = torch.nn.ModuleList(
            SharedLinear(
                n_groups=arguments["n_groups"],
                n_tasks=arguments["n_tasks"],
                input_size=width,
                output_sizes=(size,),
                initializer=arguments["initializer"],
                generator=arguments["generator"],
            )
            for width, size in zip(widths, hidden_sizes, strict=False)
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [g, N, in] to [g, N, hidden_sizes[-1]]."""
        hidden = inputs
        for layer in self.layers:
            hidden = layer(hidden).relu_()
        return hidden

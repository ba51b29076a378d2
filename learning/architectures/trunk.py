"""The hidden layers that all tasks of a group share."""

from __future__ import annotations

import torch

from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.residual_trunk import ResidualTrunk
from learning.architectures.shared_linear import SharedLinear


class Trunk(torch.nn.Module):
    """ReLU layers, a set a group.

    Args:
        spec: That of the architecture that it is the trunk of; `output_sizes` are not its.
        generator: The random stream that the weights are drawn from.
    """

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator) -> None:
        super().__init__()
        hidden_sizes = spec.options.hidden_sizes
        widths = (spec.input_size, *hidden_sizes)
        self.layers = torch.nn.ModuleList(
            SharedLinear(
                n_groups=spec.n_groups,
                n_tasks=spec.n_tasks,
                input_size=width,
                output_sizes=(size,),
                initializer=spec.initializer,
                generator=generator,
            )
            # Not strict: the last width is what the trunk hands on.
            for width, size in zip(widths, hidden_sizes, strict=False)
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [g, N, in] to [g, N, hidden_sizes[-1]]."""
        hidden = inputs
        for layer in self.layers:
            # In place, as in `SeparateArchitecture`.
            hidden = layer(hidden).relu_()
        return hidden


def make_trunk(spec: ArchitectureSpec, generator: torch.Generator) -> Trunk | ResidualTrunk:
    """Return the hidden layers that a spec asks for, which a group's tasks share."""
    if spec.n_blocks is None:
        return Trunk(spec, generator)
    return ResidualTrunk(spec, generator, shared=True)

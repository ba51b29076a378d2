"""Hidden layers with layer normalisation and residual blocks.

The network of BRO (Nauman et al., NeurIPS 2024, arXiv 2405.16158) and BRC (Nauman et al. 2025,
arXiv 2505.23150): of inputs x,

    h = ReLU(LN(Dense(x))),    then for each block    h <- h + LN(Dense(ReLU(LN(Dense(h)))))

All layers have one width. Under autocast the products alone are bfloat16, h stays float32.
"""

from __future__ import annotations

import torch

from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.batched_linear import BatchedLinear
from learning.architectures.layer_norm import BatchedLayerNorm, SharedLayerNorm
from learning.architectures.shared_linear import SharedLinear


class ResidualTrunk(torch.nn.Module):
    """A first layer and `n_blocks` blocks, a set a row or a set a group.

    Args:
        spec: That of the architecture that it is the trunk of; its width is the last of the
            `hidden_sizes`.
        generator: The random stream that the weights are drawn from.
        shared: Whether the tasks of a group share it.

    Raises:
        ValueError: The spec is of a network without blocks.
    """

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator, *, shared: bool) -> None:
        super().__init__()
        if spec.n_blocks is None:
            raise ValueError("a residual trunk needs a number of blocks")
        width = spec.options.hidden_sizes[-1]

        def layer(input_size: int) -> tuple[BatchedLinear, BatchedLayerNorm]:
            return _dense(spec, generator, input_size, shared=shared), _norm(spec, shared=shared)

        # In place: the gradient of what normalises needs what entered it, ReLU's what leaves it.
        relu = torch.nn.ReLU(inplace=True)
        self.first = torch.nn.Sequential(*layer(spec.input_size), relu)
        self.blocks = torch.nn.ModuleList(
            torch.nn.Sequential(*layer(width), relu, *layer(width)) for _ in range(spec.n_blocks)
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [r, N, in] to [r, N, width]; rows are groups where it is shared."""
        hidden: torch.Tensor = self.first(inputs)
        for block in self.blocks:
            hidden = hidden + block(hidden)
        return hidden


def _dense(
    spec: ArchitectureSpec, generator: torch.Generator, input_size: int, *, shared: bool
) -> BatchedLinear:
    output_sizes = spec.options.hidden_sizes[-1:]
    if shared:
        return SharedLinear(
            n_groups=spec.n_groups,
            n_tasks=spec.n_tasks,
            input_size=input_size,
            output_sizes=output_sizes,
            initializer=spec.initializer,
            generator=generator,
        )
    return BatchedLinear(
        n_rows=spec.n_rows,
        input_size=input_size,
        output_sizes=output_sizes,
        initializer=spec.initializer,
        generator=generator,
    )


def _norm(spec: ArchitectureSpec, *, shared: bool) -> BatchedLayerNorm:
    width = spec.options.hidden_sizes[-1]
    return SharedLayerNorm(spec.n_groups, width) if shared else BatchedLayerNorm(spec.n_rows, width)

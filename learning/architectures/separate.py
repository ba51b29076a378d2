"""Separate networks: one multilayer perceptron a task, nothing shared.

The baseline "Separated" (No-Shared-Behaviors) of QMP (arXiv 2302.00671) and the networks under
its main result. T perceptrons are stacked weights and one batched matrix product a layer.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.batched_linear import BatchedLinear
from learning.architectures.residual_trunk import ResidualTrunk
from learning.architectures.sharing import Sharing


class SeparateArchitecture(Architecture):
    """ReLU perceptrons side by side, or residual ones.

    Args:
        spec: What it is built from.
        generator: The random stream that the weights are drawn from.
    """

    sharing: ClassVar[Sharing] = "nothing"
    takes_blocks: ClassVar[bool] = True

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator) -> None:
        super().__init__(spec, generator)
        hidden_sizes = spec.options.hidden_sizes
        widths: tuple[int, ...] = (self.input_size, *hidden_sizes)
        layers = [(size,) for size in hidden_sizes] + [self.output_sizes]
        self.trunk: ResidualTrunk | None = None
        if spec.n_blocks is not None:
            self.trunk = ResidualTrunk(spec, generator, shared=False)
            widths, layers = hidden_sizes[-1:], [self.output_sizes]
        self.layers = torch.nn.ModuleList(
            BatchedLinear(
                n_rows=spec.n_rows,
                input_size=width,
                output_sizes=outputs,
                initializer=spec.initializer,
                generator=generator,
            )
            for width, outputs in zip(widths, layers, strict=True)
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        # A slice of a ModuleList would be a new module, made at every pass.
        *hidden_layers, last_layer = self.layers
        hidden = inputs if self.trunk is None else self.trunk(inputs)
        for layer in hidden_layers:
            # In place: the product's gradient needs what entered it, ReLU's what leaves it.
            hidden = layer(hidden).relu_()
        outputs: torch.Tensor = last_layer(hidden)
        # Under autocast they are bfloat16.
        return outputs.float()

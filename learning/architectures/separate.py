"""Separate networks: one multilayer perceptron a task, nothing shared.

The baseline "Separated" (No-Shared-Behaviors) of QMP (arXiv 2302.00671) and the networks under
its main result. T perceptrons are stacked weights and one batched matrix product a layer.
"""

from __future__ import annotations

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.batched_linear import BatchedLinear, Initializer


class SeparateArchitecture(Architecture):
    """ReLU perceptrons side by side.

    Args:
        n_tasks: Tasks T.
        n_groups: Groups G of T rows.
        input_size: Numbers that enter a row.
        output_sizes: Numbers that leave a row, head after head.
        hidden_sizes: Width of each hidden layer.
        initializer: How the weights are drawn.
        generator: The random stream that they are drawn from.
    """

    def __init__(
        self,
        *,
        n_tasks: int,
        n_groups: int,
        input_size: int,
        output_sizes: tuple[int, ...],
        hidden_sizes: tuple[int, ...],
        initializer: Initializer,
        generator: torch.Generator,
    ) -> None:
        super().__init__(
            n_tasks=n_tasks, n_groups=n_groups, input_size=input_size, output_sizes=output_sizes
        )
        widths = (input_size, *hidden_sizes)
        layers = [(size,) for size in hidden_sizes] + [output_sizes]
        self.layers = torch.nn.ModuleList(
            BatchedLinear(
                n_rows=n_groups * n_tasks,
                input_size=width,
                output_sizes=outputs,
                initializer=initializer,
                generator=generator,
            )
            for width, outputs in zip(widths, layers, strict=True)
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        hidden = inputs
        for layer in self.layers[:-1]:
            hidden = layer(hidden).relu_()
        outputs: torch.Tensor = self.layers[-1](hidden)
        return outputs.float()

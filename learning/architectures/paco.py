"""PaCo: a task's network is composed of parameter sets that all tasks share.

Sun, Zhang, Xu, Tomizuka: PaCo: Parameter-Compositional Multi-Task Reinforcement Learning, NeurIPS
2022, arXiv 2210.11653. With K sets Phi of all of a network's parameters and K numbers w_i a task,

    theta_i = sum over k of  w_ik Phi_k

Composing a linear layer is composing its output, W_k x + b_k being linear in W_k and b_k; so each
layer's weights are composed once for a task's whole batch, and not K outputs for every sample.

Differences from the paper and from Meta-World+'s code:

* There w_i is a linear layer of the task's one-hot, with a bias that all tasks share. Here the bias
  is folded into the rows: the same w_i, each of which its own task's loss alone moves, as the paper
  says of it.
* The paper sets w_i of a task whose loss explodes anew; here `paco_reset_loss` says whether
  (:mod:`learning.architectures.row_resets`).
"""

from __future__ import annotations

from typing import ClassVar

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.architecture_options import ArchitectureOptions
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.linear_sets import LinearSets, draw_shares
from learning.architectures.paco_options import PaCoOptions
from learning.architectures.row_resets import RowResets


class ComposedLinear(torch.nn.Module):
    """A linear layer a task, composed of the group's K.

    Args:
        sets: The K layers of each group.
    """

    def __init__(self, sets: LinearSets) -> None:
        super().__init__()
        self.sets = sets

    def forward(self, inputs: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        """Map [g * T, B, in] to [g * T, B, out] by shares [g * T, K] of the K layers."""
        weight, bias = self.sets.compose(shares)
        return torch.baddbmm(bias, inputs, weight)


class PaCoArchitecture(Architecture):
    """K sets of ReLU perceptrons a group, and K numbers a row.

    Args:
        spec: What it is built from.
        generator: The random stream that the weights are drawn from.
    """

    Options: ClassVar[type[ArchitectureOptions]] = PaCoOptions

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator) -> None:
        super().__init__(spec, generator)
        assert isinstance(spec.options, PaCoOptions)
        n_sets, hidden_sizes = spec.options.paco_sets, spec.options.hidden_sizes
        widths = (self.input_size, *hidden_sizes)
        layers = [(size,) for size in hidden_sizes] + [self.output_sizes]
        self.layers = torch.nn.ModuleList(
            ComposedLinear(
                LinearSets(
                    spec,
                    n_sets=n_sets,
                    input_size=width,
                    output_sizes=outputs,
                    generator=generator,
                )
            )
            for width, outputs in zip(widths, layers, strict=True)
        )
        self.shares = draw_shares(spec, n_sets, generator)
        threshold = spec.options.paco_reset_loss
        if threshold is not None:
            self.row_resets = RowResets(self.shares, n_tasks=self.n_tasks, threshold=threshold)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        shares = self.shares[: len(inputs)]
        *hidden_layers, last_layer = self.layers
        hidden = inputs
        for layer in hidden_layers:
            hidden = layer(hidden, shares).relu_()
        outputs: torch.Tensor = last_layer(hidden, shares).float()
        # Frozen critics are asked by the policies' losses, which are judged by themselves.
        if self.row_resets is not None and self.shares.requires_grad and outputs.requires_grad:
            outputs.register_hook(self.row_resets.mask)  # type: ignore[no-untyped-call]
        return outputs

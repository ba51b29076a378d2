"""One linear layer a row, computed as one batched matrix product."""

from __future__ import annotations

import torch

from learning.architectures.initializers import Initializer, draw_weights


class BatchedLinear(torch.nn.Module):
    """Stacked weights: row r computes ``x[r] @ weight[r] + bias[r]``, or the product alone.

    Args:
        n_rows: Rows R.
        input_size: Inputs of a row.
        output_sizes: Outputs of a row, head after head; each head's weights are drawn with its
            own fan-out.
        initializer: How the weights are drawn; biases start at zero.
        generator: The random stream that the weights are drawn from.
        bias: Whether there are biases.

    Attributes:
        weight: Shape [R, in, out].
        bias: Shape [R, 1, out]; without biases it is None, as in :class:`torch.nn.Linear`.
    """

    weight: torch.nn.Parameter
    bias: torch.nn.Parameter

    def __init__(
        self,
        *,
        n_rows: int,
        input_size: int,
        output_sizes: tuple[int, ...],
        initializer: Initializer,
        generator: torch.Generator,
        bias: bool = True,
    ) -> None:
        super().__init__()
        weight = torch.empty(n_rows, input_size, sum(output_sizes))
        start = 0
        for size in output_sizes:
            draw_weights(weight[..., start : start + size], initializer, generator)
            start += size
        self.weight = torch.nn.Parameter(weight)
        if bias:
            self.bias = torch.nn.Parameter(torch.zeros(n_rows, 1, sum(output_sizes)))
        else:
            self.register_parameter("bias", None)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [r, B, in] to [r, B, out] with the first r rows' weights."""
        n_rows = inputs.shape[0]
        weight: torch.Tensor = self.weight
        bias: torch.Tensor | None = self._parameters["bias"]
        if n_rows != weight.shape[0]:
            weight, bias = weight[:n_rows], None if bias is None else bias[:n_rows]
        return multiply(inputs, weight, bias)


def multiply(
    inputs: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None
) -> torch.Tensor:
    """Return the inputs [r, B, in] times the rows' weights, and their biases added, [r, B, out]."""
    if bias is None:
        return torch.bmm(inputs, weight)
    return torch.baddbmm(bias, inputs, weight)

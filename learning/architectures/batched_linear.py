"""One linear layer a row, computed as one batched matrix product."""

from __future__ import annotations

import math
from typing import Literal

import torch

Initializer = Literal["xavier_uniform", "xavier_normal"]


class BatchedLinear(torch.nn.Module):
    """Stacked weights: row r computes ``x[r] @ weight[r] + bias[r]``.

    Args:
        n_rows: Rows R.
        input_size: Inputs of a row.
        output_sizes: Outputs of a row, head after head; each head's weights are drawn with its
            own fan-out.
        initializer: Xavier (Glorot) initialisation, uniform or normal; biases start at zero.
        generator: The random stream that the weights are drawn from.
    """

    def __init__(
        self,
        *,
        n_rows: int,
        input_size: int,
        output_sizes: tuple[int, ...],
        initializer: Initializer,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        weight = torch.empty(n_rows, input_size, sum(output_sizes))
        start = 0
        for size in output_sizes:
            head = weight[..., start : start + size]
            std = math.sqrt(2.0 / (input_size + size))
            if initializer == "xavier_uniform":
                bound = math.sqrt(3.0) * std
                head.uniform_(-bound, bound, generator=generator)
            else:
                head.normal_(0.0, std, generator=generator)
            start += size
        self.weight = torch.nn.Parameter(weight)
        self.bias = torch.nn.Parameter(torch.zeros(n_rows, 1, sum(output_sizes)))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [r, B, in] to [r, B, out] with the first r rows' weights."""
        weight, bias, n_rows = self.weight, self.bias, inputs.shape[0]
        if n_rows == weight.shape[0]:
            return torch.baddbmm(bias, inputs, weight)
        return torch.baddbmm(bias[:n_rows], inputs, weight[:n_rows])

"""Layer normalisation a row (Ba et al. 2016, arXiv 1607.06450).

    y = gain * (x - mean(x)) / sqrt(var(x) + 1e-6) + bias

with mean and variance over a row's numbers. The 1e-6 is flax's, in which BRC (arXiv 2505.23150) is
written; torch has 1e-5. Under autocast it is computed in float32.
"""

from __future__ import annotations

import torch

_EPSILON = 1e-6


class BatchedLayerNorm(torch.nn.Module):
    """A gain and a bias a row.

    Args:
        n_rows: Rows R.
        size: Numbers that are normalised together.

    Attributes:
        weight: The gains, shape [R, 1, size].
        bias: Shape [R, 1, size].
    """

    def __init__(self, n_rows: int, size: int) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(n_rows, 1, size))
        self.bias = torch.nn.Parameter(torch.zeros(n_rows, 1, size))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [r, B, size] to [r, B, size], float32, with the first r rows' numbers."""
        n_rows = inputs.shape[0]
        normal = torch.nn.functional.layer_norm(inputs, inputs.shape[-1:], eps=_EPSILON)
        return torch.addcmul(self.bias[:n_rows], normal, self.weight[:n_rows])


class SharedLayerNorm(BatchedLayerNorm):
    """A gain and a bias a group, which all of its tasks share: rows are groups here."""

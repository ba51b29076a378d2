"""How weights are drawn: Xavier (Glorot & Bengio 2010), or orthogonal (Saxe et al. 2014)."""

from __future__ import annotations

import math
from typing import Literal

import torch

Initializer = Literal["xavier_uniform", "xavier_normal", "orthogonal"]

_GAIN = math.sqrt(2.0)
"""Of orthogonal weights: what keeps the length of a vector that passes a ReLU."""


def draw_weights(
    weight: torch.Tensor, initializer: Initializer, generator: torch.Generator
) -> None:
    """Fill the weights of R layers, or of one head of each, in place.

    Args:
        weight: Shape [R, in, out].
        initializer: How they are drawn.
        generator: The random stream that they are drawn from.
    """
    _, input_size, output_size = weight.shape
    if initializer == "orthogonal":
        weight.copy_(_GAIN * _orthogonal(weight, generator))
        return
    std = math.sqrt(2.0 / (input_size + output_size))
    if initializer == "xavier_uniform":
        # Uniform numbers within +-b have the standard deviation b / sqrt(3).
        bound = math.sqrt(3.0) * std
        weight.uniform_(-bound, bound, generator=generator)
    else:
        weight.normal_(0.0, std, generator=generator)


def _orthogonal(weight: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return matrices like ``weight`` whose rows or columns, the fewer of them, are orthonormal."""
    n_layers, input_size, output_size = weight.shape
    long, short = max(input_size, output_size), min(input_size, output_size)
    normal = weight.new_empty((n_layers, long, short)).normal_(generator=generator)
    q: torch.Tensor
    q, r = torch.linalg.qr(normal)
    # With these signs they are uniform over all such matrices.
    q *= torch.diagonal(r, dim1=-2, dim2=-1).sign().unsqueeze(-2)
    return q if input_size >= output_size else q.mT

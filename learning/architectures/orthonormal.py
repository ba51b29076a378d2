"""Gram-Schmidt for many sets of vectors at once.

    v_k = h_k - sum over j < k of  (u_j . h_k) u_j,    u_k = v_k / (|v_k| + 1e-8)

The projections are subtracted one after another from what is left of h_k (the modified
Gram-Schmidt), which is the same and rounds less. Where those before it span a vector, v_k is of the
size of rounding errors: u_k is any direction then, and finite as its gradient is.
"""

from __future__ import annotations

import torch

_EPSILON = 1e-8


def orthonormal(vectors: torch.Tensor) -> torch.Tensor:
    """Make K vectors of each state orthonormal, in their order.

    Args:
        vectors: Shape [..., K, N, F], K vectors of F numbers in each of N states.

    Returns:
        The same shape, float32 (float64 where the vectors are).
    """
    rest = vectors.to(torch.promote_types(vectors.dtype, torch.float32))
    units: list[torch.Tensor] = []
    for _ in range(vectors.shape[-3]):
        first, rest = rest[..., :1, :, :], rest[..., 1:, :, :]
        units.append(first / (torch.linalg.vector_norm(first, dim=-1, keepdim=True) + _EPSILON))
        along = (rest * units[-1]).sum(dim=-1, keepdim=True)
        rest = torch.addcmul(rest, along, units[-1], value=-1)
    return torch.cat(units, dim=-3)

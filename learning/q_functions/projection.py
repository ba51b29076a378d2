"""The projection of a distribution onto atoms.

Equation 7 of C51 (Bellemare et al., ICML 2017, arXiv 1707.06887).

Probability p at a place between two atoms goes to both, to the nearer one more; at z_k + d,

    atom k gets  p (1 - d / step),    atom k + 1 gets  p d / step

On a GPU the order of the sums, and so their last bits, may differ from run to run (scatter_add).
What lies outside of the atoms goes to the outermost. Sums and, inside of the atoms, means stay.
"""

from __future__ import annotations

import torch


def project(places: torch.Tensor, probabilities: torch.Tensor, atoms: torch.Tensor) -> torch.Tensor:
    """Return the probabilities of the atoms, shape [..., N].

    Args:
        places: Where the probabilities are, shape [..., M].
        probabilities: Shape [..., M].
        atoms: Where they shall be, in steps of one size, rising, shape [N].
    """
    last = len(atoms) - 1
    step = (atoms[-1] - atoms[0]) / last
    steps = ((places - atoms[0]) / step).clamp(0.0, last)
    # The last atom has none above it: what lies there is a whole step above the one before.
    lower = steps.floor().clamp(max=last - 1)
    above = steps - lower
    index = lower.long()
    projected = probabilities.new_zeros((*places.shape[:-1], len(atoms)))
    projected.scatter_add_(-1, index, probabilities * (1.0 - above))
    projected.scatter_add_(-1, index + 1, probabilities * above)
    return projected

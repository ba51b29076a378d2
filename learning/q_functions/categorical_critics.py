"""Critics that learn the distribution of returns, over atoms.

C51's critics (Bellemare et al. 2017, arXiv 1707.06887) in soft actor-critic, as BRC has them
(Nauman et al. 2025, arXiv 2505.23150). Of atoms z_1 .. z_N from -b to b and critics k = 1, 2:

    p_k = softmax(f_k(s, a)),    Q_k = sum over n of  p_k,n z_n,    p = (p_1 + p_2) / 2
    target: p'(s', a') at  r + gamma (1 - terminated) (z_n - alpha log pi(a' | s')),  projected
    loss of critic k: the cross-entropy  - sum over n of  target_n log p_k,n

There is no smaller one of the two: what is trusted is the mean of the average distribution. A
return beyond b counts as b.
"""

from __future__ import annotations

import torch

from learning.architectures.architecture import Architecture
from learning.q_functions.critic_options import CriticOptions
from learning.q_functions.projection import project
from learning.q_functions.twin_critics import TwinCritics


class CategoricalCritics(TwinCritics):
    """p_1 and p_2 of T tasks.

    Args:
        architecture: Two groups of T rows, [observation, action] -> a logit an atom.
        options: How many atoms there are, and how far they reach.
    """

    _atoms: torch.Tensor

    def __init__(self, architecture: Architecture, options: CriticOptions) -> None:
        super().__init__(architecture, options)
        bound = options.return_bound
        atoms = torch.linspace(-bound, bound, options.critic_atoms)
        # Not persistent: they follow from the options.
        self.register_buffer("_atoms", atoms, persistent=False)

    def trusted(self, values: torch.Tensor) -> torch.Tensor:
        """Return the mean of the average distribution, of both means [2, ...]."""
        return values.mean(dim=0)

    def ahead(self, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """Return the average distribution that a target bootstraps from, shape [T, B, N]."""
        return self._logits(self.inputs(observations, actions)).softmax(dim=-1).mean(dim=0)

    def targets(
        self,
        ahead: torch.Tensor,
        penalty: torch.Tensor,
        rewards: torch.Tensor,
        factor: torch.Tensor,
    ) -> torch.Tensor:
        """Return the distribution that both critics are to learn, shape [T, B, N]; see the base."""
        places = self._atoms - penalty.unsqueeze(-1)
        places = rewards.unsqueeze(-1) + factor.unsqueeze(-1) * places
        return project(places, ahead, self._atoms)

    def errors(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the cross-entropy of each critic on each transition, [2, T, B]; see the base."""
        return -(targets * self._logits(inputs).log_softmax(dim=-1)).sum(dim=-1)

    def _logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the logits [2, T, B, N] of what :meth:`inputs` returned."""
        logits: torch.Tensor = self.architecture(inputs.flatten(0, 1))
        return logits.view(*inputs.shape[:-1], -1)

    def _values(self, rows: torch.Tensor) -> torch.Tensor:
        probabilities: torch.Tensor = self.architecture(rows).softmax(dim=-1)
        # No matrix product: under autocast that would be bfloat16.
        return (probabilities * self._atoms).sum(dim=-1, keepdim=True)

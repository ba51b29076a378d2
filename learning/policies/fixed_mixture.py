"""Mixtures with fixed weights: QMP's ablations "uniform" and "domain".

QMP (arXiv 2302.00671, version 1): task i acts with policy j with probability weights[i, j],
whatever the state; uniform: 1 / T each; domain: what is known of the tasks beforehand, for the
reacher the number of sub-goal segments that two tasks share.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import numpy.typing as npt
import torch

from learning.garage_bridge.garage_compat import EnvSpec
from learning.policies.mixture_policy import Proposals
from learning.policies.switching_mixture import MixtureArguments, SwitchingMixture


class FixedMixture(SwitchingMixture):
    """Draws who acts, at each choice anew.

    Args:
        env_spec: garage's description of observations (with one-hot) and actions.
        weights: Row i: how often each policy acts for task i, up to a factor, shape [T, T].
        **arguments: See :class:`SwitchingMixture`.

    Raises:
        ValueError: The weights are not T x T, or a row has none above zero.
    """

    def __init__(
        self,
        env_spec: EnvSpec,
        *,
        weights: npt.NDArray[np.float64],
        **arguments: Unpack[MixtureArguments],
    ) -> None:
        super().__init__(env_spec, "FixedMixture", **arguments)
        if weights.shape != (self.n_tasks, self.n_tasks):
            raise ValueError(f"the weights' shape is {weights.shape}, not T x T, T={self.n_tasks}")
        sums = weights.sum(axis=1, keepdims=True)
        if (weights < 0).any() or not (sums > 0).all() or not np.isfinite(sums).all():
            raise ValueError("weights must be finite and at least 0, one of each row above 0")
        self._cumulative = np.cumsum(weights / sums, axis=1)
        # What rounding leaves below 1 must not choose a policy of weight 0.
        self._last = self.n_tasks - 1 - (weights[:, ::-1] > 0).argmax(axis=1)

    def _choose(self, proposals: Proposals) -> torch.Tensor:
        drawn = self.random.random((*proposals.observations.shape[:2], 1))
        chosen = (drawn >= self._cumulative[:, None, :]).sum(axis=2)
        return torch.from_numpy(np.minimum(chosen, self._last[:, None])).to(self.device)

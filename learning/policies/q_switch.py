"""The Q-switch of QMP: task i acts with the policy whose proposal its own critic scores highest.

QMP (Zhang et al., ICLR 2025, arXiv 2302.00671), definition 4.2, as practised: the expectation over
a policy is its mean action, the entropy term is left out:

    j* = argmax_j Q_i(s_i, mean_j(s_i)),   a ~ pi_j*(. | s_i)

The online critics are asked, from the first step on. The reference code scores differently where
it acts for one environment (first critic at the mean action, "mean_q1", the default here) and for
several (smaller critic at the sampled action, "sampled_min"), and pairs observations and proposals
wrongly in the latter; the pairing here is tested against a double loop.
"""

from __future__ import annotations

from typing import Literal, Unpack

import torch

from learning.garage_bridge.garage_compat import EnvSpec
from learning.policies.mixture_policy import Proposals
from learning.policies.proposal_scores import Score, confident_choice, proposal_scores
from learning.policies.switching_mixture import MixtureArguments, SwitchingMixture
from learning.q_functions import TwinCritics

Gate = Literal["none", "confident"]


class QSwitch(SwitchingMixture):
    """Mixture of the tasks' policies, switched by the tasks' critics.

    Args:
        env_spec: garage's description of observations (with one-hot) and actions.
        critics: The tasks' critics.
        score: What is compared; see :data:`Score`.
        gate: "confident": another policy acts only where the critics do not doubt it; see
            :func:`confident_choice`.
        **arguments: See :class:`SwitchingMixture`.
    """

    def __init__(
        self,
        env_spec: EnvSpec,
        *,
        critics: TwinCritics,
        score: Score,
        gate: Gate = "none",
        **arguments: Unpack[MixtureArguments],
    ) -> None:
        super().__init__(env_spec, "QSwitch", **arguments)
        self.critics = critics
        self._score = score
        self._gate = gate

    def _choose(self, proposals: Proposals) -> torch.Tensor:
        if self._gate == "none":
            return proposal_scores(self.critics, proposals, self._score).argmax(dim=0)
        return confident_choice(self.critics, proposals, self._score)

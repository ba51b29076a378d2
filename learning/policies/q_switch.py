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

from typing import ClassVar

import torch

from learning.options import OptionGroup
from learning.policies.mixture_policy import MixtureParts, Proposals
from learning.policies.proposal_scores import confident_choice, proposal_scores
from learning.policies.q_switch_options import QSwitchOptions
from learning.policies.switching_mixture import SwitchingMixture


class QSwitch(SwitchingMixture):
    """Mixture of the tasks' policies, switched by the tasks' critics.

    Args:
        parts: What it is built from.
        options: Its own `Options`.
    """

    Options: ClassVar[type[OptionGroup]] = QSwitchOptions
    options: QSwitchOptions

    def __init__(self, parts: MixtureParts, options: QSwitchOptions) -> None:
        super().__init__(parts, options)
        # Among the parameters, since a sampler in another process needs them to act.
        self.critics = parts.critics

    def choose(self, proposals: Proposals) -> torch.Tensor:
        """Return whose proposal the task's own critic scores highest, int64 [T, B]."""
        score = self.options.qswitch_score
        if self.options.qswitch_gate == "confident":
            return confident_choice(self.critics, proposals, score)
        return proposal_scores(self.critics, proposals, score).argmax(dim=0)

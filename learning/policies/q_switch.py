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

from typing import Literal

import numpy as np
import torch

from learning.garage_compat import EnvSpec
from learning.policies.mixture_policy import MixturePolicy, Proposals
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions import TwinCritics

Score = Literal["mean_q1", "sampled_min", "mean_min"]


class QSwitch(MixturePolicy):
    """Mixture of the tasks' policies, switched by the tasks' critics.

    Args:
        env_spec: garage's description of observations (with one-hot) and actions.
        policies: The tasks' own policies.
        critics: The tasks' critics.
        score: What is compared: "mean_q1", Q1 at the mean action; "mean_min", the smaller critic
            there; "sampled_min", the smaller critic at the very action that would be executed.
        random: The stream that acting draws from.
        sampling_freq: See :class:`MixturePolicy`.
        own_policy_floor: See :class:`MixturePolicy`.
        warmup_itrs: See :class:`MixturePolicy`.
    """

    def __init__(
        self,
        env_spec: EnvSpec,
        *,
        policies: TanhGaussianPolicies,
        critics: TwinCritics,
        score: Score,
        random: np.random.Generator,
        sampling_freq: int = 1,
        own_policy_floor: float = 0.0,
        warmup_itrs: int = 0,
    ) -> None:
        super().__init__(
            env_spec,
            "QSwitch",
            policies=policies,
            random=random,
            sampling_freq=sampling_freq,
            own_policy_floor=own_policy_floor,
            warmup_itrs=warmup_itrs,
        )
        self.critics = critics
        self._score = score

    def scores(self, proposals: Proposals) -> torch.Tensor:
        """Return the value of every proposal by the critic of its task, shape [P, T, B].

        Entry [j, i] is Q_i(s_i, policy j's action at s_i).
        """
        actions = proposals.samples if self._score == "sampled_min" else proposals.means
        n_policies, n_tasks, batch_size, action_size = actions.shape
        # Task i's critic sees all proposals for task i as one batch [T, P * B, ...].
        candidates = actions.transpose(0, 1).reshape(n_tasks, n_policies * batch_size, action_size)
        observations = (
            proposals.observations.unsqueeze(1)
            .expand(-1, n_policies, -1, -1)
            .reshape(n_tasks, n_policies * batch_size, -1)
        )
        if self._score == "mean_q1":
            values = self.critics.first(observations, candidates)
        else:
            values = self.critics(observations, candidates).amin(dim=0)
        return values.view(n_tasks, n_policies, batch_size).transpose(0, 1)

    def _choose(self, proposals: Proposals) -> torch.Tensor:
        return self.scores(proposals).argmax(dim=0)

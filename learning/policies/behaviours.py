"""The table of behaviours: a name, and how its exploration policy is made.

A new mixture is one file with its class and one row here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from learning.config import ExperimentConfig
from learning.garage_compat import EnvSpec
from learning.policies.mixture_policy import MixturePolicy
from learning.policies.q_switch import QSwitch
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions import TwinCritics

MixtureBuilder = Callable[
    [ExperimentConfig, EnvSpec, TanhGaussianPolicies, TwinCritics, np.random.Generator],
    MixturePolicy | None,
]


def _own(
    config: ExperimentConfig,
    env_spec: EnvSpec,
    policies: TanhGaussianPolicies,
    critics: TwinCritics,
    random: np.random.Generator,
) -> None:
    del config, env_spec, policies, critics, random


def _q_switch(
    config: ExperimentConfig,
    env_spec: EnvSpec,
    policies: TanhGaussianPolicies,
    critics: TwinCritics,
    random: np.random.Generator,
) -> QSwitch:
    return QSwitch(
        env_spec,
        policies=policies,
        critics=critics,
        score=config.qswitch_score,
        random=random,
        sampling_freq=config.policy_sampling_freq,
        own_policy_floor=config.own_policy_floor,
        warmup_itrs=config.mixture_warmup_itrs,
    )


_BEHAVIOURS: dict[str, MixtureBuilder] = {"own": _own, "qswitch": _q_switch}


def build_mixture(
    config: ExperimentConfig,
    env_spec: EnvSpec,
    policies: TanhGaussianPolicies,
    critics: TwinCritics,
    random: np.random.Generator,
) -> MixturePolicy | None:
    """Build the mixture that ``config.behaviour`` names; None where each task's own policy acts."""
    return _BEHAVIOURS[config.behaviour](config, env_spec, policies, critics, random)

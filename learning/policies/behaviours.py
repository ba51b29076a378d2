"""The table of behaviours: a name, and how its exploration policy is made.

A new mixture is one file with its class and one row here.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from environments import TaskSet
from learning.config.experiment_config import ExperimentConfig
from learning.errors import ConfigError
from learning.garage_bridge.garage_compat import EnvSpec
from learning.policies.fixed_mixture import FixedMixture
from learning.policies.levy.levy_mixture import LevyMixture, LevyRule
from learning.policies.levy.task_neighbors import near_tasks
from learning.policies.mixture_policy import MixturePolicy
from learning.policies.q_switch import QSwitch
from learning.policies.switching_mixture import MixtureArguments
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions import TwinCritics


@dataclasses.dataclass(frozen=True, kw_only=True)
class MixtureParts:
    """What a mixture is made of.

    Attributes:
        config: The run's config.
        task_set: The task set.
        env_spec: garage's description of observations (with one-hot) and actions.
        critics: The tasks' critics.
        arguments: What every mixture takes.
    """

    config: ExperimentConfig
    task_set: TaskSet
    env_spec: EnvSpec
    critics: TwinCritics
    arguments: MixtureArguments


def _own(parts: MixtureParts) -> None:
    del parts


def _q_switch(parts: MixtureParts) -> QSwitch:
    return QSwitch(
        parts.env_spec,
        critics=parts.critics,
        score=parts.config.qswitch_score,
        gate=parts.config.qswitch_gate,
        **parts.arguments,
    )


def _uniform(parts: MixtureParts) -> FixedMixture:
    n_tasks = parts.task_set.n_tasks
    return FixedMixture(parts.env_spec, weights=np.ones((n_tasks, n_tasks)), **parts.arguments)


def _domain(parts: MixtureParts) -> FixedMixture:
    weights = _domain_weights(parts.config, parts.task_set)
    try:
        return FixedMixture(parts.env_spec, weights=weights, **parts.arguments)
    except ValueError as error:
        raise ConfigError(f"domain_weights: {error}") from error


def _domain_weights(config: ExperimentConfig, task_set: TaskSet) -> npt.NDArray[np.float64]:
    if config.domain_weights is not None:
        return np.reshape(config.domain_weights, (task_set.n_tasks, task_set.n_tasks))
    weights = task_set.domain_weights()
    if weights is None:
        raise ConfigError(
            f"{task_set.id} has no domain weights of its own: give --domain_weights FILE with "
            f"{task_set.n_tasks} x {task_set.n_tasks} numbers, row i: how often each policy acts "
            "for task i"
        )
    return weights


def _levy(parts: MixtureParts) -> LevyMixture:
    config, horizon = parts.config, parts.task_set.max_episode_steps
    longest = int(config.levy_cap * horizon)
    if longest < 2:
        raise ConfigError(
            f"levy_cap {config.levy_cap:g} of {horizon} steps an episode leaves durations of at "
            f"most {longest} step, and none of them is a jump: give --levy_cap at least "
            f"{math.ceil(2000 / horizon) / 1000}"
        )
    return LevyMixture(
        parts.env_spec,
        policies=parts.arguments["policies"],
        random=parts.arguments["random"],
        near=near_tasks(config, parts.task_set),
        rule=LevyRule(
            offset=config.alpha_offset,
            threshold=config.sr_threshold,
            rate=config.sr_rate,
            longest=longest,
            hold=config.hold,
            duration=config.levy_duration,
            exponent=config.levy_exponent,
        ),
        critics=parts.critics if config.levy_candidate == "qswitch" else None,
        score=config.qswitch_score,
    )


_BEHAVIOURS: dict[str, Callable[[MixtureParts], MixturePolicy | None]] = {
    "own": _own,
    "qswitch": _q_switch,
    "uniform": _uniform,
    "domain": _domain,
    "levy": _levy,
}


def build_mixture(
    config: ExperimentConfig,
    task_set: TaskSet,
    *,
    env_spec: EnvSpec,
    policies: TanhGaussianPolicies,
    critics: TwinCritics,
    random: np.random.Generator,
) -> MixturePolicy | None:
    """Build the mixture that ``config.behaviour`` names; None where each task's own policy acts.

    Raises:
        ConfigError: The task set cannot say what the behaviour needs to know.
    """
    arguments = MixtureArguments(
        policies=policies,
        random=random,
        sampling_freq=config.policy_sampling_freq,
        own_policy_floor=config.own_policy_floor,
        warmup_itrs=config.mixture_warmup_itrs,
    )
    return _BEHAVIOURS[config.behaviour](
        MixtureParts(
            config=config,
            task_set=task_set,
            env_spec=env_spec,
            critics=critics,
            arguments=arguments,
        )
    )

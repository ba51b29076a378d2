"""The networks of a run and who acts with them, built from its config."""

from __future__ import annotations

import dataclasses

import torch

from environments import TaskSet
from learning.algorithms.algorithm_state import set_network_state
from learning.architectures.architecture import Architecture
from learning.architectures.architecture_options import ArchitectureOptions
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.initializers import Initializer
from learning.config.experiment_config import ExperimentConfig
from learning.policies.acting_options import ActingOptions
from learning.policies.mixture_policy import MixtureParts, MixturePolicy
from learning.policies.policy_options import PolicyOptions
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.q_functions.critic_options import CriticOptions
from learning.q_functions.making import make_critics
from learning.q_functions.twin_critics import TwinCritics
from learning.samplers.garage_environment import make_env_spec
from learning.snapshots.state import State
from learning.state_encoders.encoded import EncodedArchitecture
from learning.state_encoders.state_encoder import StateEncoder, StateEncoderSpec
from learning.streams import numpy_stream, torch_stream


@dataclasses.dataclass(frozen=True, kw_only=True)
class Networks:
    """The networks of a run and who acts with them.

    Attributes:
        policies: The tasks' own policies.
        critics: The tasks' critics.
        mixture: Who gathers data; None where each task's own policy does.
    """

    policies: TanhGaussianPolicies
    critics: TwinCritics
    mixture: MixturePolicy | None

    @property
    def exploration_policy(self) -> TaskBatchedPolicy:
        """Who gathers data."""
        return self.policies if self.mixture is None else self.mixture

    def set_state(self, state: State) -> None:
        """Take weights, and what the mixture goes by, from a learner's state, to act only.

        Raises:
            SnapshotError: The state is of other networks.
        """
        set_network_state(self.policies, self.critics, state.part("algorithm"))
        self.exploration_policy.set_acting_state(state.part("acting"))


def build_networks(config: ExperimentConfig, task_set: TaskSet, device: torch.device) -> Networks:
    """Build the networks of a run, with the weights that its seed gives.

    Raises:
        ConfigError: The task set cannot say what the behaviour needs to know.
    """
    env_spec = make_env_spec(task_set)
    uniform_steps = config.options(ActingOptions).uniform_steps
    has_mixture = config.member("behaviour") is not None
    policies = TanhGaussianPolicies(
        env_spec,
        build_policy_network(config, task_set),
        config.options(PolicyOptions),
        random=numpy_stream(config.seed, "acting/own"),
        # Only who gathers data counts the steps until these are over.
        uniform_steps=0 if has_mixture else uniform_steps,
    )
    critics = make_critics(build_critic_network(config, task_set), config.options(CriticOptions))
    policies.architecture.take_over(critics.architecture)
    mixture = None
    if has_mixture:
        parts = MixtureParts(
            env_spec=env_spec,
            task_set=task_set,
            policies=policies,
            critics=critics,
            random=numpy_stream(config.seed, "acting/mixture"),
            uniform_steps=uniform_steps,
        )
        mixture = config.member("behaviour")(parts, config.member_options("behaviour"))
    networks = Networks(policies=policies, critics=critics, mixture=mixture)
    networks.exploration_policy.to(device)
    critics.to(device)
    return networks


def build_policy_network(
    config: ExperimentConfig, task_set: TaskSet, reset: int = 0
) -> Architecture:
    """Build the network of the tasks' policies, with the weights that the run's seed gives.

    Args:
        config: The run's config.
        task_set: Its task set.
        reset: Number of a reset, whose weights are others; 0: those at the start.
    """
    (action_size,) = task_set.action_space.shape
    options = config.options(PolicyOptions)
    outputs = (action_size, action_size)
    form = _Form(outputs=outputs, n_blocks=options.actor_blocks, width=options.actor_width)
    return _build(config, task_set, "policy_architecture", form, reset)


def build_critic_network(
    config: ExperimentConfig, task_set: TaskSet, reset: int = 0
) -> Architecture:
    """Build the network of the tasks' twin critics, with the weights that the run's seed gives.

    Args:
        config: The run's config.
        task_set: Its task set.
        reset: Number of a reset, whose weights are others; 0: those at the start.
    """
    options = config.options(CriticOptions)
    outputs = (options.output_size,)
    form = _Form(outputs=outputs, n_blocks=options.n_blocks, width=options.critic_width)
    return _build(config, task_set, "q_architecture", form, reset)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Form:
    """What a network ends in, and its hidden layers; see :class:`ArchitectureSpec`."""

    outputs: tuple[int, ...]
    n_blocks: int | None
    width: int | None


def _build(
    config: ExperimentConfig, task_set: TaskSet, axis: str, form: _Form, reset: int
) -> Architecture:
    """Build the network of the policies, or that of the critics, which also see actions."""
    (observation_size,) = task_set.observation_space.shape
    (action_size,) = task_set.action_space.shape
    is_policy = axis == "policy_architecture"
    options = config.member_options(axis)
    assert isinstance(options, ArchitectureOptions)
    if form.width is not None:
        options = dataclasses.replace(options, hidden_sizes=(form.width,))
    # garage's policies draw uniform Xavier weights, its Q-functions normal ones.
    initializer: Initializer = "xavier_uniform" if is_policy else "xavier_normal"
    knowledge = task_set.knowledge()
    spec = ArchitectureSpec(
        n_tasks=task_set.n_tasks,
        n_groups=1 if is_policy else 2,
        input_size=observation_size if is_policy else observation_size + action_size,
        output_sizes=form.outputs,
        initializer=initializer if form.n_blocks is None else "orthogonal",
        options=options,
        tasks=knowledge,
        n_blocks=form.n_blocks,
    )
    # A stream on the CPU, so that a seed gives the same weights on every device.
    stream = "networks/policies" if is_policy else "networks/critics"
    numbers = (reset,) if reset else ()
    generator = torch_stream(config.seed, stream, *numbers)
    architecture: type[Architecture] = config.member(axis)
    if config.member("state_encoder") is None:
        return architecture(spec, generator)
    # A stream of its own, so that what is behind the encoder is drawn as it is without one.
    encoder: StateEncoder = config.member("state_encoder")(
        StateEncoderSpec(
            n_tasks=task_set.n_tasks,
            observation_size=observation_size,
            options=config.member_options("state_encoder"),
            tasks=knowledge,
        ),
        torch_stream(config.seed, f"{stream}/state_encoder", *numbers),
    )
    return EncodedArchitecture(
        spec, generator, encoder=encoder, trunk=architecture, is_policy=is_policy
    )

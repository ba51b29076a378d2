"""All that learns and gathers data in a run, built from its config."""

from __future__ import annotations

import dataclasses

import torch

from environments import TaskSet
from learning.algorithms.algorithm_state import (
    get_algorithm_state,
    set_algorithm_state,
    set_network_state,
)
from learning.algorithms.multi_task_sac import MultiTaskSAC
from learning.architectures import build_architecture
from learning.config.experiment_config import ExperimentConfig
from learning.errors import SnapshotError
from learning.evaluation.evaluator import Evaluator
from learning.objectives.registry import build_objective
from learning.policies.behaviours import build_mixture
from learning.policies.mixture_policy import MixturePolicy
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.q_functions import TwinCritics
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.registry import build_data_sharing, needs_all_rewards
from learning.samplers.garage_environment import make_env_spec
from learning.samplers.local_sampler import LocalTaskSampler
from learning.samplers.lock_step_sampler import LockStepSampler
from learning.samplers.vector_environment import VectorEnvironment
from learning.snapshots.state import State
from learning.streams import (
    numpy_stream,
    numpy_stream_state,
    set_numpy_stream_state,
    stream_seed,
    torch_stream,
)

TaskSampler = LockStepSampler | LocalTaskSampler


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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Learner:
    """Networks, transitions, sampler and algorithm.

    Attributes:
        networks: The networks.
        replay_buffer: All tasks' transitions.
        sampler: What gathers data.
        algorithm: What learns from it.
    """

    networks: Networks
    replay_buffer: MultiTaskReplayBuffer
    sampler: TaskSampler
    algorithm: MultiTaskSAC

    def get_state(self) -> State:
        """Return all that training depends on, the replay buffer's transitions apart."""
        state = State()
        state.put("algorithm", get_algorithm_state(self.algorithm))
        state.put("objective", self.algorithm.objective.get_state())
        state.put("acting", self.networks.exploration_policy.get_acting_state())
        state.put("sampler", State(arrays=self.sampler.get_state()))
        random = numpy_stream_state(self.replay_buffer.random)
        state.put("replay", State(values={"random": random}))
        return state

    def set_state(self, state: State) -> None:
        """Go on from what :meth:`get_state` returned.

        Raises:
            SnapshotError: The state does not fit.
        """
        set_algorithm_state(self.algorithm, state.part("algorithm"))
        self.algorithm.objective.set_state(state.part("objective"))
        self.networks.exploration_policy.set_acting_state(state.part("acting"))
        set_numpy_stream_state(self.replay_buffer.random, state.part("replay").value("random"))
        try:
            self.sampler.set_state(state.part("sampler").arrays)
        except ValueError as error:
            raise SnapshotError(f"the environments' state does not fit: {error}") from error


def environment_seeds(config: ExperimentConfig, task_set: TaskSet) -> list[int]:
    """Return the seeds of the tasks' environments, one a task."""
    return [stream_seed(config.seed, f"environment/{name}") for name in task_set.task_names]


def build_networks(config: ExperimentConfig, task_set: TaskSet, device: torch.device) -> Networks:
    """Build the networks of a run, with the weights that its seed gives."""
    env_spec = make_env_spec(task_set)
    (observation_size,) = task_set.observation_space.shape
    (action_size,) = task_set.action_space.shape
    # garage's policies draw uniform Xavier weights, its Q-functions normal ones.
    policies = TanhGaussianPolicies(
        env_spec,
        build_architecture(
            config.policy_architecture,
            n_tasks=task_set.n_tasks,
            n_groups=1,
            input_size=observation_size,
            output_sizes=(action_size, action_size),
            hidden_sizes=config.hidden_sizes,
            initializer="xavier_uniform",
            generator=torch_stream(config.seed, "networks/policies"),
        ),
        random=numpy_stream(config.seed, "acting/own"),
    )
    critics = TwinCritics(
        build_architecture(
            config.q_architecture,
            n_tasks=task_set.n_tasks,
            n_groups=2,
            input_size=observation_size + action_size,
            output_sizes=(1,),
            hidden_sizes=config.hidden_sizes,
            initializer="xavier_normal",
            generator=torch_stream(config.seed, "networks/critics"),
        ),
        output=config.q_output,
    )
    mixture = build_mixture(
        config,
        task_set,
        env_spec=env_spec,
        policies=policies,
        critics=critics,
        random=numpy_stream(config.seed, "acting/mixture"),
    )
    networks = Networks(policies=policies, critics=critics, mixture=mixture)
    networks.exploration_policy.acts_uniformly.fill_(config.uniform_steps > 0)
    networks.exploration_policy.to(device)
    critics.to(device)
    return networks


def build_learner(
    config: ExperimentConfig,
    task_set: TaskSet,
    networks: Networks,
    evaluator: Evaluator,
    device: torch.device,
) -> Learner:
    """Build the rest around the networks; the environments' processes start here."""
    (observation_size,) = task_set.observation_space.shape
    (action_size,) = task_set.action_space.shape
    data_sharing = build_data_sharing(config, task_set)
    replay_buffer = MultiTaskReplayBuffer(
        n_tasks=task_set.n_tasks,
        observation_size=observation_size,
        action_size=action_size,
        capacity=config.replay_buffer_size,
        random=numpy_stream(config.seed, "replay"),
        stores_all_rewards=needs_all_rewards(config),
    )
    sampler = _build_sampler(config, task_set, networks.exploration_policy)
    entropy = -float(action_size) if config.target_entropy is None else config.target_entropy
    algorithm = MultiTaskSAC(
        env_spec=make_env_spec(task_set),
        task_names=task_set.task_names,
        policy=networks.policies,
        critics=networks.critics,
        replay_buffer=replay_buffer,
        data_sharing=data_sharing,
        sampler=sampler,
        evaluator=evaluator,
        gradient_steps=config.gradient_steps_per_itr // task_set.n_tasks,
        min_buffer_size=config.min_buffer_size,
        buffer_batch_size=config.buffer_batch_size,
        noise=torch_stream(config.seed, "update", device=device),
        lr=config.lr,
        alpha_lr=config.lr if config.alpha_lr is None else config.alpha_lr,
        single_temperature=config.temperature == "single",
        actor_steps=config.actor_steps,
        objective=build_objective(config, task_set, device),
        discount=config.discount,
        target_update_tau=config.target_update_tau,
        target_entropy=entropy,
        initial_alpha=config.initial_alpha,
        reward_scale=config.reward_scale,
        steps_per_epoch=config.steps_per_epoch,
        precision=config.precision,
        device=device,
    )
    # garage's Trainer sends this policy's parameters to the sampler.
    algorithm.exploration_policy = networks.exploration_policy
    return Learner(
        networks=networks, replay_buffer=replay_buffer, sampler=sampler, algorithm=algorithm
    )


def _build_sampler(
    config: ExperimentConfig, task_set: TaskSet, policy: TaskBatchedPolicy
) -> TaskSampler:
    seeds = environment_seeds(config, task_set)
    relabels = needs_all_rewards(config)
    if config.sampler == "local":
        return LocalTaskSampler(
            policy, task_set.id, task_set.options, seeds=seeds, relabels=relabels
        )
    environments = VectorEnvironment(
        task_set.id, task_set.options, n_workers=config.n_workers, relabels=relabels
    )
    return LockStepSampler(policy, environments, env_spec=make_env_spec(task_set), seeds=seeds)

"""All that learns and gathers data in a run, built from its config."""

from __future__ import annotations

import dataclasses

import torch

from environments import TaskSet
from learning.algorithms.algorithm_state import get_algorithm_state, set_algorithm_state
from learning.algorithms.multi_task_sac import MultiTaskSAC
from learning.algorithms.network_resets import NetworkResets
from learning.algorithms.return_scale import ReturnScaleParts, make_return_scale
from learning.algorithms.return_scale_options import ReturnScaleOptions
from learning.algorithms.sac_options import SACOptions
from learning.algorithms.sac_parts import SACParts
from learning.algorithms.trainer_options import TrainerOptions
from learning.algorithms.update_schedule import UpdateSchedule
from learning.config.experiment_config import ExperimentConfig
from learning.errors import SnapshotError
from learning.experiment.networks import Networks, build_critic_network, build_policy_network
from learning.objectives.objective import Objective, ObjectiveParts
from learning.replay.data_sharing import DataParts, DataSharing
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.replay_options import ReplayOptions
from learning.samplers.building import TaskSampler, build_sampler
from learning.samplers.garage_environment import make_env_spec
from learning.samplers.sampler_options import SamplerOptions
from learning.snapshots.state import State
from learning.streams import (
    numpy_stream,
    numpy_stream_state,
    set_numpy_stream_state,
    stream_seed,
    torch_stream,
)


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
        scale = self.algorithm.return_scale.get_state()
        if scale.arrays:
            state.put("return_scale", scale)
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
        # Runs from before there were any, and those without, have no such part.
        if self.algorithm.return_scale.get_state().arrays:
            self.algorithm.return_scale.set_state(state.part("return_scale"))
        self.networks.exploration_policy.set_acting_state(state.part("acting"))
        set_numpy_stream_state(self.replay_buffer.random, state.part("replay").value("random"))
        try:
            self.sampler.set_state(state.part("sampler").arrays)
        except ValueError as error:
            raise SnapshotError(f"the environments' state does not fit: {error}") from error


def environment_seeds(seed: int, task_set: TaskSet) -> list[int]:
    """Return the seeds of the tasks' environments, one a task, of a run with this seed."""
    return [stream_seed(seed, f"environment/{name}") for name in task_set.task_names]


def build_learner(
    config: ExperimentConfig, task_set: TaskSet, networks: Networks, device: torch.device
) -> Learner:
    """Build the rest around the networks; the environments' processes start here."""
    (observation_size,) = task_set.observation_space.shape
    (action_size,) = task_set.action_space.shape
    data_sharing: DataSharing = config.member("data")(
        DataParts(task_set=task_set), config.member_options("data")
    )
    options = config.options(SACOptions)
    objective: Objective = config.member("objective")(
        ObjectiveParts(
            task_set=task_set,
            policies=networks.policies,
            batch_size=UpdateSchedule(options, task_set.n_tasks).batch_size,
            lr=options.lr,
            seed=config.seed,
            device=device,
        ),
        config.member_options("objective"),
    )
    replay_buffer = MultiTaskReplayBuffer(
        n_tasks=task_set.n_tasks,
        observation_size=observation_size,
        action_size=action_size,
        capacity=config.options(ReplayOptions).replay_buffer_size,
        random=numpy_stream(config.seed, "replay"),
        stores_all_rewards=data_sharing.stores_all_rewards,
    )
    sampler = build_sampler(
        config.options(SamplerOptions),
        networks.exploration_policy,
        task_set,
        seeds=environment_seeds(config.seed, task_set),
        relabels=data_sharing.stores_all_rewards,
    )
    scaling = config.options(ReturnScaleOptions)
    return_scale = make_return_scale(
        scaling,
        ReturnScaleParts(
            n_tasks=task_set.n_tasks,
            discount=options.discount,
            target_entropy=options.target_entropy_of(action_size),
            bound=scaling.return_bound,
            device=device,
        ),
    )
    network_resets = NetworkResets(
        lambda number: (
            build_policy_network(config, task_set, number),
            build_critic_network(config, task_set, number),
        ),
        n_resets=options.resets,
        n_epochs=config.options(TrainerOptions).n_epochs,
        initial_alpha=options.initial_alpha,
    )
    algorithm = MultiTaskSAC(
        SACParts(
            env_spec=make_env_spec(task_set),
            task_names=task_set.task_names,
            policy=networks.policies,
            exploration_policy=networks.exploration_policy,
            critics=networks.critics,
            replay_buffer=replay_buffer,
            data_sharing=data_sharing,
            objective=objective,
            sampler=sampler,
            return_scale=return_scale,
            network_resets=network_resets,
            noise=torch_stream(config.seed, "update", device=device),
            reset_noise=torch_stream(config.seed, "resets", device=device),
            device=device,
        ),
        options,
    )
    return Learner(
        networks=networks, replay_buffer=replay_buffer, sampler=sampler, algorithm=algorithm
    )

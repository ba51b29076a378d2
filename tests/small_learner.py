"""A small MultiTaskSAC and its parts, for the tests."""

import numpy as np
import torch

from learning.algorithms.multi_task_sac import MultiTaskSAC
from learning.architectures import build_architecture
from learning.garage_bridge.garage_compat import EnvSpec, akro
from learning.objectives import Objective
from learning.policies.q_switch import QSwitch
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions import TwinCritics
from learning.replay.data_sharing import DataSharing
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer

N_TASKS, OBSERVATION_SIZE, ACTION_SIZE, HIDDEN_SIZES = 3, 4, 2, (16, 16)


def make_spec(n_tasks=N_TASKS):
    return EnvSpec(
        akro.Box(low=-np.inf, high=np.inf, shape=(OBSERVATION_SIZE + n_tasks,), dtype=np.float32),
        akro.Box(low=-1.0, high=1.0, shape=(ACTION_SIZE,), dtype=np.float32),
        max_episode_length=7,
    )


def make_architecture(
    input_size, output_sizes, *, n_groups=1, seed=0, hidden_sizes=HIDDEN_SIZES, name="separate"
):
    return build_architecture(
        name,
        n_tasks=N_TASKS,
        n_groups=n_groups,
        input_size=input_size,
        output_sizes=output_sizes,
        hidden_sizes=hidden_sizes,
        initializer="xavier_uniform",
        generator=torch.Generator().manual_seed(seed),
    )


def make_policies(seed=0, name="separate"):
    architecture = make_architecture(
        OBSERVATION_SIZE, (ACTION_SIZE, ACTION_SIZE), seed=seed, name=name
    )
    return TanhGaussianPolicies(make_spec(), architecture, random=np.random.default_rng(seed))


def make_critics(seed=1, name="separate"):
    return TwinCritics(
        make_architecture(OBSERVATION_SIZE + ACTION_SIZE, (1,), n_groups=2, seed=seed, name=name)
    )


def make_q_switch(policies=None, critics=None, score="mean_q1", seed=2, **options):
    return QSwitch(
        make_spec(),
        policies=policies or make_policies(),
        critics=critics or make_critics(),
        score=score,
        random=np.random.default_rng(seed),
        **options,
    )


def make_sac(policies=None, critics=None, *, precision="float32", **options):
    policies = policies or make_policies()
    arguments = {
        "gradient_steps": 1,
        "min_buffer_size": 1,
        "buffer_batch_size": 8,
        "lr": 3e-3,
        "alpha_lr": 3e-3,
        "single_temperature": False,
        "actor_steps": 1,
        "objective": Objective(),
        "data_sharing": DataSharing(),
        "discount": 0.9,
        "target_update_tau": 0.05,
        "target_entropy": -2.0,
        "initial_alpha": 0.7,
        "reward_scale": 2.0,
        "steps_per_epoch": 1,
    } | options
    return MultiTaskSAC(
        env_spec=make_spec(),
        task_names=tuple(f"task-{task}" for task in range(N_TASKS)),
        policy=policies,
        critics=critics or make_critics(),
        replay_buffer=MultiTaskReplayBuffer(
            n_tasks=N_TASKS,
            observation_size=OBSERVATION_SIZE,
            action_size=ACTION_SIZE,
            capacity=50,
            random=np.random.default_rng(3),
        ),
        sampler=None,
        evaluator=None,
        noise=torch.Generator().manual_seed(4),
        precision=precision,
        device=torch.device("cpu"),
        **arguments,
    )


def one_hot_observations(tasks, rng):
    """Random observations [N, O + T] of the given tasks."""
    tasks = np.asarray(tasks)
    observations = rng.normal(size=(len(tasks), OBSERVATION_SIZE))
    return np.hstack((observations, np.eye(N_TASKS)[tasks])).astype(np.float32)

"""A small MultiTaskSAC and its parts, for the tests."""

import dataclasses

import numpy as np
import torch

from environments import TaskKnowledge
from learning.algorithms.multi_task_sac import MultiTaskSAC
from learning.algorithms.network_resets import NetworkResets
from learning.algorithms.return_scale import ReturnScale
from learning.algorithms.sac_parts import SACParts
from learning.architectures.architecture_options import ArchitectureOptions
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.table import ARCHITECTURES, CRITIC_ARCHITECTURES
from learning.garage_bridge.garage_compat import EnvSpec, akro
from learning.objectives.objective import Objective, ObjectiveParts
from learning.policies.mixture_policy import MixtureParts
from learning.policies.q_switch import QSwitch
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions.critic_options import CriticOptions
from learning.q_functions.making import make_critics as make_critics_over
from learning.replay.data_sharing import DataParts, DataSharing
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer

N_TASKS, OBSERVATION_SIZE, ACTION_SIZE, HIDDEN_SIZES = 3, 4, 2, (16, 16)


def make_spec(n_tasks=N_TASKS, horizon=7):
    return EnvSpec(
        akro.Box(low=-np.inf, high=np.inf, shape=(OBSERVATION_SIZE + n_tasks,), dtype=np.float32),
        akro.Box(low=-1.0, high=1.0, shape=(ACTION_SIZE,), dtype=np.float32),
        max_episode_length=horizon,
    )


def make_names(n_tasks):
    return tuple(f"task-{task}" for task in range(n_tasks))


TASK_NAMES = make_names(N_TASKS)


def make_architecture(
    input_size,
    output_sizes,
    *,
    n_tasks=N_TASKS,
    n_groups=1,
    seed=0,
    hidden_sizes=HIDDEN_SIZES,
    initializer="xavier_uniform",
    name="separate",
    n_blocks=None,
):
    """An architecture by its name, or of a class of the test's own."""
    spec = ArchitectureSpec(
        n_tasks=n_tasks,
        n_groups=n_groups,
        input_size=input_size,
        output_sizes=output_sizes,
        initializer=initializer,
        options=ArchitectureOptions(hidden_sizes=hidden_sizes),
        tasks=TaskKnowledge(names=make_names(n_tasks)),
        n_blocks=n_blocks,
    )
    table = {**ARCHITECTURES, **CRITIC_ARCHITECTURES}
    architecture = table[name].load() if isinstance(name, str) else name
    return architecture(spec, torch.Generator().manual_seed(seed))


def make_policies(seed=0, name="separate", n_blocks=None, options=None, **parts):
    architecture = make_architecture(
        OBSERVATION_SIZE, (ACTION_SIZE, ACTION_SIZE), seed=seed, name=name, n_blocks=n_blocks
    )
    return TanhGaussianPolicies(
        make_spec(), architecture, options, random=np.random.default_rng(seed), **parts
    )


def make_critics(seed=1, name="separate", **options):
    options = CriticOptions(**options)
    architecture = make_architecture(
        OBSERVATION_SIZE + ACTION_SIZE,
        (options.output_size,),
        n_groups=2,
        seed=seed,
        name=name,
        n_blocks=options.n_blocks,
    )
    return make_critics_over(architecture, options)


def make_parts(policies=None, critics=None, *, random=None, task_set=None, **parts):
    """What a mixture is built from."""
    return MixtureParts(
        env_spec=make_spec(),
        task_set=task_set,
        policies=policies or make_policies(),
        critics=critics or make_critics(),
        random=random or np.random.default_rng(2),
        **parts,
    )


def make_q_switch(policies=None, critics=None, *, seed=2, uniform_steps=0, **options):
    parts = make_parts(
        policies, critics, random=np.random.default_rng(seed), uniform_steps=uniform_steps
    )
    return QSwitch(parts, QSwitch.Options(**options))


def make_objective_parts(policies=None, *, seed=0, lr=3e-3, batch_size=8):
    """What an objective is built from."""
    return ObjectiveParts(
        task_set=SmallTaskSet(),
        policies=policies or make_policies(),
        batch_size=batch_size,
        lr=lr,
        seed=seed,
        device=torch.device("cpu"),
    )


def make_objective(cls, policies=None, *, seed=0, lr=3e-3, batch_size=8, **options):
    parts = make_objective_parts(policies, seed=seed, lr=lr, batch_size=batch_size)
    return cls(parts, cls.Options(**options))


@dataclasses.dataclass
class SmallTaskSet:
    """What data sharings and objectives ask a task set."""

    id: str = "Small-v0"
    n_tasks: int = N_TASKS
    relabels: bool = True
    min_reward: tuple = (None,) * N_TASKS


def make_data_sharing(cls=DataSharing, *, task_set=None, **options):
    return cls(DataParts(task_set=task_set or SmallTaskSet()), cls.Options(**options))


def make_replay_buffer(**sizes):
    sizes = {
        "n_tasks": N_TASKS,
        "observation_size": OBSERVATION_SIZE,
        "action_size": ACTION_SIZE,
        "capacity": 50,
    } | sizes
    return MultiTaskReplayBuffer(random=np.random.default_rng(3), **sizes)


def make_network_resets(n_resets=0, n_epochs=9, initial_alpha=0.7, fresh=None):
    return NetworkResets(fresh, n_resets=n_resets, n_epochs=n_epochs, initial_alpha=initial_alpha)


def make_sac(
    policies=None,
    critics=None,
    *,
    objective=None,
    data_sharing=None,
    return_scale=None,
    network_resets=None,
    **options,
):
    policies = policies or make_policies()
    options = {
        "gradient_steps_per_itr": N_TASKS,
        "min_buffer_size": 1,
        "buffer_batch_size": 8,
        "lr": 3e-3,
        "discount": 0.9,
        "target_update_tau": 0.05,
        "target_entropy": -2.0,
        "initial_alpha": 0.7,
        "reward_scale": 2.0,
        "steps_per_epoch": 1,
    } | options
    parts = SACParts(
        env_spec=make_spec(),
        task_names=TASK_NAMES,
        policy=policies,
        exploration_policy=policies,
        critics=critics or make_critics(),
        replay_buffer=make_replay_buffer(),
        sampler=None,
        return_scale=return_scale or ReturnScale(),
        network_resets=network_resets or make_network_resets(),
        objective=objective or make_objective(Objective, policies),
        data_sharing=data_sharing or make_data_sharing(),
        noise=torch.Generator().manual_seed(4),
        reset_noise=torch.Generator().manual_seed(5),
        device=torch.device("cpu"),
    )
    return MultiTaskSAC(parts, MultiTaskSAC.Options(**options))


def one_hot_observations(tasks, rng):
    """Random observations [N, O + T] of the given tasks."""
    tasks = np.asarray(tasks)
    observations = rng.normal(size=(len(tasks), OBSERVATION_SIZE))
    return np.hstack((observations, np.eye(N_TASKS)[tasks])).astype(np.float32)

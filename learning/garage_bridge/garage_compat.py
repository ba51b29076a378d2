"""garage 2021.3.0 on today's Python: the only door through which this project reaches garage.

Importing this module applies ``garage_repairs``, imports garage and re-exports what the project
uses of it. Nothing else here imports garage, so nothing else knows its age.
"""

import importlib.metadata
from typing import Any

import learning
from learning.garage_bridge import garage_repairs
from learning.garage_bridge.garage_repairs import prepare_worker

prepare_worker()

import akro
from garage import (
    Environment,
    EnvSpec,
    EnvStep,
    EpisodeBatch,
    StepType,
    log_multitask_performance,
    obtain_evaluation_episodes,
    wrap_experiment,
)
from garage.experiment import SnapshotConfig
from garage.experiment.deterministic import get_seed, set_seed
from garage.experiment.experiment import ExperimentContext
from garage.replay_buffer import PathBuffer
from garage.sampler import (
    DefaultWorker,
    FragmentWorker,
    LocalSampler,
    MultiprocessingSampler,
    Sampler,
    VecWorker,
    Worker,
    WorkerFactory,
    multiprocessing_sampler,
)
from garage.torch import as_torch, global_device, set_gpu_mode
from garage.torch.algos import SAC
from garage.torch.distributions import TanhNormal
from garage.torch.policies import Policy, TanhGaussianMLPPolicy
from garage.torch.policies.stochastic_policy import StochasticPolicy
from garage.torch.q_functions import ContinuousMLPQFunction
from garage.trainer import ExperimentStats, TrainArgs, Trainer

garage_repairs.declare_tanh_normal_constraints()
learning.forget_spin_count()

garage_version: str = importlib.metadata.version("garage")

_garage_run_worker = multiprocessing_sampler.run_worker


def run_prepared_worker(**arguments: Any) -> None:
    """Run garage's ``run_worker`` in a process of MultiprocessingSampler.

    A spawned process imports this module to find this function, and only then unpickles the
    arguments, whose classes are garage's: so garage is repaired there before it is imported.

    Args:
        arguments: What garage passes to its own ``run_worker``.
    """
    _garage_run_worker(**arguments)


multiprocessing_sampler.run_worker = run_prepared_worker


__all__ = [
    "SAC",
    "ContinuousMLPQFunction",
    "DefaultWorker",
    "EnvSpec",
    "EnvStep",
    "Environment",
    "EpisodeBatch",
    "ExperimentContext",
    "ExperimentStats",
    "FragmentWorker",
    "LocalSampler",
    "MultiprocessingSampler",
    "PathBuffer",
    "Policy",
    "Sampler",
    "SnapshotConfig",
    "StepType",
    "StochasticPolicy",
    "TanhGaussianMLPPolicy",
    "TanhNormal",
    "TrainArgs",
    "Trainer",
    "VecWorker",
    "Worker",
    "WorkerFactory",
    "akro",
    "as_torch",
    "garage_version",
    "get_seed",
    "global_device",
    "log_multitask_performance",
    "obtain_evaluation_episodes",
    "prepare_worker",
    "run_prepared_worker",
    "set_gpu_mode",
    "set_seed",
    "wrap_experiment",
]

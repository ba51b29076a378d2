"""The table of objectives: a name, and how it is made. A new objective is one file and one row."""

from __future__ import annotations

from collections.abc import Callable

import torch

from environments import TaskSet
from learning.architectures import build_architecture
from learning.config.experiment_config import ExperimentConfig
from learning.objectives.distillation import Distillation
from learning.objectives.divide_and_conquer import DivideAndConquer
from learning.objectives.objective import Objective
from learning.objectives.pcgrad import PCGrad
from learning.streams import numpy_stream, torch_stream

ObjectiveBuilder = Callable[[ExperimentConfig, TaskSet, torch.device], Objective]


def _none(config: ExperimentConfig, task_set: TaskSet, device: torch.device) -> Objective:
    del config, task_set, device
    return Objective()


def _dnc(config: ExperimentConfig, task_set: TaskSet, device: torch.device) -> Objective:
    share = max(1, config.buffer_batch_size // task_set.n_tasks)
    distillation = None
    if config.distillation_period is not None:
        (observation_size,) = task_set.observation_space.shape
        (action_size,) = task_set.action_space.shape
        centroid = build_architecture(
            "separate",
            n_tasks=1,
            n_groups=1,
            input_size=observation_size,
            output_sizes=(action_size, action_size),
            hidden_sizes=config.hidden_sizes,
            initializer="xavier_uniform",
            generator=torch_stream(config.seed, "networks/centroid"),
        )
        distillation = Distillation(
            centroid.to(device),
            lr=config.lr,
            period=config.distillation_period,
            n_steps=config.distillation_n_epochs,
            batch_size=share,
            random=numpy_stream(config.seed, "distillation"),
        )
    return DivideAndConquer(
        kl_coeff=config.kl_coeff, n_observations=share, distillation=distillation
    )


def _pcgrad(config: ExperimentConfig, task_set: TaskSet, device: torch.device) -> Objective:
    del task_set, device
    return PCGrad(random=numpy_stream(config.seed, "objective"))


_OBJECTIVES: dict[str, ObjectiveBuilder] = {"none": _none, "dnc": _dnc, "pcgrad": _pcgrad}


def build_objective(config: ExperimentConfig, task_set: TaskSet, device: torch.device) -> Objective:
    """Build the objective that ``config.objective`` names."""
    return _OBJECTIVES[config.objective](config, task_set, device)

"""The table of objectives: a name, and how it is made. A new objective is one file and one row."""

from __future__ import annotations

from collections.abc import Callable

import torch

from environments import TaskSet
from learning.algorithms.objectives.divide_and_conquer import DivideAndConquer
from learning.algorithms.objectives.objective import Objective
from learning.config import ExperimentConfig

ObjectiveBuilder = Callable[[ExperimentConfig, TaskSet, torch.device], Objective]


def _none(config: ExperimentConfig, task_set: TaskSet, device: torch.device) -> Objective:
    del config, task_set, device
    return Objective()


def _dnc(config: ExperimentConfig, task_set: TaskSet, device: torch.device) -> Objective:
    del task_set, device
    return DivideAndConquer(kl_coeff=config.kl_coeff)


_OBJECTIVES: dict[str, ObjectiveBuilder] = {"none": _none, "dnc": _dnc}


def build_objective(config: ExperimentConfig, task_set: TaskSet, device: torch.device) -> Objective:
    """Build the objective that ``config.objective`` names."""
    return _OBJECTIVES[config.objective](config, task_set, device)

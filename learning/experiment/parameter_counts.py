"""How many parameters a run's networks have."""

from __future__ import annotations

import contextlib
import dataclasses

import torch

from environments import TaskSet, make_task_set
from learning.config.experiment_config import ExperimentConfig
from learning.errors import ConfigError
from learning.experiment.isolation import undisturbed
from learning.experiment.networks import build_critic_network, build_policy_network


@dataclasses.dataclass(frozen=True, kw_only=True)
class ParameterCounts:
    """Parameters of all tasks together; what tasks share counts once.

    Attributes:
        n_tasks: Tasks T.
        policies: Those of the policies' network.
        critics: Those of both twin critics, without their targets.
    """

    n_tasks: int
    policies: int
    critics: int

    @property
    def total(self) -> int:
        """Those of both."""
        return self.policies + self.critics

    def __str__(self) -> str:
        """Return a line for the policies and one for the critics: the total, and total / T."""
        n_tasks = self.n_tasks
        totals = {"policies": self.policies, "critics (both twins, no targets)": self.critics}
        return "\n".join(
            f"{name}: {total:,} parameters of {n_tasks} tasks, {total / n_tasks:,.0f} a task"
            for name, total in totals.items()
        )


def count_parameters(config: ExperimentConfig) -> ParameterCounts:
    """Count the parameters of the networks that training would begin with."""
    with undisturbed():
        return count_without_weights(config, make_task_set(config.env, **dict(config.env_options)))


def count_without_weights(config: ExperimentConfig, task_set: TaskSet) -> ParameterCounts:
    """Count without weights, which take most of the time and the memory, where that is possible.

    Raises:
        ConfigError: The networks have to be built for it, and memory cannot hold them.
    """
    # What cannot be built without numbers, such as a plug-in's, says so by one of these.
    with contextlib.suppress(RuntimeError, TypeError), torch.device("meta"):
        return _parameters_of(config, task_set)
    try:
        return _parameters_of(config, task_set)
    except (RuntimeError, MemoryError) as error:
        raise ConfigError(
            f"networks with hidden_sizes = {config.hidden_sizes} cannot be built: {error}"
        ) from error


def _parameters_of(config: ExperimentConfig, task_set: TaskSet) -> ParameterCounts:
    """Build a config's networks for its task set, on torch's default device, and count."""
    return ParameterCounts(
        n_tasks=task_set.n_tasks,
        policies=_n_parameters(build_policy_network(config, task_set)),
        critics=_n_parameters(build_critic_network(config, task_set)),
    )


def _n_parameters(module: torch.nn.Module) -> int:
    # What policies hold of the critics' encoder is a copy, which no loss of theirs trains.
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)

"""States of garage environments of some tasks, under names that tell the tasks apart."""

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from learning.samplers.garage_environment import GarageEnvironment
from learning.samplers.task_environment_error import TaskStateError

State = dict[str, npt.NDArray[Any]]


def get_states(environments: Mapping[int, GarageEnvironment]) -> State:
    """Return the environments' states under `<task index>/<key>`; none before the first reset.

    Args:
        environments: Task index -> environment.
    """
    return {
        f"{task}/{key}": value
        for task, environment in environments.items()
        for key, value in environment.get_state().items()
    }


def set_states(
    environments: Mapping[int, GarageEnvironment],
    state: Mapping[str, npt.NDArray[Any]],
    task_names: tuple[str, ...],
) -> None:
    """Put environments where `get_states` found them.

    Args:
        environments: Task index -> environment.
        state: What `get_states` gave; of other tasks too.
        task_names: Names of all T tasks, for the message.

    Raises:
        TaskStateError: An environment does not take its state (also a ValueError).
    """
    for task, environment in environments.items():
        prefix = f"{task}/"
        own = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
        try:
            environment.set_state(own)
        except ValueError as error:
            raise TaskStateError([task_names[task]], None, str(error)) from error

"""The environments of some tasks of a task set, stepped one after another in one process."""

import traceback
from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from environments.task_env import TaskEnv
from environments.task_set import TaskSet
from learning.samplers.shared_arrays import SharedArrays
from learning.samplers.task_environment_error import TaskEnvironmentError, TaskStateError

State = dict[str, npt.NDArray[Any]]


class EnvironmentRows:
    """Environments of tasks `first` to `last - 1`, which fill their rows of the arrays.

    An environment whose episode has ended is reset at once: `next_observations` keeps the
    observation before the reset, `observations` has the one after.

    Args:
        task_set: Task set that makes the environments.
        first: Index of the first task.
        last: Index one past the last task.
        arrays: Arrays from which actions are read and to which everything else is written.
        worker: Number of this worker for error messages, None in the main process.
        evaluation: Whether they are for evaluation; see `TaskSet.make`.

    Raises:
        TaskEnvironmentError: From every method, when an environment raises.
    """

    def __init__(
        self,
        task_set: TaskSet,
        first: int,
        last: int,
        arrays: SharedArrays,
        worker: int | None,
        *,
        evaluation: bool = False,
    ) -> None:
        self._names = task_set.task_names
        self._arrays = arrays
        self._worker = worker
        self._environments: dict[int, TaskEnv] = {}
        for task in range(first, last):
            try:
                self._environments[task] = task_set.make(task, evaluation=evaluation)
            except Exception as error:
                raise self._failure(task) from error

    def _failure(
        self, task: int, kind: type[TaskEnvironmentError] = TaskEnvironmentError
    ) -> TaskEnvironmentError:
        """Return the error of a task, with the traceback of the exception being handled."""
        return kind([self._names[task]], self._worker, traceback.format_exc())

    def reset(self, seeds: Sequence[int | None], *, same_run: bool) -> None:
        """Start a new episode everywhere.

        Args:
            seeds: Seeds, one for each task of the whole task set.
            same_run: See `TaskEnv.reset`.
        """
        options = {"same_run": same_run}
        arrays = self._arrays
        for task, environment in self._environments.items():
            try:
                observation, info = environment.reset(seed=seeds[task], options=options)
                arrays.observations[task] = observation
                # `TaskEnv` gives them in the order of `INFO_KEYS`.
                arrays.infos[task] = list(info.values())
            except Exception as error:
                raise self._failure(task) from error

    def step(self) -> None:
        """Step the active rows."""
        arrays = self._arrays
        relabels = arrays.rewards_of_all_tasks.size > 0
        active = arrays.active.tolist()
        for task, environment in self._environments.items():
            if not active[task]:
                continue
            try:
                observation, reward, terminated, truncated, info = environment.step(
                    arrays.actions[task]
                )
                arrays.next_observations[task] = observation
                arrays.rewards[task] = reward
                arrays.terminated[task] = terminated
                arrays.truncated[task] = truncated
                arrays.infos[task] = list(info.values())
                if relabels:
                    arrays.rewards_of_all_tasks[task] = environment.rewards_of_all_tasks()
                # The infos stay the last step's: the episode's sums are read from them.
                if terminated or truncated:
                    observation, _ = environment.reset()
                arrays.observations[task] = observation
            except Exception as error:
                raise self._failure(task) from error

    def get_state(self) -> State:
        """Return the environments' states under the keys `<task index>/<key>`."""
        state: State = {}
        for task, environment in self._environments.items():
            try:
                values = environment.get_state()
            except Exception as error:
                raise self._failure(task) from error
            state |= {f"{task}/{key}": value for key, value in values.items()}
        return state

    def set_state(self, state: State) -> None:
        """Restore the environments and their rows of `observations`.

        Args:
            state: State that `get_state` returned; keys of other tasks are left alone.

        Raises:
            TaskStateError: An environment does not take its state.
        """
        for task, environment in self._environments.items():
            prefix = f"{task}/"
            own = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            try:
                self._arrays.observations[task] = environment.set_state(own)
            except Exception as error:
                raise self._failure(task, TaskStateError) from error

    def worker_of(self, task: int) -> int | None:
        """Return the number of the worker that steps a task, None for the main process."""
        return self._worker

    def close(self) -> None:
        """Close the environments; safe to call again."""
        while self._environments:
            _, environment = self._environments.popitem()
            environment.close()

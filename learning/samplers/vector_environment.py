"""All environments of a task set, one a task, stepped together.

With worker processes each steps several tasks; the numbers are the same bit for bit however many
there are, since every environment has its own random generator.
"""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from environments import make_task_set
from environments.task_env import INFO_KEYS
from learning.samplers.environment_worker import (
    GET_STATE,
    RESET,
    SET_STATE,
    STEP,
    EnvironmentRows,
    State,
    TaskSetFactory,
)
from learning.samplers.shared_arrays import ArraySizes, SharedArrays, anonymous_file, map_file
from learning.samplers.task_environment_error import TaskEnvironmentError
from learning.samplers.worker_process import WorkerProcess


@dataclasses.dataclass(frozen=True, kw_only=True)
class VectorStep:
    """What a step of all environments gave. The next step writes into the same arrays.

    Attributes:
        next_observations: float32 [T, O], before any automatic reset.
        rewards: float32 [T].
        terminated: bool [T], the episode has truly ended.
        truncated: bool [T], the time limit was reached; both may be true.
        infos: float64 [T, K], a column for each of `INFO_KEYS`.
    """

    next_observations: npt.NDArray[np.float32]
    rewards: npt.NDArray[np.float32]
    terminated: npt.NDArray[np.bool_]
    truncated: npt.NDArray[np.bool_]
    infos: npt.NDArray[np.float64]


class VectorEnvironment:
    """T environments of one task set, one a task, reset by themselves when an episode ends.

    After any error all environments and processes are closed.

    Args:
        task_set_id: id of the task set.
        options: its options.
        n_workers: number of worker processes, at most T; 0 steps in this process.
        task_set_factory: what makes the task set from id and options, here and in the workers,
            which import it by its module and name.

    Attributes:
        task_set: the task set.
        n_tasks: T.
        observations: float32 [T, O], the current observations, after any automatic reset.

    Raises:
        ValueError: `n_workers` is out of range.
        TaskEnvironmentError: an environment could not be made.
    """

    def __init__(
        self,
        task_set_id: str,
        options: Mapping[str, Any],
        *,
        n_workers: int,
        task_set_factory: TaskSetFactory = make_task_set,
    ) -> None:
        self._rows: EnvironmentRows | None = None
        self._workers: list[WorkerProcess] = []
        self._closed = False
        self.task_set = task_set_factory(task_set_id, **options)
        self.n_tasks = len(self.task_set.task_names)
        if not 0 <= n_workers <= self.n_tasks:
            raise ValueError(
                f"n_workers must be 0 (this process) to {self.n_tasks} (one a task of "
                f"{task_set_id}), not {n_workers}"
            )
        sizes = ArraySizes(
            n_tasks=self.n_tasks,
            observation_size=int(self.task_set.observation_space.shape[0]),
            action_size=int(self.task_set.action_space.shape[0]),
            n_infos=len(INFO_KEYS),
        )
        try:
            if n_workers == 0:
                self._arrays = SharedArrays(sizes, bytearray(sizes.n_bytes))
                self._rows = EnvironmentRows(self.task_set, 0, self.n_tasks, self._arrays, None)
            else:
                self._arrays = self._start(n_workers, sizes, task_set_factory, options)
        except BaseException:
            self.close()
            raise
        arrays = self._arrays
        self.observations = arrays.observations
        self._everyone = np.ones(self.n_tasks, np.bool_)
        self._step = VectorStep(
            next_observations=arrays.next_observations,
            rewards=arrays.rewards,
            terminated=arrays.terminated,
            truncated=arrays.truncated,
            infos=arrays.infos,
        )

    def _start(
        self,
        n_workers: int,
        sizes: ArraySizes,
        factory: TaskSetFactory,
        options: Mapping[str, Any],
    ) -> SharedArrays:
        """Starts the workers, each with a run of neighbouring tasks, and waits for all."""
        bounds = [self.n_tasks * worker // n_workers for worker in range(n_workers + 1)]
        memory = anonymous_file(sizes.n_bytes)
        try:
            arrays = map_file(memory, sizes)
            for worker in range(n_workers):
                tasks = (bounds[worker], bounds[worker + 1])
                self._workers.append(
                    WorkerProcess(
                        worker=worker,
                        tasks=tasks,
                        task_names=self.task_set.task_names[slice(*tasks)],
                        factory=factory,
                        task_set_id=self.task_set.id,
                        options=options,
                        sizes=sizes,
                        memory=memory,
                    )
                )
        finally:
            os.close(memory)
        for process in self._workers:
            process.receive()
        return arrays

    def reset(self, seeds: Sequence[int | None]) -> npt.NDArray[np.float32]:
        """Starts a new episode in every environment.

        Args:
            seeds: one a task; None goes on with the environment's own random stream.

        Returns:
            `observations`.

        Raises:
            ValueError: not one seed a task.
            TaskEnvironmentError: an environment failed.
        """
        seeds = list(seeds)
        if len(seeds) != self.n_tasks:
            raise ValueError(f"{len(seeds)} seeds for {self.n_tasks} tasks")
        self._arrays.next_observations[:] = 0.0
        self._arrays.rewards[:] = 0.0
        self._arrays.terminated[:] = False
        self._arrays.truncated[:] = False
        self._command(RESET, seeds)
        self._check_finite()
        return self.observations

    def step(
        self, actions: npt.NDArray[np.float32], active: npt.NDArray[np.bool_] | None = None
    ) -> VectorStep:
        """Steps the environments, and resets those whose episode ends.

        Args:
            actions: [T, A].
            active: [T], which environments to step; all when None. The rows of the others keep
                their values.

        Returns:
            Views of the arrays that the next step overwrites.

        Raises:
            ValueError: an action is not finite; nothing has been stepped.
            TaskEnvironmentError: an environment failed, or returned a number that is not finite.
        """
        rows = self._everyone if active is None else active
        if not np.isfinite(actions).all():
            bad = np.flatnonzero(~np.isfinite(actions).all(axis=1) & rows)
            if bad.size:
                names = ", ".join(self.task_set.task_names[task] for task in bad)
                raise ValueError(f"the actions for {names} are not finite")
        self._arrays.actions[:] = actions
        self._arrays.active[:] = rows
        self._command(STEP)
        self._check_finite()
        return self._step

    def _command(self, command: bytes, payload: object = None) -> list[Any]:
        """Has a command carried out by this process or by all workers.

        Returns:
            The results, one a worker.
        """
        if self._closed:
            raise RuntimeError("the vector environment has been closed")
        try:
            if self._rows is not None:
                return [self._carry_out(self._rows, command, payload)]
            workers = self._workers
            if command == STEP:
                active = self._arrays.active
                workers = [worker for worker in workers if active[worker.tasks].any()]
            for worker in workers:
                worker.send(command, payload)
            return [worker.receive() for worker in workers]
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _carry_out(rows: EnvironmentRows, command: bytes, payload: Any) -> State | None:
        if command == STEP:
            rows.step()
        elif command == RESET:
            rows.reset(payload)
        elif command == SET_STATE:
            rows.set_state(payload)
        else:
            return rows.get_state()
        return None

    def _check_finite(self) -> None:
        """Raises for the first task with a number that is not finite."""
        if np.isfinite(self._arrays.checked).all():
            return
        error = self._not_finite()
        self.close()
        raise error

    def _not_finite(self) -> TaskEnvironmentError:
        """The error that says whose number, and which, is not finite."""
        arrays = self._arrays
        episode_length = INFO_KEYS.index("episode_length")
        values = np.column_stack((arrays.rewards, arrays.next_observations, arrays.observations))
        task, column = (int(index) for index in np.argwhere(~np.isfinite(values))[0])
        size = arrays.observations.shape[1]
        if column == 0:
            name = "the reward"
        elif column <= size:
            name = f"observation[{column - 1}]"
        else:
            name = f"observation[{column - size - 1}] after the reset"
        return TaskEnvironmentError(
            [self.task_set.task_names[task]],
            self._worker_of(task),
            f"{name} is {values[task, column]} "
            f"at step {int(arrays.infos[task, episode_length])} of the episode",
        )

    def _worker_of(self, task: int) -> int | None:
        for worker, process in enumerate(self._workers):
            if process.tasks.start <= task < process.tasks.stop:
                return worker
        return None

    def get_state(self) -> State:
        """Everything needed to go on exactly from here.

        Returns:
            Arrays under the keys `<task index>/<key>`, the same for every `n_workers`.

        Raises:
            TaskEnvironmentError: an environment has not been reset yet.
        """
        state: State = {}
        for part in self._command(GET_STATE):
            state |= part
        return state

    def set_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Goes back to where `get_state` was called, `observations` included.

        Args:
            state: what `get_state` gave.

        Raises:
            ValueError: the state is not one of T tasks.
            TaskEnvironmentError: an environment could not be brought back.
        """
        tasks = {key.partition("/")[0] for key in state}
        if tasks != {str(task) for task in range(self.n_tasks)}:
            raise ValueError(
                f"the state has tasks {sorted(tasks)}, these environments 0 to {self.n_tasks - 1}"
            )
        self._command(SET_STATE, dict(state))

    def close(self) -> None:
        """Closes the environments and ends the worker processes; safe to call again."""
        self._closed = True
        if self._rows is not None:
            self._rows.close()
        for worker in self._workers:
            worker.ask_to_close()
        while self._workers:
            self._workers[-1].join()
            self._workers.pop()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes."""
        self.close()

    def __del__(self) -> None:
        """Closes what was not closed."""
        self.close()

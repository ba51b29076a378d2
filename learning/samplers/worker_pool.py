"""Worker processes that together step all tasks of a task set."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from environments.registry import TaskSetFactory
from learning.samplers.environment_rows import State
from learning.samplers.environment_worker import GET_STATE, RESET, SET_STATE, STEP
from learning.samplers.shared_arrays import ArraySizes, anonymous_file, map_file
from learning.samplers.task_environment_error import TaskEnvironmentError, TaskStateError
from learning.samplers.worker_process import WorkerProcess


class WorkerPool:
    """The like of `EnvironmentRows` in worker processes, with neighbouring tasks each.

    After an error other than TaskStateError only `close` may be called.

    Args:
        n_workers: Number of processes, 1 to T.
        sizes: Sizes of the arrays.
        task_names: Names of all T tasks.
        factory: Maker of the task set, see `WorkerProcess`.
        task_set_id: Id of the task set.
        options: Options of the task set.
        evaluation: Whether the environments are for evaluation; see `TaskSet.make`.

    Attributes:
        arrays: Arrays shared with the workers.

    Raises:
        TaskEnvironmentError: From every method, when an environment raises or a worker dies.
    """

    def __init__(
        self,
        *,
        n_workers: int,
        sizes: ArraySizes,
        task_names: Sequence[str],
        factory: TaskSetFactory,
        task_set_id: str,
        options: Mapping[str, Any],
        evaluation: bool,
    ) -> None:
        self._workers: list[WorkerProcess] = []
        bounds = [sizes.n_tasks * worker // n_workers for worker in range(n_workers + 1)]
        memory = anonymous_file(sizes.n_bytes)
        try:
            self.arrays = map_file(memory, sizes)
            for worker in range(n_workers):
                tasks = (bounds[worker], bounds[worker + 1])
                self._workers.append(
                    WorkerProcess(
                        worker=worker,
                        tasks=tasks,
                        task_names=task_names[slice(*tasks)],
                        factory=factory,
                        task_set_id=task_set_id,
                        options=options,
                        evaluation=evaluation,
                        sizes=sizes,
                        memory=memory,
                    )
                )
            # Only now, so that the workers set up side by side.
            for process in self._workers:
                process.receive()
        except BaseException:
            self.close()
            raise
        finally:
            # The workers have inherited it, and a mapping needs no descriptor.
            os.close(memory)

    def _command(self, workers: Sequence[WorkerProcess], command: bytes, payload: Any) -> list[Any]:
        """Have workers carry out a command at the same time, and return their results."""
        for worker in workers:
            worker.send(command, payload)
        # From all, whatever fails: a reply left in a pipe would pass for the next command's.
        results, errors = [], []
        for worker in workers:
            try:
                results.append(worker.receive())
            except TaskEnvironmentError as error:
                errors.append(error)
        if errors:
            # A worker that can go on must not hide one that cannot.
            raise min(errors, key=lambda error: isinstance(error, TaskStateError))
        return results

    def reset(self, seeds: Sequence[int | None], *, same_run: bool) -> None:
        """Start a new episode everywhere; see `EnvironmentRows.reset`."""
        self._command(self._workers, RESET, (list(seeds), same_run))

    def step(self) -> None:
        """Step the active rows; workers that have none are left alone."""
        active = self.arrays.active
        self._command([w for w in self._workers if active[w.tasks].any()], STEP, None)

    def get_state(self) -> State:
        """Return the environments' states; see `EnvironmentRows.get_state`."""
        state: State = {}
        for part in self._command(self._workers, GET_STATE, None):
            state |= part
        return state

    def set_state(self, state: State) -> None:
        """Restore the environments; see `EnvironmentRows.set_state`."""
        self._command(self._workers, SET_STATE, dict(state))

    def close(self) -> None:
        """End the processes; safe to call again."""
        for worker in self._workers:
            worker.hang_up()
        while self._workers:
            self._workers[-1].join()
            self._workers.pop()

    def worker_of(self, task: int) -> int:
        """Return the number of the worker that steps a task."""
        return [task < worker.tasks.stop for worker in self._workers].index(True)

"""All environments of a task set, one a task, stepped together.

With worker processes each steps several tasks; the numbers are the same bit for bit however many
there are, since every environment has its own random generator.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from environments import make_task_set
from environments.task_env import INFO_KEYS
from learning.samplers.environment_rows import EnvironmentRows, State, TaskSetFactory
from learning.samplers.shared_arrays import ArraySizes, SharedArrays
from learning.samplers.task_environment_error import TaskEnvironmentError, TaskStateError
from learning.samplers.worker_pool import WorkerPool


@dataclasses.dataclass(frozen=True, kw_only=True)
class VectorStep:
    """What a step of all environments gave. The next step writes into the same arrays.

    Attributes:
        next_observations: float32 [T, O], before any automatic reset.
        rewards: float32 [T].
        terminated: bool [T], the episode has truly ended.
        truncated: bool [T], the time limit was reached; both may be true.
        infos: float64 [T, K], a column for each of `INFO_KEYS`.
        rewards_of_all_tasks: float32 [T, T], row i: what every task would have paid for i's step;
            [T, 0] where that was not asked for.
    """

    next_observations: npt.NDArray[np.float32]
    rewards: npt.NDArray[np.float32]
    terminated: npt.NDArray[np.bool_]
    truncated: npt.NDArray[np.bool_]
    infos: npt.NDArray[np.float64]
    rewards_of_all_tasks: npt.NDArray[np.float32]


class VectorEnvironment:
    """T environments of one task set, one a task, reset by themselves when an episode ends.

    After a TaskEnvironmentError, other than TaskStateError, everything is closed.

    Args:
        task_set_id: id of the task set.
        options: its options.
        n_workers: number of worker processes, at most T; 0 steps in this process.
        task_set_factory: what makes the task set from id and options, here and in the workers,
            which import it by its module and name.
        relabels: whether steps also give what every task would have paid, which the task set must
            define (`TaskSet.relabels`).

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
        relabels: bool = False,
    ) -> None:
        self._backend: EnvironmentRows | WorkerPool | None = None
        self.task_set = task_set_factory(task_set_id, **options)
        self.n_tasks = len(self.task_set.task_names)
        if not 0 <= n_workers <= self.n_tasks:
            raise ValueError(
                f"n_workers must be 0 (this process) to {self.n_tasks} (one a task of "
                f"{task_set_id}), not {n_workers}"
            )
        sizes = ArraySizes(
            n_tasks=self.n_tasks,
            observation_size=self.task_set.observation_space.shape[0],
            action_size=self.task_set.action_space.shape[0],
            n_infos=len(INFO_KEYS),
            n_relabelled=self.n_tasks if relabels else 0,
        )
        if n_workers == 0:
            arrays = SharedArrays(sizes, bytearray(sizes.n_bytes))
            self._backend = EnvironmentRows(self.task_set, 0, self.n_tasks, arrays, None)
        else:
            self._backend = WorkerPool(
                n_workers=n_workers,
                sizes=sizes,
                task_names=self.task_set.task_names,
                factory=task_set_factory,
                task_set_id=task_set_id,
                options=options,
            )
            arrays = self._backend.arrays
        self._arrays = arrays
        self.observations = arrays.observations
        self._step = VectorStep(
            next_observations=arrays.next_observations,
            rewards=arrays.rewards,
            terminated=arrays.terminated,
            truncated=arrays.truncated,
            infos=arrays.infos,
            rewards_of_all_tasks=arrays.rewards_of_all_tasks,
        )

    @contextlib.contextmanager
    def _open(self) -> Iterator[EnvironmentRows | WorkerPool]:
        """What steps the environments; closed by an exception inside."""
        if self._backend is None:
            raise RuntimeError("the vector environment has been closed")
        try:
            yield self._backend
        except TaskStateError:
            raise
        except BaseException:
            self.close()
            raise

    def reset(
        self, seeds: Sequence[int | None], *, same_run: bool = False
    ) -> npt.NDArray[np.float32]:
        """Starts a new episode in every environment.

        Args:
            seeds: one a task; None goes on with the environment's own random stream.
            same_run: whether what all episodes share stays as it is; see `TaskEnv.reset`.

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
        self._arrays.rewards_of_all_tasks[:] = 0.0
        self._arrays.terminated[:] = False
        self._arrays.truncated[:] = False
        with self._open() as backend:
            backend.reset(seeds, same_run=same_run)
            self._check_finite(backend)
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
            TaskEnvironmentError: an environment failed (which a `TaskEnv` also does when an action
                is not finite), or returned a number that is not finite.
        """
        self._arrays.actions[:] = actions
        self._arrays.active[:] = True if active is None else active
        with self._open() as backend:
            backend.step()
            self._check_finite(backend)
        return self._step

    def _check_finite(self, backend: EnvironmentRows | WorkerPool) -> None:
        """Raises for the first task with a number that is not finite."""
        arrays = self._arrays
        # Counting is several times faster than `all`.
        if np.count_nonzero(np.isfinite(arrays.checked)) == arrays.checked.size:
            return
        episode_length = INFO_KEYS.index("episode_length")
        values = np.column_stack(
            (
                arrays.rewards,
                arrays.next_observations,
                arrays.observations,
                arrays.rewards_of_all_tasks,
            )
        )
        task, column = (int(index) for index in np.argwhere(~np.isfinite(values))[0])
        size = arrays.observations.shape[1]
        if column == 0:
            name = "the reward"
        elif column <= size:
            name = f"observation[{column - 1}]"
        elif column <= 2 * size:
            name = f"observation[{column - size - 1}] after the reset"
        else:
            name = f"the reward that task {column - 2 * size - 1} would have paid"
        raise TaskEnvironmentError(
            [self.task_set.task_names[task]],
            backend.worker_of(task),
            f"{name} is {values[task, column]} "
            f"at step {int(arrays.infos[task, episode_length])} of the episode",
        )

    def get_state(self) -> State:
        """Everything needed to go on exactly from here.

        Returns:
            Arrays under the keys `<task index>/<key>`, the same for every `n_workers`.

        Raises:
            TaskEnvironmentError: an environment has not been reset yet.
        """
        with self._open() as backend:
            return backend.get_state()

    def set_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Goes back to where `get_state` was called, `observations` included.

        Args:
            state: what `get_state` gave.

        Raises:
            ValueError: the state is not one of T tasks.
            TaskStateError: an environment does not take its state (also a ValueError). The
                environments stay open, for another state or a reset.
        """
        tasks = {key.partition("/")[0] for key in state}
        if tasks != {str(task) for task in range(self.n_tasks)}:
            raise ValueError(
                f"the state has tasks {sorted(tasks)}, these environments 0 to {self.n_tasks - 1}"
            )
        with self._open() as backend:
            backend.set_state(dict(state))

    def close(self) -> None:
        """Closes the environments and ends the worker processes; safe to call again."""
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()

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

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

from environments.registry import TaskSetFactory, factory_of
from environments.task_env import INFO_KEYS
from learning.samplers.environment_rows import EnvironmentRows, State
from learning.samplers.shared_arrays import ArraySizes, SharedArrays
from learning.samplers.task_environment_error import TaskEnvironmentError, TaskStateError
from learning.samplers.worker_pool import WorkerPool


@dataclasses.dataclass(frozen=True, kw_only=True)
class VectorStep:
    """What a step of all environments gave. The next step writes into the same arrays.

    Attributes:
        next_observations: Observations before any automatic reset, float32 [T, O].
        rewards: Rewards, float32 [T].
        terminated: Whether the episode has truly ended, bool [T].
        truncated: Whether the time limit was reached; both may be true, bool [T].
        infos: Values of the infos, a column for each of `INFO_KEYS`, float64 [T, K].
        rewards_of_all_tasks: In row i the reward that every task would have given for task i's
            step, float32 [T, T]; [T, 0] where that was not asked for.
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
        task_set_id: Id of the task set.
        options: Options of the task set.
        n_workers: Number of worker processes, at most T; 0 steps in this process.
        task_set_factory: Maker of the task set from id and options, here and in the workers, which
            import it by its module and name.
        relabels: Whether steps also have the reward that every task would have given for them,
            which the task set must define (`TaskSet.relabels`).
        evaluation: Whether they are for evaluation, where a task set may have other goals than in
            training; see `TaskSet.make`.

    Attributes:
        task_set: Task set of the environments.
        n_tasks: Number of tasks, T.
        observations: Current observations, after any automatic reset, float32 [T, O].

    Raises:
        ValueError: The number of workers is out of range.
        TaskEnvironmentError: An environment could not be made.
    """

    def __init__(
        self,
        task_set_id: str,
        options: Mapping[str, Any],
        *,
        n_workers: int,
        task_set_factory: TaskSetFactory | None = None,
        relabels: bool = False,
        evaluation: bool = False,
    ) -> None:
        # First, since `__del__` also closes what the constructor could not finish.
        self._backend: EnvironmentRows | WorkerPool | None = None
        factory = task_set_factory or factory_of(task_set_id)
        self.task_set = factory(task_set_id, **options)
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
            self._backend = EnvironmentRows(
                self.task_set, 0, self.n_tasks, arrays, None, evaluation=evaluation
            )
        else:
            self._backend = WorkerPool(
                n_workers=n_workers,
                sizes=sizes,
                task_names=self.task_set.task_names,
                factory=factory,
                task_set_id=task_set_id,
                options=options,
                evaluation=evaluation,
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
        """Yield what steps the environments; an exception inside closes it."""
        if self._backend is None:
            raise RuntimeError("the vector environment has been closed")
        try:
            yield self._backend
        except TaskStateError:
            raise
        except BaseException:
            # After a Ctrl-C too: replies of the step that it cut off would pass for the next one's.
            self.close()
            raise

    def reset(
        self, seeds: Sequence[int | None], *, same_run: bool = False
    ) -> npt.NDArray[np.float32]:
        """Start a new episode in every environment.

        Args:
            seeds: Seeds, one a task; None goes on with the environment's own random stream.
            same_run: Whether what all episodes share stays as it is; see `TaskEnv.reset`.

        Returns:
            Array `observations`, [T, O].

        Raises:
            ValueError: There is not one seed a task.
            TaskEnvironmentError: An environment failed.
        """
        seeds = list(seeds)
        if len(seeds) != self.n_tasks:
            raise ValueError(f"{len(seeds)} seeds for {self.n_tasks} tasks")
        # A reset writes none of these: what stands there is of the episodes before.
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
        """Step the environments, and reset those whose episode ends.

        Args:
            actions: Actions, [T, A].
            active: Whether to step each environment; None: all. The rows of the others keep their
                values. Shape [T].

        Returns:
            Views of the arrays that the next step overwrites.

        Raises:
            TaskEnvironmentError: An environment failed (which a `TaskEnv` also does when an action
                is not finite), or returned a number that is not finite.
        """
        self._arrays.actions[:] = actions
        self._arrays.active[:] = True if active is None else active
        with self._open() as backend:
            backend.step()
            self._check_finite(backend)
        return self._step

    def _check_finite(self, backend: EnvironmentRows | WorkerPool) -> None:
        """Raise for the first task with a number that is not finite."""
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
            name = f"the reward by task {column - 2 * size - 1}'s rule"
        raise TaskEnvironmentError(
            [self.task_set.task_names[task]],
            backend.worker_of(task),
            f"{name} is {values[task, column]} "
            f"at step {int(arrays.infos[task, episode_length])} of the episode",
        )

    def get_state(self) -> State:
        """Return everything needed to go on exactly from here.

        Returns:
            Arrays under the keys `<task index>/<key>`, the same for every `n_workers`.

        Raises:
            TaskEnvironmentError: An environment has not been reset yet.
        """
        with self._open() as backend:
            return backend.get_state()

    def set_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go back to where `get_state` was called, `observations` included.

        Args:
            state: State that `get_state` returned.

        Raises:
            ValueError: The state is not one of T tasks.
            TaskStateError: An environment does not take its state (also a ValueError). The
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
        """Close the environments and end the worker processes; safe to call again."""
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def __del__(self) -> None:
        """Close what was not closed."""
        self.close()

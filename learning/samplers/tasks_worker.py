"""A garage Worker that gathers episodes of several tasks, for `--sampler ray`."""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

import cloudpickle
import numpy.typing as npt

from environments.registry import TaskSetFactory
from learning.garage_bridge.garage_compat import DefaultWorker, EpisodeBatch, Policy, Worker
from learning.samplers.acting_copies import act_from, acting_copies
from learning.samplers.environment_states import State, get_states, set_states
from learning.samplers.garage_environment import GarageEnvironment


@dataclasses.dataclass(frozen=True, kw_only=True)
class WorkersTasks:
    """The tasks of a worker, whose environments are made where it lives.

    Attributes:
        task_set_id: Id of the task set.
        options: Options of the task set.
        factory: What makes the task set from id and options.
        task_names: Names of all T tasks.
        tasks: Indices of the worker's tasks.
        seeds: One a task of all T, of the first episodes.
        relabels: Whether steps also give the reward by every task's rule.
    """

    task_set_id: str
    options: Mapping[str, Any]
    factory: TaskSetFactory
    task_names: tuple[str, ...]
    tasks: range
    seeds: tuple[int, ...]
    relabels: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class ActingUpdate:
    """What the workers act by in a collection.

    Attributes:
        policy: Who acts from now on, pickled by cloudpickle, since Ray's own copies share memory
            that cannot be written to; None: who acted before.
        parameters: For its `set_param_values`; None: those it has.
        stream_seeds: See `draw_stream_seeds`.
    """

    policy: bytes | None
    parameters: Mapping[str, Any] | None
    stream_seeds: Sequence[int] | None


class TasksWorker(Worker):
    """Gathers an episode of each of its tasks at a time, with a DefaultWorker a task.

    Args:
        seed: See garage's; None leaves the global random generators alone.
        max_episode_length: Time limit of an episode, in steps.
        worker_number: Number of this worker.
    """

    def __init__(self, *, seed: int | None, max_episode_length: int, worker_number: int) -> None:
        super().__init__(
            seed=seed, max_episode_length=max_episode_length, worker_number=worker_number
        )
        self._policy: Policy = None
        self._workers: dict[int, DefaultWorker] = {}
        self._task_names: tuple[str, ...] = ()
        self._seconds = 0.0

    @property
    def _environments(self) -> dict[int, GarageEnvironment]:
        return {task: worker.env for task, worker in self._workers.items()}

    def update_env(self, env_update: WorkersTasks | None) -> None:
        """Make the tasks' environments; None leaves them as they are."""
        if env_update is None:
            return
        self.shutdown()
        of = env_update
        self._task_names = of.task_names
        for task in of.tasks:
            worker = DefaultWorker(
                seed=self._seed,
                max_episode_length=self._max_episode_length,
                worker_number=self._worker_number,
            )
            worker.env = GarageEnvironment(
                of.task_set_id,
                of.options,
                task,
                seed=of.seeds[task],
                task_set_factory=of.factory,
                relabels=of.relabels,
            )
            self._workers[task] = worker

    def update_agent(self, agent_update: ActingUpdate | Policy | None) -> None:
        """Act by an update, or from now on with a policy; None changes nothing."""
        if agent_update is None:
            return
        update = agent_update
        if not isinstance(update, ActingUpdate):
            self._act_with(update)
            return
        if update.policy is not None:
            self._act_with(cloudpickle.loads(update.policy))
        if update.parameters is not None:
            # The copies share them.
            self._policy.set_param_values(update.parameters)
        for task, worker in self._workers.items():
            act_from(worker.agent, update.stream_seeds, task)

    def _act_with(self, policy: Policy) -> None:
        self._policy = policy
        copies = acting_copies(policy, len(self._workers))
        for worker, acting in zip(self._workers.values(), copies, strict=True):
            worker.agent = acting

    def rollout(self) -> EpisodeBatch:
        """Gather an episode of each task.

        Returns:
            The batch, task after task.
        """
        begin = time.perf_counter()
        batches = []
        for task, worker in self._workers.items():
            try:
                batches.append(worker.rollout())
            except Exception as error:
                error.add_note(f"This was while gathering for {self._task_names[task]}.")
                raise
        self._seconds += time.perf_counter() - begin
        return EpisodeBatch.concatenate(*batches)

    def get_states(self) -> State:
        """Return the environments' states; see `environment_states`."""
        return get_states(self._environments)

    def set_states(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Put the environments where `get_states` found them.

        Raises:
            TaskStateError: An environment does not take its state.
        """
        set_states(self._environments, state, self._task_names)

    def read_seconds(self) -> tuple[float, float]:
        """Return the seconds spent in environments and in all since the last call."""
        in_environments = 0.0
        for environment in self._environments.values():
            in_environments += environment.seconds
            environment.seconds = 0.0
        seconds, self._seconds = self._seconds, 0.0
        return in_environments, seconds

    def shutdown(self) -> None:
        """Close the environments; safe to call again."""
        while self._workers:
            _, worker = self._workers.popitem()
            worker.shutdown()

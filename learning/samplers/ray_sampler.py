"""`--sampler ray`: garage's RaySampler, whose workers gather episodes of several tasks each.

garage gathers with whichever worker is idle, so that fast tasks get more episodes and no run is
like another; here every task gets the same number of whole episodes, as from `LocalTaskSampler`,
and the same ones. It follows from the seed what is gathered, not from the number of workers.
"""

import contextlib
import copy
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import cloudpickle
import numpy as np
import numpy.typing as npt
import torch

from environments.plugin_files import loaded_modules
from environments.registry import TaskSetFactory, factory_of
from learning.garage_bridge.env_infos import TASK_ID
from learning.garage_bridge.garage_compat import EpisodeBatch, Policy
from learning.garage_bridge.ray_sampler import RaySampler, SamplerWorker, ray
from learning.samplers.acting_copies import draw_stream_seeds
from learning.samplers.agent_update import AgentUpdate, apply_agent_update
from learning.samplers.environment_states import State
from learning.samplers.tasks_worker import ActingUpdate, TasksWorker, WorkersTasks

_PREFIX = "environments/"


class TasksWorkerProcess(SamplerWorker):
    """What runs in a worker process: garage's part, and what resuming needs.

    Args:
        arguments: garage's arguments.
    """

    inner_worker: TasksWorker

    def __init__(self, *arguments: Any) -> None:
        # As many as Ray was asked for, whatever its environment variables say.
        torch.set_num_threads(1)
        super().__init__(*arguments)

    def get_states(self) -> State:
        """See `TasksWorker`."""
        return self.inner_worker.get_states()

    def set_states(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """See `TasksWorker`."""
        self.inner_worker.set_states(state)

    def read_seconds(self) -> tuple[float, float]:
        """See `TasksWorker`."""
        return self.inner_worker.read_seconds()


class RayTaskSampler(RaySampler):
    """A garage RaySampler that gives every task the same number of whole episodes.

    Args:
        policy: A garage policy with `get_action` and `reset`; the workers have copies of it on
            the CPU.
        task_set_id: Id of the task set.
        options: Options of the task set.
        seeds: One a task, of the first episodes.
        n_workers: Number of Ray's worker processes, 1 to T, with neighbouring tasks each.
        task_set_factory: What makes the task set from id and options; None: the table's.
        relabels: Whether steps also give the reward by every task's rule; see `GarageEnvironment`.

    Raises:
        RayError: Ray cannot be used.
        ValueError: Not one seed a task, or there cannot be as many workers.
    """

    worker_class = TasksWorkerProcess

    def __init__(
        self,
        policy: Policy,
        task_set_id: str,
        options: Mapping[str, Any],
        *,
        seeds: Sequence[int],
        n_workers: int,
        task_set_factory: TaskSetFactory | None = None,
        relabels: bool = False,
    ) -> None:
        factory = task_set_factory or factory_of(task_set_id)
        task_set = factory(task_set_id, **options)
        n_tasks = len(task_set.task_names)
        if len(seeds) != n_tasks:
            raise ValueError(f"{len(seeds)} seeds for {n_tasks} tasks")
        if not 1 <= n_workers <= n_tasks:
            raise ValueError(
                f"n_workers must be 1 to {n_tasks} (one a task of {task_set_id}), not {n_workers}"
            )
        self._policy = policy
        self._n_tasks = n_tasks
        self._horizon: int = task_set.max_episode_steps
        self._time_environment = 0.0
        self._time_policy = 0.0
        bounds = [n_tasks * worker // n_workers for worker in range(n_workers + 1)]
        super().__init__(
            _on_cpu(policy),
            [
                WorkersTasks(
                    task_set_id=task_set_id,
                    options=dict(options),
                    factory=factory,
                    task_names=tuple(task_set.task_names),
                    tasks=range(bounds[worker], bounds[worker + 1]),
                    seeds=tuple(seeds),
                    relabels=relabels,
                )
                for worker in range(n_workers)
            ],
            max_episode_length=self._horizon,
            seed=None,
            n_workers=n_workers,
            worker_class=TasksWorker,
        )
        try:
            # What a worker cannot make is known now.
            self._ask_all("read_seconds")
        except BaseException:
            self.shutdown_worker()
            raise

    def start_worker(self) -> None:
        """Start the workers, with a copy of the policy each."""
        with _plugins_by_value():
            super().start_worker()

    def obtain_samples(
        self,
        itr: int,
        num_samples: int,
        agent_update: AgentUpdate,
        env_update: None = None,
    ) -> EpisodeBatch:
        """Collect an episode of every task until there are enough steps.

        Args:
            itr: Not used (garage's signature).
            num_samples: The smallest number of steps wanted, in total over the tasks (>= 1).
            agent_update: None, a state dict for `set_param_values`, or a policy to act from now
                on.
            env_update: Must be None.

        Returns:
            The batch, task after task.

        Raises:
            RayError: A worker is gone.
            TypeError: `agent_update` is something else.
            ValueError: `num_samples` is not positive, or there is an `env_update`.
        """
        del itr
        if env_update is not None:
            raise ValueError("the environments of a RayTaskSampler cannot be replaced")
        if num_samples < 1:
            raise ValueError(f"num_samples must be at least 1, not {num_samples}")
        begin = time.perf_counter()
        batches: list[EpisodeBatch] = []
        update: ActingUpdate | None = self._acting_update(agent_update)
        n_steps = 0
        while n_steps < num_samples:
            # As many rounds as there must be at least; episodes that end early leave more to do.
            rounds = -(-(num_samples - n_steps) // (self._n_tasks * self._horizon))
            batches.append(self.obtain_exact_episodes(rounds, update))
            n_steps += int(batches[-1].lengths.sum())
            update = None
        self._share_out(time.perf_counter() - begin)
        episodes = [episode for batch in batches for episode in batch.split()]
        # Stable: a task's episodes stay in their order.
        episodes.sort(key=lambda episode: int(episode.env_infos[TASK_ID][0]))
        return EpisodeBatch.concatenate(*episodes)

    def _acting_update(self, agent_update: AgentUpdate) -> ActingUpdate:
        """Return what the workers need to act as the policy does after an update."""
        policy = apply_agent_update(self._policy, agent_update)
        is_new, self._policy = policy is not self._policy, policy
        parameters = agent_update if isinstance(agent_update, Mapping) else None
        if parameters is not None:
            parameters = {
                name: value.cpu() if isinstance(value, torch.Tensor) else value
                for name, value in parameters.items()
            }
        return ActingUpdate(
            policy=_pickled(policy) if is_new else None,
            parameters=parameters,
            stream_seeds=draw_stream_seeds(policy, self._n_tasks),
        )

    def _ask_all(self, method: str, *arguments: Any) -> list[Any]:
        """Have all workers do something at the same time; return what they say."""
        workers = self._all_workers.values()
        asked = [getattr(worker, method).remote(*arguments) for worker in workers]
        try:
            answers: list[Any] = ray.get(asked)
        except ray.exceptions.RayTaskError as error:
            # As it was raised there, with the traceback of there above it.
            raise error.cause from error
        return answers

    def _share_out(self, seconds: float) -> None:
        """Count the seconds of a collection, by what the workers have spent theirs on."""
        in_environments, in_all = np.sum(self._ask_all("read_seconds"), axis=0)
        self._time_environment += seconds * in_environments / in_all
        self._time_policy += seconds * (1.0 - in_environments / in_all)

    def read_times(self) -> dict[str, float]:
        """Return the seconds spent since the last call of this method.

        Returns:
            `time_environment` and `time_policy`; Ray's and garage's book-keeping count as both.
        """
        times = {"time_environment": self._time_environment, "time_policy": self._time_policy}
        self._time_environment = self._time_policy = 0.0
        return times

    def get_state(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything needed to go on exactly from here, but for the policy.

        Returns:
            What `LocalTaskSampler` returns, whatever the number of workers.
        """
        states: State = {}
        for part in self._ask_all("get_states"):
            states |= part
        started = {"started": np.array(bool(states))}
        return started | {f"{_PREFIX}{key}": value for key, value in states.items()}

    def set_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go back to where `get_state` was called.

        Args:
            state: What `get_state` gave.

        Raises:
            ValueError: The state is not of this sampler.
            TaskStateError: An environment does not take its state (also a ValueError).
        """
        if "started" not in state:
            raise ValueError(f"not the state of a RayTaskSampler: {sorted(state)}")
        if state["started"]:
            states = {key.removeprefix(_PREFIX): value for key, value in state.items()}
            self._ask_all("set_states", states)


def _on_cpu(policy: Policy) -> Policy:
    """Return the policy, or a copy of it on the CPU, where the workers act."""
    if getattr(policy, "device", None) in (None, torch.device("cpu")):
        return policy
    return copy.deepcopy(policy).cpu()


def _pickled(policy: Policy) -> bytes:
    with _plugins_by_value():
        pickled: bytes = cloudpickle.dumps(_on_cpu(policy))
    return pickled


@contextlib.contextmanager
def _plugins_by_value() -> Iterator[None]:
    """Pickle what is of a plug-in with its code inside, since the workers have not loaded it."""
    modules = loaded_modules()
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)

"""`--sampler local`: garage's LocalSampler with its DefaultWorker, one worker a task.

garage's own `obtain_samples` stops in the middle of a round over its workers, which gives the
first tasks more episodes; here every task gets the same number of whole episodes.

garage lets all workers share one policy object; here each has a copy that acts for its task alone
(`acting_copies`).
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from environments.registry import TaskSetFactory, factory_of
from learning.garage_bridge.garage_compat import DefaultWorker, EpisodeBatch, LocalSampler, Policy
from learning.samplers.acting_copies import act_from, acting_copies, draw_stream_seeds
from learning.samplers.agent_update import AgentUpdate, apply_agent_update
from learning.samplers.environment_states import get_states, set_states
from learning.samplers.garage_environment import GarageEnvironment

_PREFIX = "environments/"


class LocalTaskSampler(LocalSampler):
    """A garage LocalSampler that gives every task the same number of whole episodes.

    Args:
        policy: A garage policy with `get_action` and `reset`.
        task_set_id: Id of the task set.
        options: Options of the task set.
        seeds: One a task, of the first episodes.
        task_set_factory: What makes the task set from id and options; None: the table's.
        relabels: Whether steps also give the reward by every task's rule; see `GarageEnvironment`.

    Raises:
        ValueError: Not one seed a task.
    """

    def __init__(
        self,
        policy: Policy,
        task_set_id: str,
        options: Mapping[str, Any],
        *,
        seeds: Sequence[int],
        task_set_factory: TaskSetFactory | None = None,
        relabels: bool = False,
    ) -> None:
        factory = task_set_factory or factory_of(task_set_id)
        task_set = factory(task_set_id, **options)
        n_tasks = len(task_set.task_names)
        if len(seeds) != n_tasks:
            raise ValueError(f"{len(seeds)} seeds for {n_tasks} tasks")
        self._policy = policy
        self._task_names = task_set.task_names
        self._time_environment = 0.0
        self._time_policy = 0.0
        super().__init__(
            acting_copies(policy, n_tasks),
            [
                GarageEnvironment(
                    task_set_id,
                    options,
                    task,
                    seed=seed,
                    task_set_factory=factory,
                    relabels=relabels,
                )
                for task, seed in enumerate(seeds)
            ],
            max_episode_length=task_set.max_episode_steps,
            # Without a seed garage leaves the global random generators alone.
            seed=None,
            n_workers=n_tasks,
            worker_class=DefaultWorker,
        )

    @property
    def _environments(self) -> list[GarageEnvironment]:
        """The workers' environments (garage has copied those that it was given)."""
        return [worker.env for worker in self._workers]

    def obtain_samples(
        self,
        itr: int,
        num_samples: int,
        agent_update: AgentUpdate,
        env_update: Any = None,
    ) -> EpisodeBatch:
        """Collect an episode of every task until there are enough steps.

        Args:
            itr: Not used (garage's signature).
            num_samples: The smallest number of steps wanted, in total over the tasks (>= 1).
            agent_update: None, a state dict for `set_param_values`, or a policy to act from now
                on.
            env_update: See garage's LocalSampler.

        Returns:
            The batch, task after task.

        Raises:
            TypeError: `agent_update` is something else.
            ValueError: `num_samples` is not positive.
        """
        del itr
        if num_samples < 1:
            raise ValueError(f"num_samples must be at least 1, not {num_samples}")
        policy = apply_agent_update(self._policy, agent_update)
        # Parameters are updated by now: the workers' copies share them.
        agents = None if policy is self._policy else acting_copies(policy, len(self._workers))
        self._policy = policy
        self._update_workers(agents, env_update)
        seeds = draw_stream_seeds(policy, len(self._workers))
        for task, worker in enumerate(self._workers):
            act_from(worker.agent, seeds, task)
        begin = time.perf_counter()
        before = sum(environment.seconds for environment in self._environments)
        batches: list[list[EpisodeBatch]] = [[] for _ in self._workers]
        n_steps = 0
        while n_steps < num_samples:
            for worker, episodes in zip(self._workers, batches, strict=True):
                episodes.append(worker.rollout())
                n_steps += int(episodes[-1].lengths.sum())
        self.total_env_steps += n_steps
        in_environment = sum(environment.seconds for environment in self._environments) - before
        self._time_environment += in_environment
        self._time_policy += time.perf_counter() - begin - in_environment
        return EpisodeBatch.concatenate(*(batch for episodes in batches for batch in episodes))

    def read_times(self) -> dict[str, float]:
        """Return the seconds spent since the last call of this method.

        Returns:
            `time_environment` and `time_policy`; garage's own book-keeping counts as the latter.
        """
        times = {"time_environment": self._time_environment, "time_policy": self._time_policy}
        self._time_environment = self._time_policy = 0.0
        return times

    def get_state(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything needed to go on exactly from here, but for the policy.

        Returns:
            `started`, and once started the environments' states, under
            `environments/<task index>/<key>`; they are at the ends of episodes.
        """
        states = get_states(dict(enumerate(self._environments)))
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
            raise ValueError(f"not the state of a LocalTaskSampler: {sorted(state)}")
        if state["started"]:
            states = {key.removeprefix(_PREFIX): value for key, value in state.items()}
            set_states(dict(enumerate(self._environments)), states, self._task_names)

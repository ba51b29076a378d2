"""The default sampler: all tasks step together, the policy is asked once a step for all of them."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from learning.garage_bridge.garage_compat import EnvSpec, EpisodeBatch, Policy, Sampler
from learning.garage_bridge.task_one_hot import observations_with_one_hots
from learning.samplers.agent_update import AgentUpdate, apply_agent_update
from learning.samplers.episode_recorder import EpisodeRecorder
from learning.samplers.finite_actions import require_finite_actions
from learning.samplers.vector_environment import VectorEnvironment


class LockStepSampler(Sampler):
    """A garage Sampler that gives every task the same number of steps.

    Episodes go on across calls: the batch holds fragments of them, cut at its end. The policy
    acts in this process and keeps its state by row, a row a task.

    Args:
        policy: A garage policy with `get_actions` and `reset`.
        environments: The tasks' environments; this sampler closes them.
        env_spec: garage's spec, see `make_env_spec`.
        seeds: One a task, of the first episodes.

    Raises:
        ValueError: Not one seed a task.
    """

    def __init__(
        self,
        policy: Policy,
        environments: VectorEnvironment,
        *,
        env_spec: EnvSpec,
        seeds: Sequence[int],
    ) -> None:
        # garage's own constructor is deprecated.
        n_tasks = environments.n_tasks
        if len(seeds) != n_tasks:
            raise ValueError(f"{len(seeds)} seeds for {n_tasks} tasks")
        self._policy = policy
        self._environments = environments
        self._env_spec = env_spec
        self._seeds = tuple(seeds)
        self._started = False
        self._size = environments.observations.shape[1]
        # What the policy sees.
        self._observations = observations_with_one_hots(n_tasks, self._size)
        self._time_environment = 0.0
        self._time_policy = 0.0

    def obtain_samples(
        self,
        itr: int,
        num_samples: int,
        agent_update: AgentUpdate,
        env_update: None = None,
    ) -> EpisodeBatch:
        """Step every task ceil(num_samples / T) times.

        Args:
            itr: Not used (garage's signature).
            num_samples: The smallest number of steps wanted, in total over the tasks (>= 1).
            agent_update: None, a state dict for `set_param_values`, or a policy to act from now
                on, which begins in the middle of the tasks' episodes.
            env_update: Must be None.

        Returns:
            The batch, task after task. `env_infos` has `INFO_KEYS`, `TASK_ID` and, where the
            environments give them, `REWARDS_OF_ALL_TASKS`; `agent_infos` has what the policy says
            is read of it (`recorded_infos`), or everything of a policy that does not say.

        Raises:
            TypeError: `agent_update` is something else.
            ValueError: `num_samples` is not positive, or there is an `env_update`.
            TaskEnvironmentError: An environment failed.
            DivergenceError: The policy gave an action that is not finite.
        """
        del itr
        if env_update is not None:
            raise ValueError("the environments of a LockStepSampler cannot be replaced")
        if num_samples < 1:
            raise ValueError(f"num_samples must be at least 1, not {num_samples}")
        policy = apply_agent_update(self._policy, agent_update)
        if not self._started:
            before = time.perf_counter()
            self._environments.reset(self._seeds)
            self._time_environment += time.perf_counter() - before
        # Not after resuming: the policy's own state says what it remembers of the rows.
        if not self._started or policy is not self._policy:
            policy.reset(np.ones(self._environments.n_tasks, np.bool_))
        self._policy = policy
        self._started = True
        n_tasks = self._environments.n_tasks
        n_steps = -(-num_samples // n_tasks)
        recorder = EpisodeRecorder(self._env_spec, n_tasks, n_steps)
        environments, observations = self._environments, self._observations
        clock = time.perf_counter
        task_names = environments.task_set.task_names
        recorded = getattr(policy, "recorded_infos", None)
        for index in range(n_steps):
            observations[:, : self._size] = environments.observations
            before = clock()
            actions, agent_infos = policy.get_actions(observations)
            if recorded is not None:
                agent_infos = {name: agent_infos[name] for name in recorded}
            require_finite_actions(actions, task_names)
            between = clock()
            step = environments.step(actions)
            after = clock()
            self._time_policy += between - before
            self._time_environment += after - between
            done = step.terminated | step.truncated
            any_done = bool(np.count_nonzero(done))
            recorder.record(
                index,
                observations=observations,
                actions=actions,
                agent_infos=agent_infos,
                step=step,
                any_done=any_done,
            )
            if any_done:
                policy.reset(done)
        return recorder.episodes()

    def read_times(self) -> dict[str, float]:
        """Return the seconds spent since the last call of this method.

        Returns:
            `time_environment` and `time_policy`.
        """
        times = {"time_environment": self._time_environment, "time_policy": self._time_policy}
        self._time_environment = self._time_policy = 0.0
        return times

    def get_state(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything needed to go on exactly from here, but for the policy.

        Returns:
            `started`, and once started the environments' state under `environments/<key>`.
        """
        state: dict[str, npt.NDArray[Any]] = {"started": np.array(self._started)}
        if self._started:
            environments = self._environments.get_state()
            state |= {f"environments/{key}": value for key, value in environments.items()}
        return state

    def set_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go back to where `get_state` was called.

        Args:
            state: What `get_state` gave.

        Raises:
            ValueError: The state is not one of these tasks.
            TaskStateError: An environment does not take its state (also a ValueError).
        """
        if "started" not in state:
            raise ValueError(f"not the state of a LockStepSampler: {sorted(state)}")
        self._started = bool(state["started"])
        if self._started:
            prefix = "environments/"
            self._environments.set_state(
                {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            )

    def shutdown_worker(self) -> None:
        """Close the environments and their processes."""
        self._environments.close()

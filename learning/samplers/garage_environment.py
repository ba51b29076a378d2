"""One task of a task set as a garage Environment, for garage's own samplers and evaluation."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from environments.registry import TaskSetFactory, factory_of
from environments.task_set import TaskSet
from learning.garage_bridge.env_infos import REWARDS_OF_ALL_TASKS, TASK_ID
from learning.garage_bridge.garage_compat import Environment, EnvSpec, EnvStep, StepType, akro
from learning.garage_bridge.task_one_hot import observations_with_one_hots
from learning.samplers.finite_actions import require_finite_actions


def make_env_spec(task_set: TaskSet) -> EnvSpec:
    """Return the spec of a task set's garage environments.

    Observations are unbounded: garage would warn about every batch whose first observation leaves
    the bounds, which simulators state loosely.

    Args:
        task_set: Its observations are [O], its actions [A].

    Returns:
        Observations [O + T] that end in the task's one-hot, actions [A], the time limit.
    """
    size = task_set.observation_space.shape[0] + len(task_set.task_names)
    actions = task_set.action_space
    return EnvSpec(
        akro.Box(low=-np.inf, high=np.inf, shape=(size,), dtype=np.float32),
        akro.Box(low=actions.low, high=actions.high, dtype=np.float32),
        max_episode_length=task_set.max_episode_steps,
    )


class GarageEnvironment(Environment):
    """A task as garage sees it.

    Observations end in the task's one-hot. `env_info` has the floats of `INFO_KEYS`, the int
    `task_id` and, where asked for, `REWARDS_OF_ALL_TASKS`. Copies (`copy.deepcopy`, cloudpickle)
    are made anew from the task set's id and options, and go on with the original's random stream
    and episode.

    Args:
        task_set_id: Id of the task set.
        options: Options of the task set.
        task: Index of the task.
        seed: Seed of the first reset.
        task_set_factory: What makes the task set from id and options; None: the table's.
        relabels: Whether steps also give the reward by every task's rule, which the task set must
            define (`TaskSet.relabels`).

    Attributes:
        seconds: Time spent in the task so far.
    """

    def __init__(
        self,
        task_set_id: str,
        options: Mapping[str, Any],
        task: int,
        *,
        seed: int,
        task_set_factory: TaskSetFactory | None = None,
        relabels: bool = False,
    ) -> None:
        factory = task_set_factory or factory_of(task_set_id)
        self._arguments = (task_set_id, dict(options), task, factory, relabels)
        self._relabels = relabels
        task_set = factory(task_set_id, **options)
        self._task = task
        self._name = task_set.task_names[task : task + 1]
        self._seed: int | None = seed
        self._spec = make_env_spec(task_set)
        self._extended = observations_with_one_hots(
            task_set.n_tasks, task_set.observation_space.shape[0]
        )[task]
        self._environment = task_set.make(task)
        self._over = True
        self._first = True
        self.seconds = 0.0

    @property
    def observation_space(self) -> akro.Box:
        """Box of O + T numbers."""
        return self._spec.observation_space

    @property
    def action_space(self) -> akro.Box:
        """Box of A numbers."""
        return self._spec.action_space

    @property
    def spec(self) -> EnvSpec:
        """See `make_env_spec`."""
        return self._spec

    @property
    def render_modes(self) -> list[str]:
        """None."""
        return []

    def _with_one_hot(self, observation: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return the observation with the task's one-hot, [O + T]."""
        # A copy, since garage's workers keep an episode's observations.
        extended: npt.NDArray[np.float32] = self._extended.copy()
        extended[: len(observation)] = observation
        return extended

    def reset(self) -> tuple[npt.NDArray[np.float32], dict[str, npt.NDArray[Any]]]:
        """Start an episode; the first call uses the seed.

        Returns:
            The observation [O + T] and no episode infos.
        """
        before = time.perf_counter()
        observation, _ = self._environment.reset(seed=self._seed)
        self.seconds += time.perf_counter() - before
        self._seed = None
        self._first = True
        self._over = False
        return self._with_one_hot(observation), {}

    def step(self, action: npt.NDArray[np.float32]) -> EnvStep:
        """Step the task.

        Args:
            action: Action, [A].

        Returns:
            The step: TERMINAL when terminated (at the time limit too), TIMEOUT when only
            truncated, else FIRST or MID.

        Raises:
            RuntimeError: The episode is over or has not begun.
            DivergenceError: The action is not finite.
        """
        if self._over:
            raise RuntimeError("reset() must be called before step()")
        require_finite_actions(action[None], self._name)
        before = time.perf_counter()
        observation, reward, terminated, truncated, info = self._environment.step(action)
        env_info = {**info, TASK_ID: self._task}
        if self._relabels:
            env_info[REWARDS_OF_ALL_TASKS] = self._environment.rewards_of_all_tasks()
        self.seconds += time.perf_counter() - before
        kind = StepType.FIRST if self._first else StepType.MID
        if terminated:
            kind = StepType.TERMINAL
        elif truncated:
            kind = StepType.TIMEOUT
        self._first = False
        self._over = terminated or truncated
        return EnvStep(
            env_spec=self._spec,
            action=action,
            reward=float(reward),
            observation=self._with_one_hot(observation),
            env_info=env_info,
            step_type=kind,
        )

    def render(self, mode: str) -> None:
        """Not supported.

        Raises:
            ValueError: Always.
        """
        self._validate_render_mode(mode)

    def visualize(self) -> None:
        """Not supported.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("task sets open no window")

    def close(self) -> None:
        """Close the task; garage calls this on half-built objects too."""
        if "_environment" in vars(self):
            self._environment.close()

    def get_state(self) -> dict[str, npt.NDArray[Any]]:
        """Return the task's state (see `TaskEnv.get_state`), empty before the first reset."""
        return {} if self._seed is not None else self._environment.get_state()

    def set_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go back to where `get_state` was called.

        Args:
            state: What `get_state` gave.

        Raises:
            ValueError: The environment cannot be brought back.
        """
        if state:
            self._environment.set_state(state)
            self._seed = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy is made of."""
        return {
            "arguments": self._arguments,
            "seed": self._seed,
            "state": self.get_state(),
            "flags": (self._first, self._over),
        }

    def __setstate__(self, copied: dict[str, Any]) -> None:
        """Make the task anew and bring it to the original's state."""
        task_set_id, options, task, factory, relabels = copied["arguments"]
        seed: int = copied["seed"]
        GarageEnvironment.__init__(
            self,
            task_set_id,
            options,
            task,
            seed=seed,
            task_set_factory=factory,
            relabels=relabels,
        )
        self.set_state(copied["state"])
        self._first, self._over = copied["flags"]
        self._seed = copied["seed"]

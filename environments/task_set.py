"""A task set: tasks of equal observation and action spaces that one run learns together."""

from __future__ import annotations

import abc
import importlib.metadata
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from environments.options import OptionTable, OptionValue
from environments.resumable_env import ResumableEnv
from environments.task_env import TaskEnv
from environments.task_knowledge import TaskKnowledge

__all__ = ["OptionTable", "OptionValue", "TaskSet"]


class TaskSet(abc.ABC):
    """Names, spaces, horizon and success rule of some tasks; makes their environments.

    A task set is cheap to construct: what is slow to import or build waits for `make`.
    """

    OPTIONS: ClassVar[OptionTable] = {}
    """The options by name; what a table cannot say, the task set checks itself."""
    PACKAGES: ClassVar[tuple[str, ...]] = ("gymnasium", "mujoco", "numpy")
    """Packages whose versions decide what the environments do; they go on the protocol card."""

    relabels: ClassVar[bool] = False
    """Whether the environments' `rewards_of_all_tasks` gives the reward by every task's rule."""

    id: str
    """The id under which `make_task_set` makes it."""
    options: Mapping[str, OptionValue]
    """All options, resolved; `make_task_set(id, **options)` makes the same task set again."""
    task_names: tuple[str, ...]
    """One name a task, in the order of the task axis."""
    observation_space: Box
    """[O], the same for all tasks, without any task one-hot."""
    action_space: Box
    """[A], from -1 to 1, the same for all tasks."""
    max_episode_steps: int
    """Time limit of an episode (steps)."""
    has_subgoals: bool
    """Whether `any_subgoal` says more than `success`."""
    success_rule: str
    """One sentence: when an episode counts as a success."""
    min_reward: tuple[float | None, ...] = ()
    """The smallest reward by task as the paper has it (for UDS); None, or an empty tuple, where it
    gives none."""

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Keep the id and the resolved options; `registry.make_task_set` has checked them."""
        self.id = task_set_id
        self.options = dict(options)

    @property
    def n_tasks(self) -> int:
        """Number of tasks T."""
        return len(self.task_names)

    def protocol(self) -> dict[str, OptionValue]:
        """Return what a reader must know to compare results, flat, for the protocol card."""
        card: dict[str, OptionValue] = {
            "env": self.id,
            "n_tasks": self.n_tasks,
            "tasks": ",".join(self.task_names),
            "observation_size": self.observation_space.shape[0],
            "action_size": self.action_space.shape[0],
            "horizon": self.max_episode_steps,
            "success_rule": self.success_rule,
        }
        card.update(self.options)
        for package in self.PACKAGES:
            card[f"{package}_version"] = importlib.metadata.version(package)
        return card

    def domain_weights(self) -> npt.NDArray[np.float64] | None:
        """Return how much each task's behaviour is worth to each task, as is known beforehand.

        Returns:
            Shape [T, T], row i: the weight of each policy for task i, at least 0 and not all 0;
            None where the task set does not say.
        """
        return None

    def task_distances(self) -> npt.NDArray[np.float64] | None:
        """Return how far the tasks' descriptions lie apart.

        Returns:
            Shape [T, T], symmetric, 0 on the diagonal; None where the task set does not say.
        """
        return None

    def knowledge(self) -> TaskKnowledge:
        """Return what is known of the tasks; a task set that has more than names overrides it."""
        return TaskKnowledge(names=self.task_names)

    def make(self, task: int, *, evaluation: bool = False) -> TaskEnv:
        """Make one task's environment.

        Args:
            task: Index into `task_names`.
            evaluation: Whether it is for evaluation, where a task set may have other goals than in
                training; seeded with the run's seed it has what evaluates that run.

        Raises:
            ValueError: There is no such task.
        """
        if not 0 <= task < self.n_tasks:
            names = ", ".join(f"{i} {name}" for i, name in enumerate(self.task_names))
            raise ValueError(f"{self.id} has no task {task}; its tasks: {names}")
        make = self._make_evaluation_task if evaluation else self._make_task
        return TaskEnv(make(task), self.max_episode_steps)

    @abc.abstractmethod
    def _make_task(self, task: int) -> ResumableEnv:
        """Make the bare environment of a task whose index has been checked."""

    def _make_evaluation_task(self, task: int) -> ResumableEnv:
        """Make the bare environment that evaluates a task: training's, unless overridden."""
        return self._make_task(task)

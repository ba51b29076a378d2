"""Meta-World's MT10 and MT50, and any list of its tasks (docs/environments/metaworld.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from gymnasium.spaces import Box

from environments import metaworld_tasks
from environments.task_env import ResumableEnv
from environments.task_set import OptionTable, OptionValue, TaskSet

HORIZON = 500
_OBSERVATION_SIZE = 39
_ACTION_SIZE = 4
_REWARD_VERSION: OptionTable = {"reward_version": ("v2", ("v2", "v1"))}


class MetaWorldTaskSet(TaskSet):
    """Any Meta-World tasks in the multi-task convention: goal visible, 50 goals, 500 steps."""

    OPTIONS: ClassVar[OptionTable] = _REWARD_VERSION
    PACKAGES: ClassVar[tuple[str, ...]] = (*TaskSet.PACKAGES, "metaworld")

    def __init__(
        self,
        task_set_id: str,
        options: Mapping[str, OptionValue],
        *,
        task_names: Sequence[str],
    ) -> None:
        """Takes the tasks by name.

        Args:
            task_set_id: the id it is registered by.
            options: `reward_version`, and whatever a subclass adds.
            task_names: Meta-World's names without version ending, none twice.

        Raises:
            ValueError: a name is unknown or given twice, or there is none.
        """
        super().__init__(task_set_id, options)
        unknown = [name for name in task_names if name not in metaworld_tasks.MT50]
        if unknown or not task_names or len(set(task_names)) < len(task_names):
            allowed = ", ".join(metaworld_tasks.MT50)
            problem = f"unknown task {unknown[0]!r}" if unknown else "each task once, at least one"
            raise ValueError(f"{task_set_id}: {problem}; the tasks of Meta-World: {allowed}")
        self.task_names = tuple(task_names)
        self.observation_space = Box(-np.inf, np.inf, (_OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (_ACTION_SIZE,), np.float32)
        self.max_episode_steps = HORIZON
        self.has_subgoals = False
        self.success_rule = "Meta-World's success at any step of the episode"
        self.min_reward = (0.0,) * len(self.task_names)

    def protocol(self) -> dict[str, OptionValue]:
        """Adds how goals are drawn and shown, and what ends an episode."""
        card = super().protocol()
        card["goals"] = "50 a task, drawn from the task's seed; one of them at random an episode"
        card["goal_observable"] = True
        card["terminates_on_success"] = False
        return card

    def _make_task(self, task: int) -> ResumableEnv:
        # Meta-World takes long to import, and only who makes its environments needs it.
        from environments.metaworld_env import MetaWorldEnv  # noqa: PLC0415

        return MetaWorldEnv(self.task_names[task], str(self.options["reward_version"]))


class MetaWorldMT10(MetaWorldTaskSet):
    """`MetaWorldMT10-v2`: Meta-World's MT10."""

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Takes the option `reward_version`."""
        super().__init__(task_set_id, options, task_names=metaworld_tasks.MT10)


class MetaWorldMT50(MetaWorldTaskSet):
    """`MetaWorldMT50-v2`: all of Meta-World's tasks."""

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Takes the option `reward_version`."""
        super().__init__(task_set_id, options, task_names=metaworld_tasks.MT50)


class MetaWorldCustom(MetaWorldTaskSet):
    """`MetaWorldCustom-v2`: the tasks that the option `tasks` lists, separated by commas."""

    OPTIONS: ClassVar[OptionTable] = {
        **_REWARD_VERSION,
        "tasks": ("door-open,door-close,drawer-open,drawer-close", ()),
    }

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Takes the options `reward_version` and `tasks`."""
        names = [name.strip() for name in str(options["tasks"]).split(",")]
        super().__init__(task_set_id, options, task_names=names)

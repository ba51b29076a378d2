"""`KitchenMTEasy-v0`: opening and closing, on and off, in one kitchen (QMP, arXiv 2302.00671)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from gymnasium.spaces import Box

from environments.kitchen.tasks import HORIZON, MIN_REWARD, TASKS
from environments.resumable_env import ResumableEnv
from environments.task_set import OptionValue, TaskSet

# As in `env.py`, which needs MuJoCo.
_OBSERVATION_SIZE = 60
_ACTION_SIZE = 9


class KitchenMTEasy(TaskSet):
    """The QMP reference's ten kitchen tasks; `tasks.TASKS` is its table."""

    PACKAGES: ClassVar[tuple[str, ...]] = (*TaskSet.PACKAGES, "gymnasium-robotics")
    relabels: ClassVar[bool] = True

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Take no options."""
        super().__init__(task_set_id, options)
        self.task_names = tuple(task.name for task in TASKS)
        self.observation_space = Box(-np.inf, np.inf, (_OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (_ACTION_SIZE,), np.float32)
        self.max_episode_steps = HORIZON
        self.has_subgoals = False
        self.success_rule = "the task's element within its threshold of the goal, at any step"
        self.min_reward = (MIN_REWARD,) * len(TASKS)

    def protocol(self) -> dict[str, OptionValue]:
        """Add how episodes start and end."""
        card = super().protocol()
        card["goals"] = "fixed: environments/kitchen/tasks.py"
        card["observation_noise"] = 0.0
        card["terminates_on_success"] = True
        return card

    def _make_task(self, task: int) -> ResumableEnv:
        # Building the kitchen needs MuJoCo; saying what it is does not.
        from environments.kitchen.env import KitchenEnv  # noqa: PLC0415

        return KitchenEnv(task)

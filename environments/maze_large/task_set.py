"""`MazeLarge-10-v0`: ten ways through one maze (QMP, arXiv 2302.00671)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from gymnasium.spaces import Box

from environments.maze_large.env import ACTION_SIZE, OBSERVATION_SIZE, MazeLargeEnv
from environments.maze_large.layout import GOAL_RADIUS, HORIZON, TASKS
from environments.options import Option, OptionTable, OptionValue
from environments.task_env import ResumableEnv
from environments.task_set import TaskSet


class MazeLarge10(TaskSet):
    """The QMP reference's maze; `layout.TASKS` is its table."""

    OPTIONS: ClassVar[OptionTable] = {
        "sparse_tasks": Option(
            default=False, help="All tasks give 1 at the goal and 0 elsewhere (maze)."
        )
    }
    relabels = True

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Take the option `sparse_tasks`: all tasks give 1 at the goal and 0 elsewhere."""
        super().__init__(task_set_id, options)
        self.task_names = tuple(task.name for task in TASKS)
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (ACTION_SIZE,), np.float32)
        self.max_episode_steps = HORIZON
        self.has_subgoals = False
        self.success_rule = f"within {GOAL_RADIUS} of the goal, which ends the episode"
        self.min_reward = (0.0 if options["sparse_tasks"] else -1.0,) * len(TASKS)

    def protocol(self) -> dict[str, OptionValue]:
        """Add where the goals are and what ends an episode."""
        card = super().protocol()
        card["goals"] = "fixed: environments/maze_large/layout.py"
        card["terminates_on_success"] = True
        return card

    def _make_task(self, task: int) -> ResumableEnv:
        return MazeLargeEnv(task, sparse=bool(self.options["sparse_tasks"]))

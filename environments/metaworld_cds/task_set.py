"""`MetaWorldCDS-v1`: opening and closing a door and a drawer (QMP, arXiv 2302.00671)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from gymnasium.spaces import Box

from environments.metaworld_cds.tasks import HORIZON, MIN_REWARD, N_GOALS, TASKS
from environments.resumable_env import ResumableEnv
from environments.run_goals import EVALUATION_GOALS
from environments.task_set import OptionTable, OptionValue, TaskSet

# As in `env.py`, which imports Meta-World.
_OBSERVATION_SIZE = 21
_ACTION_SIZE = 4


class MetaWorldCDS(TaskSet):
    """The QMP reference's tasks with door and drawer; `tasks.TASKS` is its table."""

    OPTIONS: ClassVar[OptionTable] = {"evaluation_goals": EVALUATION_GOALS}
    PACKAGES: ClassVar[tuple[str, ...]] = (*TaskSet.PACKAGES, "metaworld")

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Take a value for each of `OPTIONS`."""
        super().__init__(task_set_id, options)
        self.task_names = tuple(task.name for task in TASKS)
        self.observation_space = Box(-np.inf, np.inf, (_OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (_ACTION_SIZE,), np.float32)
        self.max_episode_steps = HORIZON
        self.has_subgoals = False
        self.success_rule = "the handle near its target (tasks.py has the radii) at any step"
        self.min_reward = (MIN_REWARD,) * len(TASKS)

    def protocol(self) -> dict[str, OptionValue]:
        """Add the reward's version, how goals are drawn and shown, and what counts as success."""
        card = super().protocol()
        card["reward_version"] = "v2"
        card["goals"] = (
            f"{N_GOALS} a task, drawn from the task's seed; one of them at random an episode"
        )
        card["goal_observable"] = True
        card["terminates_on_success"] = False
        card["success_radii"] = ",".join(f"{task.name} {task.radius:g}" for task in TASKS)
        return card

    def _make_task(self, task: int) -> ResumableEnv:
        return self._env(task, None)

    def _make_evaluation_task(self, task: int) -> ResumableEnv:
        return self._env(task, str(self.options["evaluation_goals"]))

    def _env(self, task: int, evaluation_goals: str | None) -> ResumableEnv:
        # Meta-World takes long to import, and only who makes its environments needs it.
        from environments.metaworld_cds.env import MetaWorldCdsEnv  # noqa: PLC0415

        return MetaWorldCdsEnv(TASKS[task], evaluation_goals)

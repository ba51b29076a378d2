"""`JacoReachMT5-v1`: five multistage reaching tasks of one arm (QMP, arXiv 2302.00671)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from environments.jaco_reach.env import N_JOINTS, OBSERVATION_SIZE, JacoReachEnv
from environments.jaco_reach.tasks import HORIZON, MIN_REWARD, TASKS, ReachTask
from environments.task_env import ResumableEnv
from environments.task_set import OptionValue, TaskSet


class JacoReachMT5(TaskSet):
    """The QMP reference's multistage reacher; `tasks.TASKS` is its table."""

    relabels: ClassVar[bool] = True

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Take no options."""
        super().__init__(task_set_id, options)
        self.task_names = tuple(task.name for task in TASKS)
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (N_JOINTS,), np.float32)
        self.max_episode_steps = HORIZON
        self.has_subgoals = True
        self.success_rule = "all three stages of the task done within the episode"
        self.min_reward = (MIN_REWARD,) * len(TASKS)

    def protocol(self) -> dict[str, OptionValue]:
        """Add what counts as reaching any sub-goal."""
        card = super().protocol()
        card["any_subgoal_rule"] = "first sub-goal reached; stay task: all its stages"
        card["goals"] = "fixed: environments/jaco_reach/tasks.py; stay: the hand at reset"
        return card

    def domain_weights(self) -> npt.NDArray[np.float64]:
        """Count the segments that two tasks share, from where to where; `stay` shares none.

        QMP's ablation "domain" (arXiv 2302.00671, version 1) says as much; its very numbers are
        not published.
        """
        segments = [_segments(task) for task in TASKS]
        return np.array([[len(a & b) for b in segments] for a in segments], dtype=np.float64)

    def _make_task(self, task: int) -> ResumableEnv:
        return JacoReachEnv(TASKS[task])


def _segments(task: ReachTask) -> set[tuple[int | str, int | str]]:
    """Return (from, to) of each stage, by sub-goal; the stay task has one of its own."""
    if not task.sub_goals:
        return {("start", "start")}
    # The last sub-goal begins no segment, hence the unequal lengths.
    return set(zip(("start", *task.sub_goals), task.sub_goals, strict=False))

"""`Walker2dMT4-v0`: forward, backward, balance and crawl (QMP, arXiv 2302.00671)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from gymnasium.spaces import Box

from environments.options import Option, OptionTable, OptionValue
from environments.task_env import ResumableEnv
from environments.task_set import TaskSet
from environments.walker2d.env import N_MOTORS, OBSERVATION_SIZE, Walker2dEnv
from environments.walker2d.tasks import HORIZON, MIN_REWARD, TASKS


class Walker2dMT4(TaskSet):
    """The QMP reference's walker; `tasks.TASKS` is its table."""

    OPTIONS: ClassVar[OptionTable] = {
        "push_probability": Option(
            default=0.0,
            at_least=0.0,
            at_most=1.0,
            help="Probability of a push in a step (walker); the paper's runs have none.",
        )
    }
    relabels = True

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Take the option `push_probability`."""
        super().__init__(task_set_id, options)
        self.task_names = tuple(task.name for task in TASKS)
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (N_MOTORS,), np.float32)
        self.max_episode_steps = HORIZON
        self.has_subgoals = False
        self.success_rule = "all 1000 steps survived; crawl: without touching the ceiling"
        self.min_reward = (MIN_REWARD,) * len(TASKS)

    def protocol(self) -> dict[str, OptionValue]:
        """Add that results are compared by their return, as in the paper."""
        card = super().protocol()
        card["headline"] = "return"
        return card

    def _make_task(self, task: int) -> ResumableEnv:
        probability = float(self.options["push_probability"])
        return Walker2dEnv(TASKS[task], push_probability=probability)

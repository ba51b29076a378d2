"""A task set: a point on a plane goes to one of some goals on a circle."""

import numpy as np
from gymnasium.spaces import Box

from environments import Option, ResumableEnv, TaskSet
from learning.options import Value


class Point(ResumableEnv):
    observation_space, action_space = Box(-np.inf, np.inf, (2,)), Box(-1.0, 1.0, (2,))

    def __init__(self, angle):
        self._goal = np.array([np.cos(angle), np.sin(angle)])

    def begin_episode(self):
        self._place = self.np_random.normal(scale=0.1, size=2)
        return self._place

    def step(self, action):
        self._place = self._place + 0.1 * action
        distance = np.linalg.norm(self._place - self._goal)
        return self._place, -distance, False, False, {"success": float(distance < 0.1)}


class PointTasks(TaskSet):
    OPTIONS = {"goals": Option(default=4, at_least=2, help="Goals on the circle.")}
    observation_space, action_space = Point.observation_space, Point.action_space
    max_episode_steps, has_subgoals, success_rule = 25, False, "within .1 of the goal at any step"

    def __init__(self, task_set_id, options):
        super().__init__(task_set_id, options)
        self.task_names = tuple(f"goal-{task}" for task in range(options["goals"]))

    def _make_task(self, task):
        return Point(angle=2 * np.pi * task / self.n_tasks)


TASK_SETS = {"PointTasks-v0": PointTasks}
PRESETS = {"PointTasks-v0": {"n_epochs": Value(30, "chosen by me")}}

"""One task of the large maze on MuJoCo's own Python bindings.

Within a step, in the reference's order: clip the velocity, simulate, and measure the distance to
the goal. No state can make this simulation fail, since velocity and force are bounded.
"""

from __future__ import annotations

import math
from typing import Any, SupportsFloat

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from environments.maze_large.layout import GOAL_RADIUS, TASKS
from environments.maze_large.model import camera_above, maze_model
from environments.task_env import Action, Observation, ResumableEnv

OBSERVATION_SIZE = 4
ACTION_SIZE = 2
MAX_SPEED = 5.0
"""The velocity's limit in each direction at the beginning of a step (m/s)."""
_START_NOISE = 0.1
_SPEED_NOISE = 0.1


class MazeLargeEnv(ResumableEnv):
    """Observation: position x, y (m), velocity x, y (m/s). Action: force along x, y."""

    def __init__(self, task: int, *, sparse: bool) -> None:
        """Build the simulation.

        Args:
            task: Index into `layout.TASKS`.
            sparse: Give 1 at the goal and 0 elsewhere, in place of exp(-distance) - 1.
        """
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (ACTION_SIZE,), np.float32)
        self.sparse = sparse
        self.model = maze_model(TASKS[task])
        self.data = mujoco.MjData(self.model)
        self._start = TASKS[task].start
        self._goal = TASKS[task].goal
        # Views into MuJoCo's memory, taken once: looking one up costs as much as using it.
        self._qpos, self._qvel, self._ctrl = self.data.qpos, self.data.qvel, self.data.ctrl

    def begin_episode(self) -> Observation:
        """Put the point near its start, nearly at rest; return the observation, [4]."""
        mujoco.mj_resetData(self.model, self.data)
        self._qpos[:] = self._start + self.np_random.uniform(-_START_NOISE, _START_NOISE, 2)
        self._qvel[:] = _SPEED_NOISE * self.np_random.standard_normal(2)
        mujoco.mj_forward(self.model, self.data)
        return self._observe()

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Run .01 s under 100 times the force `action`, [2], which the motors clip to [-1, 1]."""
        v = self._qvel.tolist()
        self._qvel[:] = [max(-MAX_SPEED, min(MAX_SPEED, speed)) for speed in v]
        self._ctrl[:] = action
        mujoco.mj_step(self.model, self.data)
        distance = math.dist(self._qpos.tolist(), self._goal)
        reached = distance <= GOAL_RADIUS
        return self._observe(), self._reward(distance), reached, False, {"success": float(reached)}

    def rewards_of_all_tasks(self) -> npt.NDArray[np.float64]:
        """Return the reward that each task gives at the present position, [10]."""
        position = self._qpos.tolist()
        return np.array([self._reward(math.dist(position, task.goal)) for task in TASKS])

    def mujoco_parts(self) -> tuple[mujoco.MjModel, mujoco.MjData]:
        """Return the simulation; the goal is the site `goal`."""
        return self.model, self.data

    def camera(self) -> mujoco.MjvCamera:
        """Return a camera above the maze."""
        return camera_above()

    def _reward(self, distance: float) -> float:
        return float(distance <= GOAL_RADIUS) if self.sparse else math.exp(-distance) - 1.0

    def _observe(self) -> Observation:
        observation = np.empty(OBSERVATION_SIZE)
        observation[:2] = self._qpos
        observation[2:] = self._qvel
        return observation

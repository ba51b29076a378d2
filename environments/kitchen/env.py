"""One kitchen task on MuJoCo's own Python bindings.

The control is that of gymnasium-robotics' `FrankaRobot` (and of D4RL's kitchen before it): an
action is nine joint velocities, from which the position servos' targets for the next .08 s follow,
counted from where the joints are at the step's beginning. Nothing is random: an episode starts in
the same state each time, and observations carry no noise.
"""

from __future__ import annotations

import math
from typing import Any, SupportsFloat

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from environments.goal_marker import GoalMarker
from environments.kitchen.model import kitchen_model
from environments.kitchen.tasks import (
    GOAL_WEIGHT,
    HAND_BOUND,
    HAND_WEIGHT,
    MIN_REWARD,
    REWARD_SCALE,
    SHOWN_GOALS,
    START,
    SUCCESS_REWARD,
    TASKS,
    KitchenTask,
)
from environments.resumable_env import Action, Observation, ResumableEnv
from environments.reward_shaping import gaussian

FRAME_SKIP = 40
N_ACTUATORS = 9
N_POSITIONS = 30
"""Of the robot's 9 joints and the objects' 21."""
OBSERVATION_SIZE = 2 * N_POSITIONS
_SPEED = 2.0
"""Joint velocity of a full action (rad/s, m/s)."""
_TARGET_LOW = np.array([-2.9, -1.8, -2.9, -3.1, -2.9, 0.0, -2.9, 0.0, 0.0])
_TARGET_HIGH = np.array([2.9, 1.8, 2.9, 0.0, 2.9, 3.8, 2.9, 0.04, 0.04])
"""Limits of the servos' targets (gymnasium-robotics' `franka_config.xml`). Its velocity limit of
10 never binds."""
_FATAL_WARNINGS = [
    int(mujoco.mjtWarning.mjWARN_BADQPOS),
    int(mujoco.mjtWarning.mjWARN_BADQVEL),
    int(mujoco.mjtWarning.mjWARN_BADQACC),
]


class KitchenEnv(ResumableEnv):
    """Observation: robot joints 9, objects 21, goal 30. Action: joint velocities 9."""

    def __init__(self, task: int) -> None:
        """Build the simulation of one row of `tasks.TASKS`."""
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (N_ACTUATORS,), np.float32)
        self.task = TASKS[task]
        self.model = kitchen_model()
        self.data = mujoco.MjData(self.model)
        # Views into MuJoCo's memory, taken once: looking one up costs as much as using it.
        self._qpos, self._ctrl = self.data.qpos, self.data.ctrl
        self._robot = self.data.qpos[:N_ACTUATORS]
        self._sites = {
            each.element.name: self.data.site_xpos[self.model.site(each.element.site).id]
            for each in TASKS
        }
        self._fingers = [
            self.data.xpos[self.model.body(f"panda0_{side}finger").id] for side in ("left", "right")
        ]
        self._warnings = self.data.warning
        self._step_duration = FRAME_SKIP * self.model.opt.timestep
        # Of all tasks, not of the own one alone, for `rewards_of_all_tasks`.
        self._margins = {each.name: self._margins_at_start(each) for each in TASKS}
        self._goal = _shown_goal(self.task)
        self._observation = np.zeros(OBSERVATION_SIZE)
        self._failed = False

    @property
    def goal_distance(self) -> float:
        """Distance of the element's joint positions from the task's goal."""
        return self._goal_distance(self.task)

    @property
    def hand_distance(self) -> float:
        """Distance of the middle of the fingers from the element's site (m)."""
        return self._hand_distance(self.task)

    def begin_episode(self) -> Observation:
        """Put kitchen and robot into the task's initial state; return the observation, [60]."""
        self._put_at_start(self.task)
        self._failed = False
        return self._observe()

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Run 40 substeps of .002 s; `action` in units of 2 rad/s (fingers: 2 m/s), [9]."""
        velocity = np.clip(action, -1.0, 1.0, dtype=np.float64) * _SPEED
        target = self._robot + velocity * self._step_duration
        self._ctrl[:] = np.clip(target, _TARGET_LOW, _TARGET_HIGH)
        mujoco.mj_step(self.model, self.data, nstep=FRAME_SKIP)
        self._failed = any([self._warnings[kind].number for kind in _FATAL_WARNINGS])
        if self._failed:
            # MuJoCo has put everything into another state: the last good observation stands.
            return self._observation.copy(), MIN_REWARD, True, False, {"success": 0.0}
        # A step leaves sites and bodies where they were at its last substep's beginning.
        mujoco.mj_kinematics(self.model, self.data)
        reward, success = self._reward(self.task)
        return self._observe(), reward, success, False, {"success": float(success)}

    def rewards_of_all_tasks(self) -> npt.NDArray[np.float64]:
        """Return the reward that each of the ten tasks would have given for the last step, [10].

        That of task j is its own reward function at the present state, with the margins of its own
        initial state; so it is 2800 wherever its element is at its goal.
        """
        if self._failed:
            return np.full(len(TASKS), MIN_REWARD)
        return np.array([self._reward(task)[0] for task in TASKS])

    def mujoco_parts(self) -> tuple[mujoco.MjModel, mujoco.MjData]:
        """Return the simulation as it now is; nothing may be written to it."""
        return self.model, self.data

    def camera(self) -> mujoco.MjvCamera:
        """Return a camera that has robot, stove, knobs and both cabinets in view."""
        camera = mujoco.MjvCamera()
        camera.lookat[:] = (-0.3, 0.6, 2.1)
        camera.distance, camera.azimuth, camera.elevation = 2.0, 75.0, -23.0
        return camera

    def goal_markers(self) -> list[GoalMarker]:
        """Return where the hand has to go: the handle or knob of the task's element."""
        x, y, z = self._sites[self.task.element.name].tolist()
        return [GoalMarker(position=(x, y, z), radius=0.03)]

    def _put_at_start(self, task: KitchenTask) -> None:
        mujoco.mj_resetData(self.model, self.data)
        self._qpos[:] = START
        first = task.element.first
        self._qpos[first : first + len(task.start)] = task.start
        mujoco.mj_forward(self.model, self.data)

    def _margins_at_start(self, task: KitchenTask) -> tuple[float, float]:
        """Return the margins of the reward's two terms, which follow from the initial state."""
        self._put_at_start(task)
        # The reference takes this margin from the effector's site and the reward from the fingers.
        effector = self.data.site("end_effector").xpos.tolist()
        hand = math.dist(self._sites[task.element.name].tolist(), effector)
        return abs(math.dist(task.start, task.goal) - task.threshold), abs(hand - HAND_BOUND)

    def _reward(self, task: KitchenTask) -> tuple[float, bool]:
        goal = self._goal_distance(task)
        if goal < task.threshold:
            return SUCCESS_REWARD, True
        goal_margin, hand_margin = self._margins[task.name]
        in_place = gaussian(goal, task.threshold, goal_margin)
        reach = gaussian(self._hand_distance(task), HAND_BOUND, hand_margin)
        return REWARD_SCALE * (GOAL_WEIGHT * in_place + HAND_WEIGHT * reach - 1.0), False

    def _goal_distance(self, task: KitchenTask) -> float:
        first = task.element.first
        return math.dist(self._qpos[first : first + len(task.goal)].tolist(), task.goal)

    def _hand_distance(self, task: KitchenTask) -> float:
        left, right = (finger.tolist() for finger in self._fingers)
        middle = [(a + b) / 2.0 for a, b in zip(left, right, strict=True)]
        return math.dist(self._sites[task.element.name].tolist(), middle)

    def _observe(self) -> Observation:
        self._observation = np.concatenate((self._qpos, self._goal))
        return self._observation


def _shown_goal(task: KitchenTask) -> npt.NDArray[np.float64]:
    goal = np.zeros(N_POSITIONS)
    for first, values in ((task.element.first, task.goal), *SHOWN_GOALS):
        goal[first : first + len(values)] = values
    return goal

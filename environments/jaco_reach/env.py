"""One task of the multistage reacher on MuJoCo's own Python bindings.

Within a step, in the reference's order: simulate; observe (so the stage one-hot lags one step);
measure the distance to the present stage's goal; end the stage where it is reached; take the time
penalty for the stages that are then missing. MuJoCo's `xpos`, and so the hand, is that of the
last substep's beginning, as in the reference, which runs no forward pass after stepping.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, SupportsFloat

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from environments.goal_marker import GoalMarker
from environments.jaco_reach import view
from environments.jaco_reach.tasks import (
    FAILURE_REWARD,
    GOAL_RADIUS,
    N_STAGES,
    STAY_STEPS_PER_STAGE,
    SUB_GOALS,
    TASKS,
    Position,
    ReachTask,
)
from environments.resumable_env import Action, Observation, ResumableEnv

FRAME_SKIP = 4
N_JOINTS = 6
OBSERVATION_SIZE = 2 * N_JOINTS + N_STAGES
_POSITION_NOISE = 0.01
_VELOCITY_NOISE = 0.001
_MODEL_PATH = Path(__file__).with_name("arm.xml")
_FATAL_WARNINGS = [
    int(mujoco.mjtWarning.mjWARN_BADQPOS),
    int(mujoco.mjtWarning.mjWARN_BADQVEL),
    int(mujoco.mjtWarning.mjWARN_BADQACC),
]


class JacoReachEnv(ResumableEnv):
    """Observation: qpos 6 (rad), qvel 6 (rad/s), stage one-hot 3. Action: joint torques 6."""

    def __init__(self, task: ReachTask) -> None:
        """Build the simulation of one row of `tasks.TASKS`."""
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (N_JOINTS,), np.float32)
        self.task = task
        self.model = mujoco.MjModel.from_xml_path(str(_MODEL_PATH))
        self.data = mujoco.MjData(self.model)
        # Views into MuJoCo's memory, taken once: looking one up costs as much as using it.
        self._qpos, self._qvel, self._qacc = self.data.qpos, self.data.qvel, self.data.qacc
        self._ctrl = self.data.ctrl
        self._hand = self.data.xpos[self.model.body("link_hand").id]
        self._warnings = self.data.warning
        # Any place will do until the first reset says where the stay task's hand starts.
        self._goals = _goals(task, start=SUB_GOALS[0])
        self._observation = np.zeros(OBSERVATION_SIZE)
        self.stage = 0
        self.steps_near_goal = 0
        self._start = SUB_GOALS[0]
        self._stage_before = 0
        # NaN: there has been no step.
        self._last_control_cost = math.nan
        self._failed = False

    @property
    def hand_position(self) -> Observation:
        """Position of the hand in the world as the last step's reward saw it (m), [3]."""
        position: Observation = self._hand.copy()
        return position

    @property
    def goal(self) -> Position:
        """Position of the present stage's goal (m); after the last stage, of the last one's."""
        return self._goals[min(self.stage, N_STAGES - 1)]

    def begin_episode(self) -> Observation:
        """Put the arm into its initial pose with a little noise; return the observation, [15]."""
        mujoco.mj_resetData(self.model, self.data)
        noise = self.np_random.uniform(-1.0, 1.0, 2 * N_JOINTS)
        self._qpos[:] += _POSITION_NOISE * noise[:N_JOINTS]
        self._qvel[:] += _VELOCITY_NOISE * noise[N_JOINTS:]
        mujoco.mj_forward(self.model, self.data)
        x, y, z = self._hand.tolist()
        self._start = (x, y, z)
        self._goals = _goals(self.task, start=self._start)
        self.stage = 0
        self.steps_near_goal = 0
        self._last_control_cost = math.nan
        self._failed = False
        return self._observe()

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Run four substeps of .01 s under the torques `action`, [6]."""
        self._ctrl[:] = action
        mujoco.mj_step(self.model, self.data, nstep=FRAME_SKIP)
        if self._simulation_failed():
            # MuJoCo has put the arm back to its initial pose: the last good observation stands.
            self._failed = True
            failure = {"success": 0.0, "any_subgoal": 0.0}
            return self._observation.copy(), FAILURE_REWARD, True, False, failure
        observation = self._observe()
        return self._advance(observation, action)

    def _advance(
        self, observation: Observation, action: Action
    ) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """End the stage where its goal is reached, and work out the reward."""
        task = self.task
        distance = math.dist(self._hand.tolist(), self.goal)
        self._stage_before = stage_before = self.stage
        self._last_control_cost = cost = self._control_cost(action)
        reached = distance < GOAL_RADIUS
        if reached:
            self.steps_near_goal += 1
            if task.sub_goals:
                self.stage += 1
            else:
                self.stage = self.steps_near_goal // STAY_STEPS_PER_STAGE
        reward = task.reward(distance, self.stage, self.stage > stage_before, cost)
        done = self.stage >= N_STAGES
        # The stay task starts at its goal: there, only all of its stages count as a sub-goal
        # reached, as in the paper's figure (jaco_reach.md, "Success").
        info = {"success": float(done), "any_subgoal": float(reached if task.sub_goals else done)}
        return observation, reward, done, False, info

    def rewards_of_all_tasks(self) -> npt.NDArray[np.float64]:
        """Return the reward that each task's reward function gives for the last step, [5].

        The stage is the one in which this episode began the step, which the step's observation
        shows, for all tasks (jaco_reach.md, "Relabelling").

        Raises:
            RuntimeError: The episode has had no step yet.
        """
        if self._failed:
            return np.full(len(TASKS), FAILURE_REWARD)
        if math.isnan(self._last_control_cost):
            raise RuntimeError("there is no last step: call step() first")
        hand, stage, cost = self._hand.tolist(), self._stage_before, self._last_control_cost
        rewards = np.empty(len(TASKS))
        for j, task in enumerate(TASKS):
            distance = math.dist(hand, _goals(task, start=self._start)[stage])
            # The stay task's stages are in none of its terms, so that it needs no case of its own.
            ended = distance < GOAL_RADIUS
            rewards[j] = task.reward(distance, stage + ended, ended, cost)
        return rewards

    def mujoco_parts(self) -> tuple[mujoco.MjModel, mujoco.MjData]:
        """Return the simulation."""
        return self.model, self.data

    def camera(self) -> mujoco.MjvCamera:
        """Return a camera that has the arm and the four sub-goals in view."""
        return view.camera()

    def goal_markers(self) -> list[GoalMarker]:
        """Return the goals of the task's stages."""
        return view.goal_markers(self._goals, self.stage)

    def _control_cost(self, action: Action) -> float:
        # On plain floats: for six numbers NumPy's functions take several times as long.
        a, v, acc = action.tolist(), self._qvel.tolist(), self._qacc.tolist()
        squares: float = sum([x * x for x in a])
        speed = sum([abs(x) for x in v]) / N_JOINTS
        acceleration = sum([abs(x) for x in acc]) / N_JOINTS
        cost: float = 0.01 * squares + 0.001 * speed + 1e-5 * acceleration
        return cost

    def _simulation_failed(self) -> bool:
        return any([self._warnings[kind].number for kind in _FATAL_WARNINGS])

    def _observe(self) -> Observation:
        observation = np.zeros(OBSERVATION_SIZE)
        observation[:N_JOINTS] = self._qpos
        observation[N_JOINTS : 2 * N_JOINTS] = self._qvel
        observation[2 * N_JOINTS + min(self.stage, N_STAGES - 1)] = 1.0
        self._observation = observation
        return observation


def _goals(task: ReachTask, start: Position) -> tuple[Position, ...]:
    """Return the positions of a task's goals by stage (m); of the stay task the hand's at reset."""
    return task.goals or (start,) * N_STAGES

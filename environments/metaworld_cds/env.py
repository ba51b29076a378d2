"""One task with door and drawer on MuJoCo's own Python bindings.

Actions and resets are Meta-World's (`SawyerXYZEnv`): the hand follows a mocap body that an action
displaces; at reset it is brought to its place in 50 steps, then the task's object is put into the
one of the run's 50 places that `np_random` chooses.
"""

from __future__ import annotations

from typing import Any, SupportsFloat

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from environments.metaworld_cds.rewards import RewardTerms, reward_function
from environments.metaworld_cds.scene import build_scene
from environments.metaworld_cds.tasks import N_GOALS, CdsTask
from environments.metaworld_fast.quaternions import RotationStandIn
from environments.resumable_env import Action, Observation, ResumableEnv
from environments.run_goals import RunGoals

FRAME_SKIP = 5
OBSERVATION_SIZE = 21
ACTION_SIZE = 4
SETTLING_STEPS = 50
_ACTION_SCALE = 0.01
"""Displacement of the mocap body by a full action (m)."""
_HAND_LOW = np.array([-0.5, 0.4, 0.05])
_HAND_HIGH = np.array([0.5, 1.0, 0.5])
"""Corners of the box in which actions keep the mocap body (m), Meta-World's for these tasks."""
_HAND_DOWN = (1.0, 0.0, 1.0, 0.0)
"""Orientation of the mocap body, not normalized, as in Meta-World."""
_TO_DRAWER_HANDLE = np.array([0.0, -0.16, 0.0])
_ABOVE_HANDLE = np.array([0.0, 0.0, 0.05])
"""From the handle to the point that drawer-close's initial distances are taken from, as in
Meta-World (m)."""
_STATE = mujoco.mjtState.mjSTATE_INTEGRATION
_DOOR_SLOTS = slice(11, 14)
_DRAWER_SLOTS = slice(4, 7)


class MetaWorldCdsEnv(ResumableEnv):
    """Observation: hand 3, gripper 1, drawer 3 + 4, door 3 + 4, goal 3. Action: hand 3, fingers."""

    def __init__(self, task: CdsTask, evaluation_goals: str | None = None) -> None:
        """Build the simulation and bring the hand to its place.

        Args:
            task: A row of `tasks.TASKS`.
            evaluation_goals: Which places evaluation has (see `run_goals`); None: it is for
                training.
        """
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (ACTION_SIZE,), np.float32)
        self.task = task
        self.model = model = build_scene()
        self.data = data = mujoco.MjData(model)
        # Views into MuJoCo's memory, taken once: looking one up costs as much as using it.
        self._hand = data.xpos[model.body("hand").id]
        self._fingers = [data.xpos[model.body(f"{side}claw").id] for side in ("right", "left")]
        self._tips = [data.site_xpos[model.site(f"{s}EndEffector").id] for s in ("right", "left")]
        self._drawer = data.xpos[model.body("drawer_link").id]
        self._drawer_quaternion = data.xquat[model.body("drawer_link").id]
        self._door_handle = data.geom_xpos[model.geom("handle").id]
        self._door_rotation = data.geom_xmat[model.geom("handle").id].reshape(3, 3)
        self._mocap, self._ctrl = data.mocap_pos[0], data.ctrl
        self._place = model.body_pos[model.body(task.moved).id]
        self._mark = model.site_pos[model.site("goal").id]
        joint = {"door": "doorjoint", "drawer": "goal_slidey"}[task.moved]
        # Slices of one number stay views, where the number itself would be a copy.
        self._joint = data.qpos[int(model.joint(joint).qposadr[0]) :][:1]
        self._joint_speed = data.qvel[int(model.joint(joint).dofadr[0]) :][:1]
        self._compute_reward = reward_function(task.name)
        self._settle()
        self._settled = np.empty(mujoco.mj_stateSize(model, _STATE))
        mujoco.mj_getState(model, data, self._settled, _STATE)
        self._terms = RewardTerms(
            data=data, hand_init_pos=np.array(task.hand_start), init_tcp=self._middle_of_tips()
        )
        self._goals = RunGoals(N_GOALS, 3, evaluation_goals=evaluation_goals)

    @property
    def goals(self) -> npt.NDArray[np.float64]:
        """The run's places of the task's object (m), [50, 3]."""
        return self._goals.values

    @property
    def target(self) -> Observation:
        """Where the handle shall be (m), [3]."""
        position: Observation = self._mark.copy()
        return position

    def draw_run(self) -> None:
        """Draw the 50 places uniformly out of the task's box."""
        low, high = self.task.place_low, self.task.place_high
        stream = self._goals.stream(self.np_random)
        self._goals.begin_run(stream.uniform(low, high, (N_GOALS, 3)))

    def begin_episodes(self, seed: int) -> None:
        """Seed the episodes from here on, and begin the walk through the places anew."""
        super().begin_episodes(seed)
        self._goals.begin_walk()

    def get_run_state(self) -> npt.NDArray[np.float64]:
        """Return the places and, in evaluation, which are ahead (`RunGoals.get_state`)."""
        return self._goals.get_state()

    def set_run_state(self, state: npt.NDArray[np.float64]) -> None:
        """Put back the places.

        Raises:
            ValueError: These are not the places of a run of this task set.
        """
        self._goals.set_state(state)
        super().set_run_state(state)

    def begin_episode(self) -> Observation:
        """Choose one of the places and start an episode; return the observation, [21]."""
        mujoco.mj_resetData(self.model, self.data)
        mujoco.mj_setState(self.model, self.data, self._settled, _STATE)
        place = self._goals.choose(self.np_random)
        self._place[:] = place
        self._mark[:] = place + self.task.target
        self._joint[:] = self.task.joint_start
        self._joint_speed[:] = 0.0
        mujoco.mj_forward(self.model, self.data)
        self._terms.obj_init_pos = (
            place.copy() if self.task.moved == "door" else self._drawer_handle() + _ABOVE_HANDLE
        )
        self._terms._target_pos = self.target
        return self._observe()

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Run five substeps of .0025 s; `action`: the hand's displacement, fingers' effort, [4]."""
        displacement = np.clip(action[:3], -1.0, 1.0) * _ACTION_SCALE
        self._mocap[:] = np.clip(self._mocap + displacement, _HAND_LOW, _HAND_HIGH)
        self._ctrl[:] = (action[3], -action[3])
        mujoco.mj_step(self.model, self.data, nstep=FRAME_SKIP)
        # A step leaves bodies where they were at its last substep's beginning.
        mujoco.mj_kinematics(self.model, self.data)
        observation = self._observe()
        reward, success = self._judge(observation, action)
        return observation, reward, False, False, {"success": float(success)}

    def mujoco_parts(self) -> tuple[mujoco.MjModel, mujoco.MjData]:
        """Return the simulation as it now is; the model's site `goal` is the target."""
        return self.model, self.data

    def camera(self) -> mujoco.MjvCamera:
        """Return a view from the right: arm, door, drawer and goal."""
        camera = mujoco.MjvCamera()
        camera.lookat[:] = (0.05, 0.7, 0.1)
        camera.distance, camera.azimuth, camera.elevation = 1.6, 150.0, -45.0
        return camera

    def _settle(self) -> None:
        mujoco.mj_resetData(self.model, self.data)
        self.data.mocap_quat[0] = _HAND_DOWN
        self._mocap[:] = self.task.hand_start
        # Meta-World's `_reset_hand` holds the gripper open.
        self._ctrl[:] = (-1.0, 1.0)
        mujoco.mj_step(self.model, self.data, nstep=SETTLING_STEPS * FRAME_SKIP)
        mujoco.mj_forward(self.model, self.data)

    def _judge(self, observation: Observation, action: Action) -> tuple[float, bool]:
        """Return Meta-World's reward and whether the handle is near enough to its target."""
        handle = observation[_DOOR_SLOTS if self.task.moved == "door" else _DRAWER_SLOTS]
        seen = np.concatenate((observation[:4], handle))
        self._terms.tcp_center = self._middle_of_tips()
        reward = float(self._compute_reward(self._terms, action, seen)[0])
        offset = handle - self._mark
        distance = abs(offset[0]) if self.task.success == "x" else np.sqrt(offset.dot(offset))
        return reward, bool(distance <= self.task.radius)

    def _drawer_handle(self) -> Observation:
        position: Observation = self._drawer + _TO_DRAWER_HANDLE
        return position

    def _middle_of_tips(self) -> Observation:
        position: Observation = (self._tips[0] + self._tips[1]) / 2.0
        return position

    def _observe(self) -> Observation:
        observation = np.empty(OBSERVATION_SIZE)
        observation[:3] = self._hand
        apart = self._fingers[0] - self._fingers[1]
        # As in Meta-World: the fingers may be a little more than .1 m apart.
        observation[3] = min(np.sqrt(apart.dot(apart)) / 0.1, 1.0)
        observation[_DRAWER_SLOTS] = self._drawer_handle()
        observation[7:11] = self._drawer_quaternion
        observation[_DOOR_SLOTS] = self._door_handle
        observation[14:18] = RotationStandIn.from_matrix(self._door_rotation).as_quat()
        observation[18:] = self._mark
        return observation

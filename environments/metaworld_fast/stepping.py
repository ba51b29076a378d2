"""The methods that all of Meta-World's environments share, replaced by faster ones.

Each gives what `SawyerXYZEnv`'s method of that name gives, bit for bit, and leaves unusual cases
(errors among them) to it. Three things that Meta-World does in a step have no effect on anything
that it or MuJoCo reads again, and are left out: `mj_rnePostConstraint` (force sums per body, which
no task reads), the placing of target sites (the `mj_forward` right after it computes all sites
anew) and the check of the action's shape inside `do_simulation`.
"""

from __future__ import annotations

import math
from typing import Any, SupportsFloat

import mujoco
import numpy as np
import numpy.typing as npt
from metaworld.sawyer_xyz_env import SawyerXYZEnv

from environments.metaworld_fast.views import SimulationViews

_Vector = npt.NDArray[np.float64]
_FRAME = 18
"""Numbers observed at one time, without the goal."""
_POINTING_DOWN = np.array([1.0, 0.0, 1.0, 0.0])
"""Orientation of the mocap body, not normalized, as in Meta-World."""


class FastSawyerEnv(SawyerXYZEnv):
    """First base of a class, before an environment class of Meta-World."""

    _views: SimulationViews

    def _initialize_simulation(self) -> tuple[mujoco.MjModel, mujoco.MjData]:
        model, data = super()._initialize_simulation()
        self._views = SimulationViews(model, data)
        return model, data

    # Meta-World's `step` and Gymnasium's already disagree in their types.
    def step(  # type: ignore[override]
        self, action: npt.NDArray[np.float32]
    ) -> tuple[_Vector, SupportsFloat, bool, bool, dict[str, Any]]:
        """Step as Meta-World does; `action` is the hand's displacement and the gripper, [4]."""
        if (
            type(action) is not np.ndarray
            or action.shape != (4,)
            or not self._set_task_called
            or self._did_see_sim_exception
            or self.curr_path_length >= self.max_path_length
        ):
            result: tuple[_Vector, SupportsFloat, bool, bool, dict[str, Any]] = super().step(action)
            return result
        self.set_xyz_action(action[:3])
        effort = action[3]
        control = self._views.control
        control[0] = effort
        control[1] = -effort
        mujoco.mj_step(self.model, self.data, nstep=self.frame_skip)
        self.curr_path_length += 1
        mujoco.mj_forward(self.model, self.data)
        observation = self._get_obs()
        space = self.sawyer_observation_space
        # In place of `np.clip`, whose Python layers cost more than its work.
        np.maximum(observation, space.low, out=observation)
        np.minimum(observation, space.high, out=observation)
        self._last_stable_obs = observation
        reward, info = self.evaluate_state(observation, action)
        truncate = self.curr_path_length == self.max_path_length
        return observation.copy(), reward, False, truncate, info

    def set_xyz_action(self, action: npt.NDArray[Any]) -> None:
        """Move the mocap body by the action, [3], times the action scale."""
        x, y, z = action.tolist()
        if not (-1 <= x <= 1 and -1 <= y <= 1 and -1 <= z <= 1):
            action = np.clip(action, -1, 1)
        # The product is rounded to the action's own precision, as in Meta-World.
        move_x, move_y, move_z = (action * self.action_scale).tolist()
        position = self._views.mocap_pos
        x, y, z = position.tolist()
        low_x, low_y, low_z = self.mocap_low.tolist()
        high_x, high_y, high_z = self.mocap_high.tolist()
        x, y, z = x + move_x, y + move_y, z + move_z
        position[0] = low_x if x < low_x else high_x if x > high_x else x
        position[1] = low_y if y < low_y else high_y if y > high_y else y
        position[2] = low_z if z < low_z else high_z if z > high_z else z
        self._views.mocap_quat[:] = _POINTING_DOWN

    def _get_obs(self) -> _Vector:
        goal = self._get_pos_goal()
        frame = self._get_curr_obs_combined_no_goal()
        observation = np.zeros(2 * _FRAME + len(goal))
        observation[:_FRAME] = frame
        observation[_FRAME : 2 * _FRAME] = self._prev_obs
        if not self._partially_observable:
            observation[2 * _FRAME :] = goal
        self._prev_obs = frame
        return observation

    def _get_curr_obs_combined_no_goal(self) -> _Vector:
        views = self._views
        positions = self._get_pos_objects()
        quaternions = self._get_quat_objects()
        frame = np.zeros(_FRAME)
        if len(positions) == 3 and len(quaternions) == 4:
            frame[4:7] = positions
            frame[7:11] = quaternions
        elif len(positions) == 6 and len(quaternions) == 8:
            frame[4:7] = positions[:3]
            frame[7:11] = quaternions[:4]
            frame[11:14] = positions[3:]
            frame[14:18] = quaternions[4:]
        else:
            result: _Vector = super()._get_curr_obs_combined_no_goal()
            return result
        frame[0:3] = views.hand
        apart = views.right_claw - views.left_claw
        opening = math.sqrt(apart.dot(apart)) / 0.1
        # Meta-World's other bound, 0, never binds: a distance is not negative.
        frame[3] = min(opening, 1.0)
        return frame

    def touching_object(self, object_geom_id: int) -> bool:
        """Return whether both of the gripper's pads press on the geom."""
        data = self.data
        if not data.ncon:
            return False
        left_pad, right_pad = self._views.pads
        left = right = 0.0
        for contact, pair in enumerate(data.contact.geom.tolist()):
            if object_geom_id in pair and (left_pad in pair or right_pad in pair):
                force = data.efc_force[data.contact.efc_address[contact]]
                if left_pad in pair:
                    left += force
                if right_pad in pair:
                    right += force
        return bool(left > 0 and right > 0)

    @property
    def tcp_center(self) -> _Vector:
        """The point between the fingertips (m), [3]."""
        views = self._views
        center: _Vector = (views.right_finger + views.left_finger) / 2.0
        return center

    def get_endeff_pos(self) -> _Vector:
        """Return the hand's position (m), [3]."""
        return self._views.hand

    def get_body_com(self, body_name: str) -> _Vector:
        """Return the body's position (m), [3]."""
        return self._views.body(body_name)

    def _get_site_pos(self, site_name: str) -> _Vector:
        return self._views.site(site_name).copy()

"""A scripted controller for the kitchen: the gripper, as it is held at reset, along waypoints.

The joint velocities that move the end effector to the next waypoint and keep its orientation come
from damped least squares on MuJoCo's Jacobian.
"""

import mujoco
import numpy as np

from environments.kitchen.env import KitchenEnv

NEAR = 0.02
"""A waypoint is passed where the end effector is nearer to it than this (m) ..."""
PATIENCE = 25
"""... or after so many steps."""
DAMPING = 0.05
STEP_DURATION = 0.08

# Positions of the end effector from the element's site at reset (m): in front of the element, at
# the side on which it is pushed, and along the way that it goes.
WAYPOINTS = {
    "slide-cabinet-open": [(-0.1, -0.1, 0.0), (-0.08, 0.03, 0.0), (0.45, 0.03, 0.0)],
    "slide-cabinet-close": [
        (-0.2, -0.3, 0.0),
        (0.15, -0.15, 0.0),
        (0.08, 0.03, 0.0),
        (-0.45, 0.03, 0.0),
    ],
    "hinge-cabinet-close": [
        (0.08, -0.1, 0.0),
        (0.05, -0.02, 0.0),
        (-0.2, 0.05, 0.0),
        (-0.4, 0.2, 0.0),
        (-0.4, 0.3, 0.0),
    ],
    "hinge-cabinet-open": [
        (-0.1, -0.1, 0.0),
        (-0.07, 0.06, 0.0),
        (0.0, 0.03, 0.0),
        (0.1, -0.02, 0.0),
        (0.25, -0.1, 0.0),
        (0.4, -0.2, 0.0),
        (0.5, -0.3, 0.0),
    ],
    "bottom-burner-on": [
        (-0.06, -0.08, 0.04),
        (-0.05, 0.0, 0.04),
        (0.05, 0.03, 0.07),
        (0.29, 0.02, -0.06),
    ],
    "bottom-burner-off": [
        (0.09, -0.08, 0.04),
        (0.08, 0.03, 0.04),
        (-0.09, 0.07, 0.03),
        (-0.36, 0.03, 0.09),
    ],
    "top-burner-on": [
        (-0.1, -0.08, 0.04),
        (-0.09, 0.01, 0.04),
        (0.09, 0.07, 0.07),
        (0.36, 0.03, 0.09),
    ],
    "top-burner-off": [
        (0.07, -0.08, 0.04),
        (0.06, 0.01, 0.04),
        (-0.04, 0.07, 0.07),
        (-0.27, 0.07, 0.05),
    ],
    "light-switch-on": [(0.1, -0.08, 0.0), (0.08, 0.02, 0.0), (-0.1, 0.02, 0.0)],
    "light-switch-off": [(-0.1, -0.08, 0.0), (-0.08, 0.02, 0.0), (0.1, 0.02, 0.0)],
}


class WaypointController:
    """One episode's way along the task's waypoints."""

    def __init__(self, env: KitchenEnv) -> None:
        self.model, self.data = env.mujoco_parts()
        self.site = self.model.site("end_effector").id
        start = self.data.site(env.task.element.site).xpos.copy()
        self.waypoints = [start + offset for offset in WAYPOINTS[env.task.name]]
        self.orientation = self.data.site_xmat[self.site].copy()
        self.stiffness = self.model.actuator_gainprm[:7, 0]
        self.steps = 0

    def action(self) -> np.ndarray:
        position = self.data.site_xpos[self.site]
        self.steps += 1
        near = np.linalg.norm(self.waypoints[0] - position) < NEAR
        if (near or self.steps > PATIENCE) and len(self.waypoints) > 1:
            self.waypoints.pop(0)
            self.steps = 0
        error = self.waypoints[0] - position
        error *= min(1.0, 0.1 / max(float(np.linalg.norm(error)), 1e-9))
        wanted = np.concatenate((10.0 * error, 4.0 * self._turn()))
        jacobian = np.empty((6, self.model.nv))
        mujoco.mj_comPos(self.model, self.data)
        mujoco.mj_jacSite(self.model, self.data, jacobian[:3], jacobian[3:], self.site)
        arm = jacobian[:, :7]
        velocity = arm.T @ np.linalg.solve(arm @ arm.T + DAMPING**2 * np.eye(6), wanted)
        # The servos hold no load without an offset: ask for it as a velocity.
        velocity += self.data.qfrc_bias[:7] / self.stiffness / STEP_DURATION
        action = np.full(9, -1.0)
        action[:7] = velocity / max(2.0, float(np.abs(velocity).max()))
        return action

    def _turn(self) -> np.ndarray:
        """The rotation vector from the present orientation to that at reset (rad)."""
        now = self.data.site_xmat[self.site].reshape(3, 3)
        difference = (self.orientation.reshape(3, 3) @ now.T).ravel()
        quaternion, turn = np.empty(4), np.empty(3)
        mujoco.mju_mat2Quat(quaternion, difference)
        mujoco.mju_quat2Vel(turn, quaternion, 1.0)
        return turn

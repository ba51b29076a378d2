"""One task of the walker on MuJoCo's own Python bindings.

Heights of bodies and contacts are MuJoCo's as the step leaves them: of the last stage of the last
Runge-Kutta substep, as in the reference, which runs no forward pass after stepping.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, SupportsFloat

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from environments.task_env import Action, Observation, ResumableEnv
from environments.walker2d.tasks import FAILURE_REWARD, HORIZON, TASKS, Motion, WalkerTask

FRAME_SKIP = 4
N_MOTORS = 6
N_POSITIONS = 9
OBSERVATION_SIZE = 2 * N_POSITIONS - 1
MAX_OBSERVED_SPEED = 10.0
_NOISE = 0.01
_MODEL_PATH = Path(__file__).with_name("walker.xml")
_FEET = (5, 8)
"""The foot joints' places among the positions."""
_THROUGH = 1e6
"""A gap (m) within which a contact is reported but exerts no force."""
_FATAL_WARNINGS = [
    int(mujoco.mjtWarning.mjWARN_BADQPOS),
    int(mujoco.mjtWarning.mjWARN_BADQVEL),
    int(mujoco.mjtWarning.mjWARN_BADQACC),
]


class Walker2dEnv(ResumableEnv):
    """Observation: qpos 8 without x (m, rad), qvel 9 within +-10. Action: joint torques 6."""

    def __init__(self, task: WalkerTask, *, push_probability: float) -> None:
        """Build the simulation of one row of `tasks.TASKS`.

        Args:
            task: The row.
            push_probability: Probability of a push that begins after a step and lasts for the next
                one.
        """
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (N_MOTORS,), np.float32)
        self.task = task
        self.push_probability = push_probability
        self.model = mujoco.MjModel.from_xml_path(str(_MODEL_PATH))
        self._ceiling = self.model.geom("ceiling").id
        if not task.has_ceiling:
            # Only the reward that the crawl task would have given is read from contacts with it.
            self.model.geom_gap[self._ceiling] = _THROUGH
            self.model.geom_rgba[self._ceiling, 3] = 0.0
        self.data = mujoco.MjData(self.model)
        self._duration = FRAME_SKIP * self.model.opt.timestep
        # Views into MuJoCo's memory, taken once: looking one up costs as much as using it.
        self._qpos, self._qvel, self._ctrl = self.data.qpos, self.data.qvel, self.data.ctrl
        self._torso = self.data.xpos[self.model.body("torso").id]
        self._foot = self.data.xpos[self.model.body("foot").id]
        self._foot_left = self.data.xpos[self.model.body("foot_left").id]
        self._push = self.data.xfrc_applied
        self._fatal_warnings = [self.data.warning[kind] for kind in _FATAL_WARNINGS]
        self._observation = np.zeros(OBSERVATION_SIZE)
        self._motion: Motion | None = None
        self.steps = 0

    def begin_episode(self) -> Observation:
        """Stand the walker up, nearly at rest, and shake it; return the observation, [17]."""
        mujoco.mj_resetData(self.model, self.data)
        self._qpos[:] += self.np_random.uniform(-_NOISE, _NOISE, N_POSITIONS)
        self._qvel[:] += self.np_random.uniform(-_NOISE, _NOISE, N_POSITIONS)
        for _ in range(self.task.random_steps):
            self._ctrl[:] = self.np_random.uniform(-1.0, 1.0, N_MOTORS)
            mujoco.mj_step(self.model, self.data, nstep=FRAME_SKIP)
        self._motion = None
        self.steps = 0
        return self._observe()

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Run four substeps of .002 s under the torques `action`, [6]."""
        before = self._qpos.tolist()
        self._ctrl[:] = action
        mujoco.mj_step(self.model, self.data, nstep=FRAME_SKIP)
        if any([warning.number for warning in self._fatal_warnings]):
            # MuJoCo has put the walker back to its initial pose: the last observation stands.
            self._motion = None
            return self._observation.copy(), FAILURE_REWARD, True, False, {"success": 0.0}
        after = self._qpos.tolist()
        self._motion = motion = self._measure(before, after, action)
        self.steps += 1
        over = after[1] < self.task.fall_height
        over = over or (self.task.has_ceiling and motion.touches_ceiling)
        if self.push_probability > 0.0:
            self._push_or_not()
        survived = not over and self.steps >= HORIZON
        return self._observe(), self.task.reward(motion), over, False, {"success": float(survived)}

    def rewards_of_all_tasks(self) -> npt.NDArray[np.float64]:
        """Return the reward that each task gives for the last step's motion, [4].

        The crawl task's ceiling is hard in that task only; elsewhere its penalty is taken where the
        walker stands in the ceiling's place. For a step in which the simulation failed all tasks
        give the same reward, and so they do in an episode without a step.
        """
        if self._motion is None:
            return np.full(len(TASKS), FAILURE_REWARD)
        return np.array([task.reward(self._motion) for task in TASKS])

    def mujoco_parts(self) -> tuple[mujoco.MjModel, mujoco.MjData]:
        """Return the simulation; only the crawl task's ceiling is visible."""
        return self.model, self.data

    def camera(self) -> mujoco.MjvCamera:
        """Return a camera beside the walker, which moves with it."""
        camera = mujoco.MjvCamera()
        camera.type = mujoco.mjtCamera.mjCAMERA_FREE
        camera.lookat[:] = self._qpos[0], 0.0, 0.8
        camera.distance, camera.azimuth, camera.elevation = 4.5, 90.0, -8.0
        return camera

    def _measure(self, before: list[float], after: list[float], action: Action) -> Motion:
        """Work out what the rewards see from the positions around the step."""
        # Flat lists: numpy's own search costs more than the rest of this.
        touching = self.data.contact.geom.ravel().tolist() if self.data.ncon else ()
        return Motion(
            speed=(after[0] - before[0]) / self._duration,
            angle=after[2],
            height=float(self._torso[2] - max(self._foot[2], self._foot_left[2])),
            foot_speed=sum([abs(after[j] - before[j]) for j in _FEET]) / self._duration,
            effort=sum([a * a for a in action.tolist()]),
            touches_ceiling=self._ceiling in touching,
        )

    def _push_or_not(self) -> None:
        """End the last push, and begin one on a part of the body with the given probability."""
        self._push[:] = 0.0
        if self.np_random.random() < self.push_probability:
            # Body 0 is the world, which no force moves. Of the six directions only those in the
            # walker's plane have an effect.
            body = self.np_random.integers(1, self.model.nbody)
            force = self.task.push_force
            self._push[body] = self.np_random.uniform(-force, force, 6)

    def _observe(self) -> Observation:
        observation = np.empty(OBSERVATION_SIZE)
        observation[: N_POSITIONS - 1] = self._qpos[1:]
        # In place of `np.clip`, which takes twice as long for so few numbers.
        speeds = np.maximum(self._qvel, -MAX_OBSERVED_SPEED)
        np.minimum(speeds, MAX_OBSERVED_SPEED, out=observation[N_POSITIONS - 1 :])
        self._observation = observation
        return observation

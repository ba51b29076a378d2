"""A planner for the Jaco tasks: the best of many random torque sequences, tried in MuJoCo itself.

The arm's second motor cannot hold the arm still at two of the sub-goals and at the stay task's
goal (it would need 1.0 to 1.1 times its torque), so that a posture controller does not do: the
hand has to swing through the goals. Random search over a fraction of a second finds the swings.
"""

import math

import mujoco
import numpy as np
from gymnasium import Wrapper

from environments.jaco_reach.env import FRAME_SKIP, N_JOINTS, JacoReachEnv

N_CANDIDATES = 100
N_SEGMENTS = 6
INSIDE = 0.048
"""The goal's radius less a margin (m)."""


class Planner:
    """Replans every `hold` steps, from the last plan and noise of three sizes around it."""

    def __init__(self, env: Wrapper, seed: int) -> None:
        raw = env.unwrapped
        assert isinstance(raw, JacoReachEnv)
        self.env = raw
        # Staying asks for a finer hand, reaching for a longer look ahead.
        self.hold = 2 if raw.task.sub_goals else 1
        self.rng = np.random.default_rng(seed)
        self.plan = np.zeros((N_SEGMENTS, N_JOINTS))
        self.scratch = mujoco.MjData(raw.model)
        self.hand = self.scratch.xpos[raw.model.body("link_hand").id]
        self.steps = 0

    def action(self) -> np.ndarray:
        if self.steps % self.hold == 0:
            before = np.vstack([self.plan[1:], self.plan[-1:]]) if self.steps else self.plan
            noise = self.rng.normal(size=(N_CANDIDATES, N_SEGMENTS, N_JOINTS))
            size = self.rng.choice([0.1, 0.3, 1.0], (N_CANDIDATES, 1, 1))
            candidates = np.clip(before + noise * size, -1, 1)
            candidates[0] = before
            self.plan = min(candidates, key=self.cost)
        self.steps += 1
        return self.plan[0]

    def cost(self, plan: np.ndarray) -> float:
        model, data, now = self.env.model, self.scratch, self.env.data
        data.qpos[:], data.qvel[:] = now.qpos, now.qvel
        data.qacc_warmstart[:] = now.qacc_warmstart
        total = 0.0
        for i, torques in enumerate(plan):
            data.ctrl[:] = torques
            mujoco.mj_step(model, data, nstep=FRAME_SKIP * self.hold)
            distance = math.dist(self.hand.tolist(), self.env.goal)
            step_cost = distance + (0.05 + distance - INSIDE if distance > INSIDE else 0.0)
            total += step_cost * (3.0 if i == len(plan) - 1 else 1.0)
        return total

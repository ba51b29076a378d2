"""Two gaits of the walker: legs that swing in turn, their numbers found by CMA-ES on the return.

The joints follow sines with springs; the torso's angle and its speed correct hips and feet.
"""

from dataclasses import dataclass

import numpy as np

SECONDS_PER_STEP = 0.008
HIPS_AND_FEET = [0, 3, 2, 5]


@dataclass(frozen=True, kw_only=True)
class Gait:
    """Thigh, leg and foot of the right leg; the left one's are later by `lag`."""

    middle: tuple[float, float, float]
    swing: tuple[float, float, float]
    phase: tuple[float, float, float]
    frequency: float
    lag: float
    lean: float
    hip: tuple[float, float]
    """What a torso angle (beside `lean`) and its speed add to the thighs."""
    foot: tuple[float, float]
    """Likewise to the feet."""
    spring: float
    damping: float

    def action(self, observation: np.ndarray, step: int) -> np.ndarray:
        """Torques at a step of the episode."""
        angle = 2 * np.pi * self.frequency * SECONDS_PER_STEP * step + np.array(self.phase)
        swings = [np.sin(angle), np.sin(angle + self.lag)]
        target = np.concatenate([self.middle + np.multiply(self.swing, s) for s in swings])
        torso = observation[1] - self.lean, observation[10]
        correction = np.repeat([np.dot(self.hip, torso), np.dot(self.foot, torso)], 2)
        target[HIPS_AND_FEET] += correction
        pull = self.spring * (target - observation[2:8]) - self.damping * observation[11:17]
        return np.clip(pull, -1, 1)


FORWARD = Gait(
    middle=(0.03, -0.41, 0.12),
    swing=(0.47, 0.07, 0.13),
    phase=(2.29, 0.31, 2.67),
    frequency=3.65,
    lag=4.0,
    lean=0.04,
    hip=(-0.77, 0.002),
    foot=(-0.92, -0.038),
    spring=3.12,
    damping=0.12,
)
BACKWARD = Gait(
    middle=(0.15, -0.3, 0.08),
    swing=(0.01, 0.34, 0.08),
    phase=(0.66, 0.66, 2.54),
    frequency=1.01,
    lag=2.7,
    lean=0.32,
    hip=(0.52, 0.017),
    foot=(-0.19, 0.016),
    spring=3.25,
    damping=0.1,
)

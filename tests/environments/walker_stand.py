"""A posture that survives every task of the walker: a lunge, held by springs on the joints."""

import numpy as np

LUNGE = np.array([-0.1, -0.1, -0.3, -0.7, -0.1, 0.3])
"""Angles of thigh, leg and foot, right and left (rad): one foot before the body, one behind."""


def stand(observation: np.ndarray) -> np.ndarray:
    """Torques, as parts of the motors' strength, that pull the joints to the lunge."""
    angles, speeds = observation[2:8], observation[11:17]
    return np.clip(3.0 * (LUNGE - angles) - 0.1 * speeds, -1, 1)

"""Who acts while pictures are made."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from learning.streams import numpy_stream

_MEMORY = 0.95
"""How much of a random action is left in the next one: some half a second's worth."""
_VIGOUR = 1.5


class Actor(Protocol):
    """Acts in one episode at a time."""

    def begin(self, task: int) -> None:
        """Begin an episode of a task, an index."""

    def act(self, observation: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Return the action [A] at an observation [O]."""


class SmoothRandomActor:
    """Random actions that move the robot: each is near the one before.

    Args:
        action_size: A.
        task_names: The tasks' names.
        seed: Seed of the actions; each task has its own stream.
    """

    def __init__(self, action_size: int, task_names: tuple[str, ...], *, seed: int) -> None:
        self._action_size = action_size
        self._task_names = task_names
        self._seed = seed

    def begin(self, task: int) -> None:
        """Begin an episode; its actions follow from the seed and the task's name."""
        self._random = numpy_stream(self._seed, f"rendering/actions/{self._task_names[task]}")
        self._drift = self._random.standard_normal(self._action_size)

    def act(self, observation: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Return the next action [A], whatever is observed."""
        del observation
        noise = self._random.standard_normal(self._action_size)
        self._drift = _MEMORY * self._drift + np.sqrt(1 - _MEMORY**2) * noise
        return np.tanh(_VIGOUR * self._drift).astype(np.float32)

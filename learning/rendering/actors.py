"""Who acts while pictures are made."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.streams import numpy_stream

_MEMORY = 0.95
"""How much of a random action is left in the next one: some half a second's worth."""
_VIGOUR = 1.5


class Actor(Protocol):
    """Acts in one episode at a time."""

    def begin(self, task: int, task_name: str) -> None:
        """Begins an episode of a task."""

    def act(self, observation: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Returns the action [A] at an observation [O]."""


class SmoothRandomActor:
    """Random actions that move the robot: each is near the one before.

    Args:
        action_size: A.
        seed: of the actions; each task has its own stream.
    """

    def __init__(self, action_size: int, seed: int) -> None:
        self._action_size = action_size
        self._seed = seed

    def begin(self, task: int, task_name: str) -> None:
        """Begins an episode; its actions follow from the seed and the task's name."""
        del task
        self._random = numpy_stream(self._seed, f"rendering/actions/{task_name}")
        self._drift = self._random.standard_normal(self._action_size)

    def act(self, observation: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Returns the next action [A], whatever is observed."""
        del observation
        noise = self._random.standard_normal(self._action_size)
        self._drift = _MEMORY * self._drift + np.sqrt(1 - _MEMORY**2) * noise
        return np.tanh(_VIGOUR * self._drift).astype(np.float32)


class PolicyActor:
    """Acts as deterministic evaluation does: with the acting policy's mean action.

    Args:
        policy: the tasks' own policies, or a mixture of them.
        seed: of what a mixture draws.
    """

    def __init__(self, policy: TaskBatchedPolicy, seed: int) -> None:
        self._policy = policy
        self._seed = seed
        self._one_hots = np.eye(policy.n_tasks, dtype=np.float32)

    def begin(self, task: int, task_name: str) -> None:
        """Begins an episode of a task, with nothing held from the last one."""
        self._one_hot = self._one_hots[task]
        self._policy.random = numpy_stream(self._seed, f"rendering/acting/{task_name}")
        self._policy.reset()

    def act(self, observation: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Returns the mean action [A]."""
        row = np.concatenate((observation, self._one_hot), dtype=np.float32, casting="same_kind")
        _, infos = self._policy.get_action(row)
        mean: npt.NDArray[np.float32] = infos["mean"]
        return mean

"""A training loop of collecting and updating, timed by part."""

import abc
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.timings import LoopTimings
from learning.garage_bridge.garage_compat import StepType


class TimedLoop(abc.ABC):
    """What the usual loop and ours have in common.

    Args:
        gradient_steps: Number of gradient steps an iteration, of each task.
    """

    def __init__(self, gradient_steps: int) -> None:
        """See the class."""
        self._gradient_steps = gradient_steps

    @abc.abstractmethod
    def collect(self) -> int:
        """Collect into the buffers.

        Returns:
            Number of env steps, in total over the tasks.
        """

    @abc.abstractmethod
    def update(self, gradient_steps: int) -> None:
        """Take so many gradient steps of each task."""

    @abc.abstractmethod
    def read_seconds(self) -> tuple[float, float]:
        """Return the seconds so far in environments and in choosing actions."""

    def run(self, iterations: int) -> LoopTimings:
        """Collect and update, after a warm-up that fills the buffers, and return the timings.

        Args:
            iterations: Number of iterations to time.
        """
        self.collect()
        self.update(min(self._gradient_steps, 3))
        env_steps, update = 0, 0.0
        environment_before, policy_before = self.read_seconds()
        begin = time.perf_counter()
        for _ in range(iterations):
            env_steps += self.collect()
            before = time.perf_counter()
            self.update(self._gradient_steps)
            update += time.perf_counter() - before
        total = time.perf_counter() - begin
        environment_after, policy_after = self.read_seconds()
        environment = environment_after - environment_before
        policy = policy_after - policy_before
        return LoopTimings(
            env_steps=env_steps,
            environment=environment,
            policy=policy,
            update=update,
            rest=total - environment - policy - update,
        )


def transitions_of(path: dict[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """Turn a path of garage's EpisodeBatch into what garage's SAC adds to its buffer.

    Args:
        path: Entry of `EpisodeBatch.to_list()`.
    """
    terminal = [step_type == StepType.TERMINAL for step_type in path["step_types"]]
    return {
        "observation": path["observations"],
        "action": path["actions"],
        "reward": path["rewards"].reshape(-1, 1).astype(np.float32),
        "next_observation": path["next_observations"],
        "terminal": np.array(terminal).reshape(-1, 1),
    }

"""Acts with trained policies in one environment at a time, outside of any sampler."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from learning.garage_bridge.task_one_hot import observations_with_one_hots
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.streams import numpy_stream


class TaskActor:
    """Acts as deterministic evaluation does: with the acting policy's mean action.

    Args:
        policy: The tasks' own policies, or a mixture of them.
        task_names: The tasks' names.
        epoch: Epoch after which they were saved.
        seed: Seed of what a mixture draws.

    Attributes:
        task_names: As given.
        epoch: As given.
    """

    def __init__(
        self, policy: TaskBatchedPolicy, task_names: tuple[str, ...], *, epoch: int, seed: int
    ) -> None:
        self._policy = policy
        self.epoch = epoch
        self.task_names = task_names
        self._seed = seed
        self._row: npt.NDArray[np.float32] | None = None

    def begin(self, task: int) -> None:
        """Begin an episode of a task, with nothing held from the last one.

        Args:
            task: Index into `task_names`.
        """
        size = self._policy.env_spec.observation_space.flat_dim - self._policy.n_tasks
        self._row = observations_with_one_hots(self._policy.n_tasks, size)[task]
        name = self.task_names[task]
        self._policy.act_as_evaluated(numpy_stream(self._seed, f"rendering/acting/{name}"))
        self._policy.reset()

    def act(self, observation: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Return the mean action [A] at an observation [O].

        Raises:
            RuntimeError: No episode has begun.
        """
        if self._row is None:
            raise RuntimeError("begin(task) must be called before act()")
        self._row[: len(observation)] = observation
        _, infos = self._policy.get_action(self._row)
        mean: npt.NDArray[np.float32] = infos["mean"]
        return mean

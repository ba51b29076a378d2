"""All tasks' rewards on their way to the buffer, ahead of the paths that they belong to.

garage's SAC hands over paths without their ``env_infos``. So what every task would have paid for a
collection is told to the buffer beforehand, and each path takes its part, in the order in which
garage adds the paths of that collection.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


class AnnouncedRewards:
    """A queue of rewards, emptied by the paths.

    Args:
        n_tasks: T.
    """

    def __init__(self, n_tasks: int) -> None:
        self._rewards = np.empty((0, n_tasks), dtype=np.float32)

    def announce(self, rewards: npt.NDArray[np.floating[Any]]) -> None:
        """Tell the rewards of the paths that come next.

        Args:
            rewards: Shape [N, T].

        Raises:
            RuntimeError: Paths of what was announced before have not come.
        """
        if len(self._rewards):
            raise RuntimeError(f"{len(self._rewards)} transitions that were announced never came")
        self._rewards = rewards.astype(np.float32)

    def take(self, task: int, paid: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float32]:
        """Return the next path's part, shape [n, T].

        Args:
            task: The task whose path it is.
            paid: What it paid, shape [n]; the own task's column must say the same.

        Raises:
            RuntimeError: These transitions are not the ones that were announced.
        """
        taken, self._rewards = self._rewards[: len(paid)], self._rewards[len(paid) :]
        if not np.array_equal(taken[:, task], paid.astype(np.float32)):
            raise RuntimeError(
                f"the {len(paid)} transitions of task {task} are not those whose rewards for all "
                "tasks were announced"
            )
        return taken

"""garage's multi-task convention: an observation ends in its task's one-hot.

The one place where the one-hot is made and read. Task sets know nothing of it, networks never see
it, and the replay buffer stores observations without it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Observations = npt.NDArray[np.floating[Any]]


def observations_with_one_hots(n_tasks: int, size: int) -> npt.NDArray[np.float32]:
    """Return an array for one observation of every task, [T, O + T], its one-hots in place.

    Args:
        n_tasks: Tasks T.
        size: Numbers O of an observation, the columns that are left to fill.
    """
    array = np.zeros((n_tasks, size + n_tasks), dtype=np.float32)
    array[:, size:] = np.eye(n_tasks, dtype=np.float32)
    return array


def split_one_hots(
    observations: Observations, n_tasks: int
) -> tuple[Observations, npt.NDArray[np.int64]]:
    """Return what stands before the one-hots, [N, O], and whose they are, [N].

    Args:
        observations: Shape [N, O + T].
        n_tasks: Tasks T.
    """
    tasks: npt.NDArray[np.int64] = observations[:, -n_tasks:].argmax(axis=1)
    return observations[:, :-n_tasks], tasks

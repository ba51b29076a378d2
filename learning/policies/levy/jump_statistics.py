"""How much of the gathered data MT-Levy's jumps are, and how long they last."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from learning.garage_bridge.env_infos import TASK_ID
from learning.garage_bridge.garage_compat import EpisodeBatch


class JumpStatistics:
    """Counts jumps by what the mixture's infos say, so that it serves every sampler.

    Args:
        n_tasks: Tasks T.
    """

    def __init__(self, n_tasks: int) -> None:
        self._n_tasks = n_tasks
        self._clear()

    def _clear(self) -> None:
        self._steps, self._jump_steps, self._jumps = np.zeros((3, self._n_tasks), dtype=np.int64)

    def observe(self, batch: EpisodeBatch) -> None:
        """Count the steps of a batch."""
        tasks = batch.env_infos[TASK_ID].astype(np.int64)
        jump_step = batch.agent_infos["jump_step"]
        self._steps += np.bincount(tasks, minlength=self._n_tasks)
        self._jump_steps += np.bincount(tasks[jump_step > 0], minlength=self._n_tasks)
        self._jumps += np.bincount(tasks[jump_step == 1], minlength=self._n_tasks)

    def read(self) -> dict[str, npt.NDArray[np.float64]]:
        """Return what was counted since the last call, [T] each, and begin anew.

        Returns:
            `JumpShare`, the share of steps that belong to jumps, and `JumpLength`, the steps of
            jumps over their number; NaN where there were no steps, or no jumps.
        """
        counts = {
            "JumpShare": (self._jump_steps, self._steps),
            "JumpLength": (self._jump_steps, self._jumps),
        }
        self._clear()
        return {name: _ratio(part, whole) for name, (part, whole) in counts.items()}


def _ratio(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    ratio: npt.NDArray[np.float64] = part / np.where(whole > 0, whole, np.nan)
    return ratio

"""How often tasks succeed of late: moving averages over the training episodes that end.

MT-Levy (IROS 2025, arXiv 2509.20766), as its released code has it: an episode counts as a success
where any of its steps was one; all that is gathered counts, whoever acted, and no evaluation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from learning.garage_bridge.env_infos import TASK_ID
from learning.garage_bridge.episode_ends import ended_steps
from learning.garage_bridge.garage_compat import EpisodeBatch

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def ended_episodes(batch: EpisodeBatch) -> tuple[Ints, Floats]:
    """Return tasks and successes (1 or 0), [E] each, of the episodes that end in a batch."""
    ended = ended_steps(batch)
    tasks: Ints = batch.env_infos[TASK_ID][ended].astype(np.int64)
    successes: Floats = batch.env_infos["episode_success"][ended].astype(np.float64)
    return tasks, successes


def moved_ratios(ratios: Floats, tasks: Ints, successes: Floats, rate: float) -> Floats:
    """Return success ratios after some episodes: rho <- (1 - rate) rho + rate success for each.

    Args:
        ratios: Success ratios rho before, [T].
        tasks: The episodes' tasks, in the order in which they ended, [E].
        successes: 1 where an episode succeeded, else 0, [E].
        rate: Weight of an episode.
    """
    n_tasks = len(ratios)
    counts = np.bincount(tasks, minlength=n_tasks)
    # Stable, so that a task's episodes stay in the order in which they ended.
    order = np.argsort(tasks, kind="stable")
    # How many episodes of the same task ended after an episode: by so much its weight has faded.
    ends = np.cumsum(counts)[tasks[order]]
    later = ends - 1 - np.arange(len(tasks))
    weights = rate * (1.0 - rate) ** later * successes[order]
    moved: Floats = (1.0 - rate) ** counts * ratios + np.bincount(tasks[order], weights, n_tasks)
    return moved

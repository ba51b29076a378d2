"""Where episodes end in a batch of what was gathered, which may hold fragments of episodes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from learning.garage_bridge.garage_compat import EpisodeBatch, StepType


def ended_steps(batch: EpisodeBatch) -> npt.NDArray[np.int64]:
    """Return the indices of the steps that end an episode, by termination or time limit, [E]."""
    # Only the last step of a fragment can end an episode.
    last_steps: npt.NDArray[np.int64] = np.cumsum(batch.lengths) - 1
    types = batch.step_types[last_steps]
    ended: npt.NDArray[np.bool_] = (types == StepType.TERMINAL) | (types == StepType.TIMEOUT)
    return last_steps[ended]

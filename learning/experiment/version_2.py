"""Snapshots of config_version 2, for evaluating them; they cannot be resumed."""

from __future__ import annotations

import numpy as np

from learning.snapshots.state import State

_FLAG = "algorithm/policy/acts_uniformly"


def adapted(state: State) -> State:
    """Return the state with what acting goes by where version 3 has it.

    Version 2 kept a flag among the weights and the iteration among the plain values, and did not
    count the steps, which only the start of training goes by.
    """
    arrays = {name: array for name, array in state.arrays.items() if name != _FLAG}
    arrays["acting/env_steps"] = np.zeros((), dtype=np.int64)
    iteration = state.part("acting").values.get("iteration", 0)
    arrays["acting/iteration"] = np.array(iteration, dtype=np.int64)
    return State(arrays=arrays, values=state.values)

"""Actions that a policy whose numbers have run away would take are refused before a step."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from learning.errors import DivergenceError


def require_finite_actions(actions: npt.NDArray[np.float32], task_names: Sequence[str]) -> None:
    """Refuse actions that are not finite.

    Args:
        actions: An action a task, [T, A].
        task_names: The tasks' names.

    Raises:
        DivergenceError: Naming the tasks.
    """
    # The sum of squares is not finite where an entry is not, and costs one call; that of finite
    # actions could overflow only beyond any bound of an action.
    flat = actions.ravel()
    if np.isfinite(flat.dot(flat)):
        return
    rows = np.flatnonzero(~np.isfinite(actions).all(axis=1))
    names = ", ".join(task_names[row] for row in rows.tolist())
    raise DivergenceError(f"the policy's action is not finite for {names}: training has diverged.")

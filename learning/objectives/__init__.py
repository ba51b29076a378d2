"""The objective axis: how the tasks' losses and gradients meet."""

from learning.objectives.objective import Objective

__all__ = ["Objective"]

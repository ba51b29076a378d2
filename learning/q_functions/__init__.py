"""Q-functions over task-batched architectures."""

from learning.q_functions.twin_critics import TwinCritics

__all__ = ["TwinCritics"]

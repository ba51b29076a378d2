"""Q-functions over task-batched architectures."""

from learning.q_functions.twin_critics import CriticOptions, TwinCritics

__all__ = ["CriticOptions", "TwinCritics"]

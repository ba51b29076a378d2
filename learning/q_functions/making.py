"""The critics that the options ask for."""

from __future__ import annotations

from learning.architectures.architecture import Architecture
from learning.q_functions.categorical_critics import CategoricalCritics
from learning.q_functions.critic_options import CriticOptions
from learning.q_functions.twin_critics import TwinCritics


def make_critics(architecture: Architecture, options: CriticOptions) -> TwinCritics:
    """Return twin critics over a network with as many outputs as the options say."""
    kind = CategoricalCritics if options.critic == "categorical" else TwinCritics
    return kind(architecture, options)

"""The behaviour axis: who acts while data is gathered for a task.

A new mixture is one file with its class and one line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from learning.policies.fixed_mixture import DomainMixture, UniformMixture
from learning.policies.levy.levy_mixture import LevyMixture
from learning.policies.mixture_policy import MixturePolicy
from learning.policies.q_switch import QSwitch

BEHAVIOURS: Mapping[str, type[MixturePolicy] | None] = {
    "own": None,
    "qswitch": QSwitch,
    "uniform": UniformMixture,
    "domain": DomainMixture,
    "levy": LevyMixture,
}
"""Mixtures by name; None: each task's own policy acts."""

"""The table of behaviours: who acts while data is gathered for a task.

A new mixture is one file with its class and one line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from learning.options.member import Member
from learning.policies.domain_options import DomainOptions
from learning.policies.levy.levy_options import LevyOptions
from learning.policies.q_switch_options import QSwitchOptions
from learning.policies.switching_options import SwitchingOptions

_HERE = "learning.policies"

BEHAVIOURS: Mapping[str, Member] = {
    "own": Member(None),
    "qswitch": Member(f"{_HERE}.q_switch:QSwitch", QSwitchOptions),
    "uniform": Member(f"{_HERE}.fixed_mixture:UniformMixture", SwitchingOptions),
    "domain": Member(f"{_HERE}.fixed_mixture:DomainMixture", DomainOptions),
    "levy": Member(f"{_HERE}.levy.levy_mixture:LevyMixture", LevyOptions),
}
"""Mixtures by name; "own": each task's own policy acts."""

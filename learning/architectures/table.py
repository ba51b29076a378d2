"""The table of architectures: a new one is one file with its class and one line here.

What a policy can be, a critic can be; `decaf` weighs Q-functions and is a critic only.
"""

from __future__ import annotations

from collections.abc import Mapping

from learning.architectures.architecture_options import ArchitectureOptions
from learning.architectures.moore_options import MooreOptions
from learning.architectures.paco_options import PaCoOptions
from learning.architectures.ptsl_options import PTSLOptions
from learning.architectures.softmod_options import SoftmodOptions
from learning.options.member import Member

_HERE = "learning.architectures"

ARCHITECTURES: Mapping[str, Member] = {
    "separate": Member(f"{_HERE}.separate:SeparateArchitecture", ArchitectureOptions),
    "shared": Member(f"{_HERE}.shared:SharedArchitecture", ArchitectureOptions),
    "multihead": Member(f"{_HERE}.multihead:MultiheadArchitecture", ArchitectureOptions),
    "paco": Member(f"{_HERE}.paco:PaCoArchitecture", PaCoOptions),
    "moore": Member(f"{_HERE}.moore:MooreArchitecture", MooreOptions),
    "ptsl": Member(f"{_HERE}.ptsl:PTSLArchitecture", PTSLOptions),
    "softmod": Member(f"{_HERE}.softmod:SoftmodArchitecture", SoftmodOptions),
}
"""Architectures of policies and critics by name."""

CRITIC_ARCHITECTURES: Mapping[str, Member] = {
    "decaf": Member(f"{_HERE}.decaf:DecafArchitecture", ArchitectureOptions),
}
"""Architectures of critics alone."""

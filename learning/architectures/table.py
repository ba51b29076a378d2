"""The table of architectures: a new one is one file with its class and one line here.

What a policy can be, a critic can be; `decaf` weighs Q-functions and is a critic only.
"""

from __future__ import annotations

from collections.abc import Mapping

from learning.architectures.architecture_options import ArchitectureOptions
from learning.options.member import Member

_HERE = "learning.architectures"

ARCHITECTURES: Mapping[str, Member] = {
    "separate": Member(f"{_HERE}.separate:SeparateArchitecture", ArchitectureOptions),
    "shared": Member(f"{_HERE}.shared:SharedArchitecture", ArchitectureOptions),
    "multihead": Member(f"{_HERE}.multihead:MultiheadArchitecture", ArchitectureOptions),
}
"""Architectures of policies and critics by name."""

CRITIC_ARCHITECTURES: Mapping[str, Member] = {
    "decaf": Member(f"{_HERE}.decaf:DecafArchitecture", ArchitectureOptions),
}
"""Architectures of critics alone."""

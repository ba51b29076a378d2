"""The table of architectures: a new one is one file with its class and one line here.

What a policy can be, a critic can be; `decaf` weighs Q-functions and is a critic only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from learning.architectures.architecture_options import ArchitectureOptions
from learning.architectures.moore_options import MooreOptions
from learning.architectures.paco_options import PaCoOptions
from learning.architectures.ptsl_options import PTSLOptions
from learning.architectures.sharing import Sharing
from learning.architectures.softmod_options import SoftmodOptions
from learning.options.member import Member

_HERE = "learning.architectures"


@dataclasses.dataclass(frozen=True)
class ArchitectureMember(Member):
    """A line of this table.

    Attributes:
        sharing: The class's own `sharing`, which is to be known without loading it.
    """

    sharing: Sharing = "some"


ARCHITECTURES: Mapping[str, ArchitectureMember] = {
    "separate": ArchitectureMember(
        f"{_HERE}.separate:SeparateArchitecture", ArchitectureOptions, "nothing"
    ),
    "shared": ArchitectureMember(
        f"{_HERE}.shared:SharedArchitecture", ArchitectureOptions, "everything"
    ),
    "multihead": ArchitectureMember(
        f"{_HERE}.multihead:MultiheadArchitecture", ArchitectureOptions
    ),
    "paco": ArchitectureMember(f"{_HERE}.paco:PaCoArchitecture", PaCoOptions),
    "moore": ArchitectureMember(f"{_HERE}.moore:MooreArchitecture", MooreOptions),
    "ptsl": ArchitectureMember(f"{_HERE}.ptsl:PTSLArchitecture", PTSLOptions),
    "softmod": ArchitectureMember(f"{_HERE}.softmod:SoftmodArchitecture", SoftmodOptions),
}
"""Architectures of policies and critics by name."""

CRITIC_ARCHITECTURES: Mapping[str, ArchitectureMember] = {
    "decaf": ArchitectureMember(f"{_HERE}.decaf:DecafArchitecture", ArchitectureOptions, "nothing"),
}
"""Architectures of critics alone."""

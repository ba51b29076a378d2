"""The parameter axis: what the networks of the tasks hold in common.

A new architecture is one file and one line in these tables. What a policy can be, a critic can be;
`decaf` weighs Q-functions and is a critic only.
"""

from collections.abc import Mapping

from learning.architectures.architecture import Architecture, Sharing
from learning.architectures.architecture_spec import ArchitectureOptions, ArchitectureSpec
from learning.architectures.decaf import DecafArchitecture
from learning.architectures.multihead import MultiheadArchitecture
from learning.architectures.separate import SeparateArchitecture
from learning.architectures.shared import SharedArchitecture

ARCHITECTURES: Mapping[str, type[Architecture]] = {
    "separate": SeparateArchitecture,
    "shared": SharedArchitecture,
    "multihead": MultiheadArchitecture,
}
"""Architectures of policies and critics by name."""

CRITIC_ARCHITECTURES: Mapping[str, type[Architecture]] = {"decaf": DecafArchitecture}
"""Architectures of critics alone."""

__all__ = [
    "ARCHITECTURES",
    "CRITIC_ARCHITECTURES",
    "Architecture",
    "ArchitectureOptions",
    "ArchitectureSpec",
    "Sharing",
]

"""The table of architectures: a name, a class. A new architecture is one file and one row."""

from __future__ import annotations

from typing import Unpack

from learning.architectures.architecture import Architecture, ArchitectureArguments
from learning.architectures.decaf import DecafArchitecture
from learning.architectures.multihead import MultiheadArchitecture
from learning.architectures.separate import SeparateArchitecture
from learning.architectures.shared import SharedArchitecture

_ARCHITECTURES: dict[str, type[Architecture]] = {
    "separate": SeparateArchitecture,
    "shared": SharedArchitecture,
    "multihead": MultiheadArchitecture,
    "decaf": DecafArchitecture,
}


def architecture_names() -> tuple[str, ...]:
    """Return the names that :func:`build_architecture` knows."""
    return tuple(_ARCHITECTURES)


def build_architecture(name: str, **arguments: Unpack[ArchitectureArguments]) -> Architecture:
    """Build the architecture called ``name``.

    Raises:
        ValueError: No architecture has this name.
    """
    if name not in _ARCHITECTURES:
        raise ValueError(
            f"unknown architecture {name!r}; known are: {', '.join(architecture_names())}"
        )
    return _ARCHITECTURES[name](**arguments)

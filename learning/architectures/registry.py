"""The table of architectures: a name, a class. A new architecture is one file and one row."""

from __future__ import annotations

from typing import TypedDict, Unpack

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.batched_linear import Initializer
from learning.architectures.separate import SeparateArchitecture

_ARCHITECTURES = {"separate": SeparateArchitecture}


def architecture_names() -> tuple[str, ...]:
    """Return the names that :func:`build_architecture` knows."""
    return tuple(_ARCHITECTURES)


class ArchitectureArguments(TypedDict):
    """What every architecture is built from; see :class:`SeparateArchitecture`."""

    n_tasks: int
    n_groups: int
    input_size: int
    output_sizes: tuple[int, ...]
    hidden_sizes: tuple[int, ...]
    initializer: Initializer
    generator: torch.Generator


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

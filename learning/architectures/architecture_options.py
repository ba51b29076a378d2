"""The options of every architecture; an architecture with more of them inherits these."""

from __future__ import annotations

import dataclasses

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArchitectureOptions(OptionGroup):
    """The options of every architecture."""

    hidden_sizes: tuple[int, ...] = option(
        (256, 256),
        at_least=1,
        source="QMP reference code, run.py",
        help="Units of each hidden layer (ReLU), of policies and critics.",
    )

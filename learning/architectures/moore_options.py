"""The options of MOORE."""

from __future__ import annotations

import dataclasses

from learning.architectures.architecture_options import ArchitectureOptions
from learning.options import option


@dataclasses.dataclass(frozen=True, kw_only=True)
class MooreOptions(ArchitectureOptions):
    """The options of MOORE; beside the hidden layers the number of experts."""

    moore_experts: int = option(
        4,
        at_least=1,
        source="MOORE (Hendawy et al., ICLR 2024) on MT10",
        help="Experts K that are made orthonormal in every state.",
    )

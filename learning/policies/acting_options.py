"""How acting begins."""

from __future__ import annotations

import dataclasses

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class ActingOptions(OptionGroup):
    """How acting begins."""

    uniform_steps: int = option(
        0,
        at_least=0,
        source="QMP reference code, which has no such phase",
        help="Environment steps at the start with uniformly random actions, per task.",
    )

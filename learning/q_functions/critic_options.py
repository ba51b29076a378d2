"""What the critics end in."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class CriticOptions(OptionGroup):
    """What the critics end in."""

    q_output: Literal["linear", "sigmoid"] = option(
        "linear",
        source="QMP reference code, which has no option for it",
        help="What the critics end in; sigmoid bounds values to (0, 1), for sparse rewards of 0 "
        "and 1.",
    )

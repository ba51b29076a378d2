"""How large returns are made, which is how far a categorical critic's atoms reach."""

from __future__ import annotations

import dataclasses

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReturnBoundOptions(OptionGroup):
    """What `--return_scale brc` and `std` scale to, and what categorical critics can say."""

    return_bound: float = option(
        10.0,
        above=0,
        new_in=5,
        source="BRC reference code",
        help="The atoms of a categorical critic reach from minus this to this; return_scale = brc "
        "brings a task's largest return to it.",
    )

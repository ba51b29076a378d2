"""The size of the replay buffer."""

from __future__ import annotations

import dataclasses

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReplayOptions(OptionGroup):
    """The size of the store."""

    replay_buffer_size: int = option(
        1_000_000,
        at_least=1,
        source="QMP reference code, which has no option for it",
        help="Transitions that the buffer holds, per task.",
    )

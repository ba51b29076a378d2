"""The options of UDS and CDS."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class UDSOptions(OptionGroup):
    """Which of the other tasks' transitions are kept, and with what reward."""

    sharing_quantile: float = option(
        0.0,
        at_least=0,
        at_most=1,
        source="UDS: all is shared",
        help="Quantile of the own batch's Q-values that another task's transition must exceed to "
        "be kept; 0 keeps all.",
    )
    relabel: Literal["min_reward", "true_reward"] = option(
        "min_reward",
        source="UDS",
        help="Reward of another task's transition: the task set's smallest, or the one by the "
        "task's own rule, where the task set can say it.",
    )

"""The options of the Q-switch."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.options import OptionGroup, option
from learning.policies.switching_options import SwitchingOptions

Score = Literal["mean_q1", "sampled_min", "mean_min"]
"""Which critic at which action: the first at the mean action, or the smaller of both at a sample or
at the mean action."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoreOptions(OptionGroup):
    """What is compared where critics choose."""

    qswitch_score: Score = option(
        "mean_q1",
        source="QMP reference code, get_action (its paper's practice too)",
        help="How the Q-switch scores a policy: Q1 at its mean action (mean_q1), or min(Q1, Q2) at "
        "a sample (sampled_min) or at its mean action (mean_min). A sample of the winner is "
        "executed. With categorical critics a value is a distribution's mean, and in place of the "
        "smaller one stands the mean of both.",
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class QSwitchOptions(SwitchingOptions, ScoreOptions):
    """How the critics choose, how long a choice is held, and when there is none."""

    qswitch_gate: Literal["none", "confident"] = option(
        "none",
        source="QMP",
        help="Whether the Q-switch heeds its doubt; confident: another policy acts only where the "
        "smaller critic's value of its proposal is above the larger critic's value of the own one.",
    )

"""The options of mixtures that choose who acts anew every few steps."""

from __future__ import annotations

import dataclasses

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class SwitchingOptions(OptionGroup):
    """How long a choice is held, and when there is none."""

    policy_sampling_freq: int = option(
        1,
        at_least=1,
        source="QMP reference code, run.py",
        help="Steps for which the chosen policy goes on acting, counted from the episode's start: "
        "H.",
    )
    own_policy_floor: float = option(
        0.0,
        at_least=0,
        at_most=1,
        source="QMP reference code, run.py (no floor)",
        help="Probability, at each choice, that the task's own policy acts, whatever the scores "
        'say (the "min task prob" of QMP\'s code).',
    )
    mixture_warmup_itrs: int = option(
        0,
        at_least=0,
        source="QMP, arXiv version 1: 0 best for separate networks",
        help="Collecting steps at the start during which every task acts with its own policy: k.",
    )

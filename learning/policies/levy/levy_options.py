"""The options of MT-Levy: when, how long and with what it jumps."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.options import OptionGroup, option
from learning.policies.q_switch_options import ScoreOptions

_CODE = "MT-Levy reference code"


@dataclasses.dataclass(frozen=True, kw_only=True)
class NeighborOptions(OptionGroup):
    """Whose policies a jump may take."""

    num_neighbors: int = option(
        5,
        at_least=1,
        source=_CODE,
        help="Nearest tasks whose policies a Levy jump may take, the task itself among them: n.",
    )
    neighbors: Literal["task_set", "all"] = option(
        "task_set",
        source="chosen by us",
        help="Which tasks are near: as the task set's embeddings say, or all. A file given as "
        "neighbor_embeddings or neighbor_order wins.",
    )
    neighbor_embeddings: tuple[float, ...] | None = option(
        None,
        from_file="T x d",
        source="the task set's",
        help="Embeddings of the tasks, a file (CSV, text or .npy) of T x d numbers; near is a "
        "small Euclidean distance.",
    )
    neighbor_order: tuple[float, ...] | None = option(
        None,
        from_file="T x T",
        source="the task set's",
        help="Order of nearness, a file of T x T task indices from 0, row i: task i, then its "
        "nearest. One of the two files may be given.",
    )
    levy_sharing: Literal["neighbors", "own"] = option(
        "neighbors",
        source=_CODE,
        help="Ablation of MT-Levy; own: jumps take the task's own policy only.",
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class LevyOptions(NeighborOptions, ScoreOptions):
    """When, how long and with what MT-Levy jumps."""

    hold: Literal["action", "policy"] = option(
        "action",
        source=_CODE,
        help="What a Levy jump holds: one action, or one policy, whose actions are drawn anew.",
    )
    alpha_offset: float = option(
        1.0,
        above=0,
        source=_CODE,
        help="Smallest part of the exponent of Levy durations, alpha bar: the larger, the rarer "
        "and shorter the jumps.",
    )
    sr_threshold: float = option(
        0.1,
        above=0,
        at_most=1,
        source=_CODE,
        help="Success ratio below which a task explores and above which its policy is shared: rho "
        "bar.",
    )
    sr_rate: float = option(
        0.01,
        above=0,
        at_most=1,
        source=_CODE,
        help="Weight of a training episode in the moving average of the success ratio.",
    )
    levy_cap: float = option(
        0.1,
        at_least=0,
        at_most=1,
        source=_CODE,
        help="Longest Levy duration, as a share of the horizon. A cap of two steps leaves no "
        "repeats; a smaller one no jumps, and is refused.",
    )
    levy_candidate: Literal["uniform", "qswitch"] = option(
        "uniform",
        source=_CODE,
        help="Whose policy a Levy jump takes among the candidates: any, or the one that "
        "qswitch_score puts first.",
    )
    levy_duration: Literal["lomax", "single"] = option(
        "lomax", source=_CODE, help="Ablation of MT-Levy; single: a jump lasts one step."
    )
    levy_exponent: Literal["adaptive", "fixed"] = option(
        "adaptive",
        source=_CODE,
        help="Ablation of MT-Levy; fixed: every task explores as one that never succeeded.",
    )

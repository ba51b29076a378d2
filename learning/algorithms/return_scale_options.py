"""How the tasks' rewards are scaled where a batch is drawn."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.options import option
from learning.q_functions.return_bound_options import ReturnBoundOptions


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReturnScaleOptions(ReturnBoundOptions):
    """How the tasks' rewards are scaled where a batch is drawn."""

    return_scale: Literal["none", "brc", "std", "ars"] = option(
        "none",
        new_in=5,
        source="QMP reference code, which has no option for it",
        help="Factor on each task's rewards where a batch is drawn; rewards are stored raw. brc: "
        "the task's largest return in training and its entropy come to return_bound; std: returns "
        "come to a standard deviation of 1, the largest at most to return_bound (BRC before its "
        "rewrite); ars: mean rewards come to that of the task with the largest, at each of resets.",
    )

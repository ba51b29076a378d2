"""The options of the tasks' own policies."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class PolicyOptions(OptionGroup):
    """How the squashed Gaussian is bounded."""

    log_std_bound: Literal["clamp", "tanh"] = option(
        "clamp",
        new_in=3,
        source="garage, TanhGaussianMLPPolicy",
        help="How log standard deviations are kept in [-20, 2]: clamp cuts them off, so that an "
        "untrained policy begins at a standard deviation of 1; tanh squashes them onto the range, "
        "so that it begins at 1e-4.",
    )

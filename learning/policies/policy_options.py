"""The options of the tasks' own policies."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.errors import ConfigError
from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class PolicyOptions(OptionGroup):
    """The policies' hidden layers, and how the squashed Gaussian is bounded.

    Raises:
        ConfigError: A value is not allowed, or two do not go together.
    """

    actor_blocks: int | None = option(
        None,
        at_least=1,
        new_in=5,
        source="QMP reference code, which has no option for it",
        help="Residual blocks, with layer normalisation, of the policies' networks (separate, "
        "multihead or shared ones); none: their layers are hidden_sizes, without it.",
    )
    actor_width: int | None = option(
        None,
        at_least=1,
        new_in=5,
        source="chosen by us: as wide as plain ones",
        help="Units of every hidden layer of policies with blocks; none: as the last of "
        "hidden_sizes.",
    )

    log_std_bound: Literal["clamp", "tanh"] = option(
        "clamp",
        new_in=3,
        source="garage, TanhGaussianMLPPolicy",
        help="How log standard deviations are kept in [-20, 2]: clamp cuts them off, so that an "
        "untrained policy begins at a standard deviation of 1; tanh squashes them onto the range, "
        "so that it begins at 1e-4.",
    )
    log_std_min: float = option(
        -20.0,
        at_most=1.0,
        new_in=5,
        source="garage, TanhGaussianMLPPolicy",
        help="The smallest log standard deviation, in place of -20.",
    )

    def __post_init__(self) -> None:
        """Check every value, and those that depend on one another; see the class."""
        super().__post_init__()
        if self.actor_blocks is None and self.actor_width is not None:
            raise ConfigError(
                f"actor_width = {self.actor_width}: nothing would read it without actor_blocks, "
                "since the layers are hidden_sizes then; give --actor_blocks"
            )

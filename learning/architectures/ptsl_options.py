"""The options of PTSL's networks."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.architectures.architecture_options import ArchitectureOptions
from learning.errors import ConfigError
from learning.options import option

_CODE = "PTSL reference code"


@dataclasses.dataclass(frozen=True, kw_only=True)
class PTSLOptions(ArchitectureOptions):
    """How large a task's own part is, what it shares, and where it starts.

    Raises:
        ConfigError: A value is not allowed, or two do not go together.
    """

    ptsl_rank: int = option(
        50,
        at_least=1,
        source=_CODE,
        help="Size p of the space in which PTSL's tasks have layers of their own.",
    )
    ptsl_projection: Literal["shared", "independent"] = option(
        "shared",
        source=_CODE,
        help="Whether PTSL's layers project into that space and out of it with the same two "
        "matrices, or each with its own.",
    )
    ptsl_residual: Literal["none", "sum", "linear", "project"] = option(
        "none",
        source=_CODE,
        help="What else than its own input a PTSL layer's task part sees of the task part before: "
        "nothing, or input and output, by their sum, a learned combination or a learned matrix.",
    )
    ptsl_init: Literal["paper", "sound"] = option(
        "paper",
        source=_CODE,
        help="Where PTSL's task parts start; paper: all projections zero, which in part of the "
        "network may stay so for ever (docs/methods/ptsl.md); sound: only those out of the space.",
    )

    def __post_init__(self) -> None:
        """Check every value, and those that depend on one another; see the class."""
        super().__post_init__()
        if self.ptsl_projection == "shared" and len(set(self.hidden_sizes)) > 1:
            raise ConfigError(
                f"hidden_sizes = {self.hidden_sizes}: with ptsl_projection = 'shared' all layers "
                "have one size, since one matrix projects them; choose ptsl_projection = "
                "'independent' for layers of several sizes"
            )

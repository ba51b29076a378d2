"""The options of PaCo."""

from __future__ import annotations

import dataclasses

from learning.architectures.architecture_options import ArchitectureOptions
from learning.options import option


@dataclasses.dataclass(frozen=True, kw_only=True)
class PaCoOptions(ArchitectureOptions):
    """The options of PaCo; beside the hidden layers the parameter sets, and what explodes."""

    paco_sets: int = option(
        5,
        at_least=1,
        source="PaCo (Sun et al., NeurIPS 2022) on MT10",
        help="Parameter sets K that the tasks' networks are composed of.",
    )
    paco_reset_loss: float | None = option(
        None,
        above=0,
        new_in=4,
        source="Meta-World+'s code, which has no such threshold",
        help="Loss above which a task does not take part in an update, and its combination of the "
        "parameter sets is drawn anew from the other tasks'; none: never.",
    )

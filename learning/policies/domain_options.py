"""The options of the domain mixture."""

from __future__ import annotations

import dataclasses

from learning.options import option
from learning.policies.switching_options import SwitchingOptions


@dataclasses.dataclass(frozen=True, kw_only=True)
class DomainOptions(SwitchingOptions):
    """What is known of the tasks beforehand."""

    domain_weights: tuple[float, ...] | None = option(
        None,
        from_file="T x T",
        source="the task set's",
        help="Weights of the domain mixture, a file (CSV, text or .npy) of T x T numbers, row i: "
        "how often each policy acts for task i; none: the task set's own.",
    )

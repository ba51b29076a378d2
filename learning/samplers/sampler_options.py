"""How data is gathered."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.options import OptionGroup, option
from learning.options.machine import usable_cores

SamplerName = Literal["lockstep", "local", "ray"]

_OURS = "chosen by us"


@dataclasses.dataclass(frozen=True, kw_only=True)
class SamplerOptions(OptionGroup):
    """How data is gathered."""

    sampler: SamplerName = option(
        "lockstep",
        source=_OURS,
        help="How data is collected: all tasks in lock step; by garage's LocalSampler, whole "
        "episodes, one environment after another, with the same results in distribution; or by "
        "garage's RaySampler, the same episodes as local, in Ray's worker processes.",
    )
    n_workers: int = option(
        "physical cores",
        rule=lambda tasks: min(usable_cores(), tasks),
        at_least=0,
        at_most_tasks=True,
        source=_OURS,
        help="Processes that step the environments, several tasks each; 0: this process steps "
        "them. With --sampler ray: Ray's worker processes, at least one.",
    )

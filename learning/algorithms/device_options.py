"""Where and with how many threads torch computes."""

from __future__ import annotations

import dataclasses

from learning.options import OptionGroup, option
from learning.options.machine import usable_cores

_OURS = "chosen by us"


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeviceOptions(OptionGroup):
    """The device, and the threads of the CPU."""

    gpu: int | None = option(
        None,
        at_least=0,
        source=_OURS,
        help="Index of the CUDA device to learn on; none: the CPU.",
    )
    torch_threads: int = option(
        "physical cores",
        rule=lambda tasks: usable_cores(),
        at_least=1,
        at_most=1024,
        source=_OURS,
        help="Threads of torch on the CPU.",
    )

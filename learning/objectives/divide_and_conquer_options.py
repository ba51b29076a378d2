"""The options of DnC."""

from __future__ import annotations

import dataclasses

from learning.options import OptionGroup, option

_CODE = "QMP reference code, run.py"


@dataclasses.dataclass(frozen=True, kw_only=True)
class DivideAndConquerOptions(OptionGroup):
    """How strongly the policies are held together, and when they are distilled."""

    kl_coeff: float = option(
        1e-3,
        at_least=0,
        source="QMP, arXiv version 1: DnC and DnC(reg) on the reacher and Meta-World",
        help="Weight of DnC's divergence between the tasks' policies: beta; 0: none.",
    )
    distillation_period: int | None = option(
        None,
        at_least=1,
        source=_CODE,
        help="Epochs from one of DnC's distillations to the next; none: no distillation. It needs "
        "policies that share nothing.",
    )
    distillation_n_epochs: int = option(
        100,
        at_least=1,
        source=_CODE,
        help="Gradient steps of a distillation; its name is the reference's.",
    )

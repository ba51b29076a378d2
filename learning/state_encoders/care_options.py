"""The options of CARE's state encoder."""

from __future__ import annotations

import dataclasses
from typing import Literal

from learning.errors import ConfigError
from learning.options import OptionGroup, option

_CODE = "mtrl, CARE on Meta-World"


@dataclasses.dataclass(frozen=True, kw_only=True)
class CareOptions(OptionGroup):
    """Sizes and form of experts, context and attention, and who trains what.

    Raises:
        ConfigError: A value is not allowed, or two do not go together.
    """

    care_experts: int = option(
        4,
        at_least=1,
        source=_CODE + ", its documented command (its configuration: 9)",
        help="CARE's experts, which all tasks share: k.",
    )
    care_width: int = option(
        50,
        at_least=1,
        source=_CODE,
        help="Units of the layers of CARE's experts, context and attention, and numbers of the "
        "encoded state and of the context.",
    )
    care_gate: Literal["soft", "top2"] = option(
        "soft",
        source=_CODE,
        help="How a task weighs CARE's experts: all of them, or the two largest weights alone.",
    )
    care_context: Literal["task_set", "learned", "one_hot"] = option(
        "task_set",
        source="CARE: embeddings of the tasks' descriptions",
        help="What CARE's context is made of: the task set's embeddings of its tasks, an embedding "
        "learned for each, or the task's one-hot. A file given as care_embeddings wins.",
    )
    care_embeddings: tuple[float, ...] | None = option(
        None,
        from_file="name: d",
        source="the task set's",
        help="Embeddings of the tasks, a JSON file: task name -> d numbers, as mtrl's are. Endings "
        "such as -v1 do not count; further tasks may stand in it.",
    )
    care_context_gradient: Literal["attention", "trunk_only"] = option(
        "attention",
        source="mtrl as it runs; it means to do, and the paper says, trunk_only",
        help="Whether the critics' losses reach CARE's context through the attention too, or only "
        "through the network behind the encoder.",
    )
    care_target_update_tau: float = option(
        0.05,
        above=0,
        at_most=1,
        source=_CODE,
        help="Share of the critics' experts and attention that goes into their targets after each "
        "gradient step; their context has no target.",
    )

    def __post_init__(self) -> None:
        """Check every value, and those that depend on one another; see the class."""
        super().__post_init__()
        if self.care_gate == "top2" and self.care_experts < 2:
            raise ConfigError(
                "care_gate = 'top2' with care_experts = 1: there are no two to choose; allowed is "
                "'soft', or care_experts of 2 or more"
            )

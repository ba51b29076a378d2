"""The one table of methods: each names one member of each axis of sharing.

The axes are behaviour (who acts while data is gathered), parameters (what the networks hold in
common: policies and critics), data (whose transitions an update sees) and objective (how losses and
gradients meet). A sub-command of `run.py` is a row here, and a new method is a new row.
"""

import dataclasses

from learning.config import (
    Behaviour,
    Data,
    Objective,
    PolicyArchitecture,
    QArchitecture,
)
from learning.errors import ConfigError

AXES = ("behaviour", "policy_architecture", "q_architecture", "data", "objective")
"""Fields of `Method` and of `ExperimentConfig` that hold the members of the axes."""

OPTIONS_OF_MEMBERS: dict[str, dict[str, frozenset[str]]] = {
    "behaviour": {
        "qswitch": frozenset(
            {
                "qswitch_score",
                "policy_sampling_freq",
                "own_policy_floor",
                "mixture_warmup_itrs",
            }
        ),
    },
}
"""Config fields that only some members of an axis use: axis -> member -> fields."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Method:
    """A row of the table.

    Attributes:
        name: the sub-command, as in the reference code.
        behaviour: see `AXES`; so the next four.
        summary: one line for `--help`.
        paper: where it comes from.
    """

    name: str
    behaviour: Behaviour
    policy_architecture: PolicyArchitecture
    q_architecture: QArchitecture
    data: Data
    objective: Objective
    summary: str
    paper: str

    @property
    def unused_fields(self) -> frozenset[str]:
        """Config fields without meaning for this method; they keep their common default."""
        used: set[str] = set()
        known: set[str] = set()
        for axis, members in OPTIONS_OF_MEMBERS.items():
            for member, fields in members.items():
                known |= fields
                if getattr(self, axis) == member:
                    used |= fields
        return frozenset(known - used)


_QMP = (
    "Zhang, Jain, Hwang, Sun, Lim: QMP: Q-switch Mixture of Policies for Multi-Task Behavior "
    "Sharing, ICLR 2025, arXiv 2302.00671"
)

METHODS: dict[str, Method] = {
    row.name: row
    for row in (
        Method(
            name="qmp_dnc",
            behaviour="qswitch",
            policy_architecture="separate",
            q_architecture="separate",
            data="own",
            objective="none",
            summary="QMP: the Q-switch picks which task's policy acts; networks are separate.",
            paper=_QMP,
        ),
        Method(
            name="dnc_sac",
            behaviour="own",
            policy_architecture="separate",
            q_architecture="separate",
            data="own",
            objective="none",
            summary="Separated: one SAC a task, nothing shared (QMP's baseline).",
            paper=_QMP,
        ),
    )
}
"""Methods by name."""


def get_method(name: str) -> Method:
    """The table's row `name`.

    Raises:
        ConfigError: there is no such row; the message names the rows.
    """
    if name not in METHODS:
        raise ConfigError(f"method = {name!r}: allowed is one of {', '.join(METHODS)}")
    return METHODS[name]

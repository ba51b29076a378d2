"""The one table of methods: each names one member of each axis of sharing.

The axes are behaviour (who acts while data is gathered), parameters (what the networks hold in
common: the state encoder before them, policies and critics), data (whose transitions an update
sees) and objective (how losses and gradients meet). A sub-command of `run.py` is a row here, and a
new method is a new row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from learning.errors import ConfigError

AXES = (
    "behaviour",
    "state_encoder",
    "policy_architecture",
    "q_architecture",
    "data",
    "objective",
)
"""The axes of sharing: fields of `Method`, and keys of a config's members."""

AXES_SINCE: Mapping[str, tuple[int, str]] = {"state_encoder": (4, "none")}
"""Axes that older records lack: the first version of config.json that has it, and what the program
did before."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Method:
    """A row of the table: the members that make the method, and those that may be replaced.

    Attributes:
        name: The sub-command, as in the reference code.
        behaviour: Member of the axis, a name; so the next five.
        open_axes: Axes whose member the user may choose; the row's is the default.
        summary: One line for `--help`.
        paper: Where it comes from.
    """

    name: str
    behaviour: str = "own"
    state_encoder: str = "none"
    policy_architecture: str = "separate"
    q_architecture: str = "separate"
    data: str = "own"
    objective: str = "none"
    open_axes: tuple[str, ...] = ()
    summary: str
    paper: str

    @property
    def members(self) -> dict[str, str]:
        """The row's members: axis -> name."""
        return {axis: getattr(self, axis) for axis in AXES}


_QMP = (
    "Zhang, Jain, Hwang, Sun, Lim: QMP: Q-switch Mixture of Policies for Multi-Task Behavior "
    "Sharing, ICLR 2025, arXiv 2302.00671"
)
_UDS = "Yu et al.: How to Leverage Unlabeled Data in Offline RL, ICML 2022, arXiv 2202.01741"
_MCAL = (
    "Mysore, Cheng, Zhao, Saenko, Wu: Multi-Critic Actor Learning: Teaching RL Policies to Act "
    "with Style, ICLR 2022"
)
_DECAF = "QMP's reference code, baseline decaf"
_LEVY = (
    "Lee, Cho, Kim: Leveraging Temporally Extended Behavior Sharing for Multi-task Reinforcement "
    "Learning, IROS 2025, arXiv 2509.20766"
)
_PACO = (
    "Sun, Zhang, Xu, Tomizuka: PaCo: Parameter-Compositional Multi-Task Reinforcement Learning, "
    "NeurIPS 2022, arXiv 2210.11653"
)
_MOORE = (
    "Hendawy, Peters, D'Eramo: Multi-Task Reinforcement Learning with Mixture of Orthogonal "
    "Experts, ICLR 2024, arXiv 2311.11385"
)
_PTSL = (
    "Somerville Roberts, Di: Projected Task-Specific Layers for Multi-Task Reinforcement Learning, "
    "ICRA 2024, arXiv 2309.08776"
)
_SOFTMOD = (
    "Yang, Xu, Wu, Wang: Multi-Task Reinforcement Learning with Soft Modularization, NeurIPS 2020, "
    "arXiv 2003.13661"
)
_CARE = (
    "Sodhani, Zhang, Pineau: Multi-Task Reinforcement Learning with Context-based Representations, "
    "ICML 2021, arXiv 2102.06177"
)
_NETWORKS = ("state_encoder", "policy_architecture", "q_architecture", "objective")

METHODS: dict[str, Method] = {
    row.name: row
    for row in (
        Method(
            name="qmp_dnc",
            behaviour="qswitch",
            objective="dnc",
            summary="QMP: the Q-switch picks which task's policy acts; networks are separate.",
            paper=_QMP,
        ),
        Method(
            name="dnc_sac",
            objective="dnc",
            summary="Separated: one SAC a task, nothing shared; with --kl_coeff or "
            "--distillation_period, DnC.",
            paper=_QMP + "; DnC: Ghosh et al., ICLR 2018, arXiv 1711.09874",
        ),
        Method(
            name="qmp_sac",
            behaviour="qswitch",
            policy_architecture="multihead",
            q_architecture="multihead",
            open_axes=_NETWORKS,
            summary="QMP over shared parameters: one trunk, a head a task.",
            paper=_QMP,
        ),
        Method(
            name="mtsac",
            policy_architecture="multihead",
            q_architecture="multihead",
            open_axes=_NETWORKS,
            summary="Shared parameters: multi-task SAC with one trunk and a head a task.",
            paper=_QMP + "; Yu et al.: Meta-World, CoRL 2019, arXiv 1910.10897",
        ),
        Method(
            name="sac",
            policy_architecture="shared",
            q_architecture="shared",
            open_axes=("state_encoder",),
            summary="Fully shared: one SAC for all tasks, which is not told the task.",
            paper=_QMP,
        ),
        Method(
            name="qmp_uds_dnc",
            behaviour="qswitch",
            data="uds",
            objective="dnc",
            summary="QMP with shared data: other tasks' transitions with the smallest reward.",
            paper=f"{_QMP}; {_UDS}",
        ),
        Method(
            name="uds_dnc",
            data="uds",
            objective="dnc",
            summary="Shared data: other tasks' transitions with the smallest reward (UDS).",
            paper=_UDS,
        ),
        Method(
            name="qmp_uniform",
            behaviour="uniform",
            summary="QMP's ablation: any task's policy acts, each as often.",
            paper=_QMP,
        ),
        Method(
            name="qmp_domain",
            behaviour="domain",
            summary="QMP's ablation: policies act as often as domain knowledge says.",
            paper=_QMP,
        ),
        Method(
            name="mcal",
            policy_architecture="multihead",
            summary="Multi-critic actor learning: one actor, a critic a task.",
            paper=_MCAL,
        ),
        Method(
            name="qmp_mcal",
            behaviour="qswitch",
            policy_architecture="multihead",
            summary="QMP over multi-critic actor learning.",
            paper=f"{_QMP}; {_MCAL}",
        ),
        Method(
            name="decaf",
            q_architecture="decaf",
            summary="Separate policies whose critics weigh all tasks' Q-functions.",
            paper=_DECAF,
        ),
        Method(
            name="mtlevy",
            behaviour="levy",
            policy_architecture="multihead",
            q_architecture="multihead",
            open_axes=("state_encoder",),
            summary="MT-Levy: tasks that rarely succeed jump far with related tasks' actions.",
            paper=_LEVY,
        ),
        Method(
            name="paco",
            policy_architecture="paco",
            q_architecture="paco",
            summary="PaCo: each task's network is composed of parameter sets that all share.",
            paper=_PACO,
        ),
        Method(
            name="moore",
            policy_architecture="moore",
            q_architecture="moore",
            summary="MOORE: each task weighs experts that are orthonormal in every state.",
            paper=_MOORE,
        ),
        Method(
            name="ptsl",
            policy_architecture="ptsl",
            q_architecture="ptsl",
            summary="PTSL: shared layers, each with a low-rank layer of each task beside it.",
            paper=_PTSL,
        ),
        Method(
            name="softmod",
            policy_architecture="softmod",
            q_architecture="softmod",
            summary="Soft Modularization: shared modules, mixed anew for each task and state.",
            paper=_SOFTMOD,
        ),
        Method(
            name="care",
            state_encoder="care",
            policy_architecture="shared",
            q_architecture="shared",
            summary="CARE: experts encode the state, weighed by what the task is about.",
            paper=_CARE,
        ),
        Method(
            name="care_ptsl",
            state_encoder="care",
            policy_architecture="ptsl",
            q_architecture="ptsl",
            summary="PTSL behind CARE's encoder, as its paper has it.",
            paper=f"{_PTSL}; {_CARE}",
        ),
        Method(
            name="train",
            open_axes=AXES,
            summary="Any combination: name a member of each axis.",
            paper="see docs/methods/train.md",
        ),
    )
}
"""Methods by name."""


def get_method(name: str) -> Method:
    """Return the table's row `name`.

    Raises:
        ConfigError: There is no such row; the message names the rows.
    """
    if name not in METHODS:
        raise ConfigError(f"method = {name!r}: allowed is one of {', '.join(METHODS)}")
    return METHODS[name]


def method_label(method: str, members: Mapping[str, Any]) -> str:
    """Return the method's name, and the members that differ from its row: `mtsac+pcgrad`.

    Args:
        method: A row of the table.
        members: Axis -> member, or all values of a record of any version.
    """
    row = get_method(method).members
    before = {axis: member for axis, (_, member) in AXES_SINCE.items()}
    chosen = {**before, **members}
    return "+".join([method, *(chosen[axis] for axis in AXES if chosen[axis] != row[axis])])

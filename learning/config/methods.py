"""The one table of methods: each names one member of each axis of sharing.

The axes are behaviour (who acts while data is gathered), parameters (what the networks hold in
common: policies and critics), data (whose transitions an update sees) and objective (how losses and
gradients meet). A sub-command of `run.py` is a row here, and a new method is a new row.
"""

import dataclasses
from collections.abc import Collection, Mapping

from learning.config.experiment_config import (
    Behaviour,
    Data,
    ExperimentConfig,
    Objective,
    PolicyArchitecture,
    QArchitecture,
)
from learning.errors import ConfigError

AXES = ("behaviour", "policy_architecture", "q_architecture", "data", "objective")
"""Fields of `Method` and of `ExperimentConfig` that hold the members of the axes."""

_MIXTURE = frozenset({"policy_sampling_freq", "own_policy_floor", "mixture_warmup_itrs"})
_SHARING = frozenset({"sharing_quantile", "relabel"})

OPTIONS_OF_MEMBERS: dict[str, dict[str, frozenset[str]]] = {
    "behaviour": {
        "qswitch": _MIXTURE | {"qswitch_score", "qswitch_gate"},
        "uniform": _MIXTURE,
        "domain": _MIXTURE | {"domain_weights"},
        "levy": frozenset(
            {
                "hold",
                "num_neighbors",
                "neighbors",
                "neighbor_embeddings",
                "neighbor_order",
                "alpha_offset",
                "sr_threshold",
                "sr_rate",
                "levy_cap",
                "levy_candidate",
                "levy_sharing",
                "levy_duration",
                "levy_exponent",
                "qswitch_score",
            }
        ),
    },
    "data": {"uds": _SHARING, "cds": _SHARING},
    "objective": {"dnc": frozenset({"kl_coeff", "distillation_period", "distillation_n_epochs"})},
}
"""Config fields that only some members of an axis use: axis -> member -> fields."""


def unused_fields(members: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Config fields without meaning for any of these members.

    Args:
        members: axis -> the members that may be meant.
    """
    used: set[str] = set()
    known: set[str] = set()
    for axis, of_members in OPTIONS_OF_MEMBERS.items():
        for member, fields in of_members.items():
            known |= fields
            if member in members[axis]:
                used |= fields
    return frozenset(known - used)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Method:
    """A row of the table: the members that make the method, and those that may be replaced.

    Attributes:
        name: the sub-command, as in the reference code.
        behaviour: see `AXES`; so the next four.
        open_axes: axes whose member the user may choose; the row's is the default.
        summary: one line for `--help`.
        paper: where it comes from.
    """

    name: str
    behaviour: Behaviour = "own"
    policy_architecture: PolicyArchitecture = "separate"
    q_architecture: QArchitecture = "separate"
    data: Data = "own"
    objective: Objective = "none"
    open_axes: tuple[str, ...] = ()
    summary: str
    paper: str

    @property
    def unused_fields(self) -> frozenset[str]:
        """Config fields without meaning for this method, whatever the open axes hold."""
        return unused_fields(
            {
                axis: OPTIONS_OF_MEMBERS[axis] if axis in self.open_axes else (getattr(self, axis),)
                for axis in OPTIONS_OF_MEMBERS
            }
        )


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
_NETWORKS = ("policy_architecture", "q_architecture", "objective")

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
            summary="MT-Levy: tasks that rarely succeed jump far with related tasks' actions.",
            paper=_LEVY,
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
    """The table's row `name`.

    Raises:
        ConfigError: there is no such row; the message names the rows.
    """
    if name not in METHODS:
        raise ConfigError(f"method = {name!r}: allowed is one of {', '.join(METHODS)}")
    return METHODS[name]


def method_label(method: str, members: Mapping[str, str]) -> str:
    """The method's name, and the members that differ from its row: `mtsac+pcgrad`.

    Args:
        method: a row of the table.
        members: axis -> member.
    """
    row = get_method(method)
    return "+".join([method, *(members[a] for a in AXES if members[a] != getattr(row, a))])


def config_label(config: ExperimentConfig) -> str:
    """`method_label` of a run's config."""
    return method_label(config.method, {axis: getattr(config, axis) for axis in AXES})

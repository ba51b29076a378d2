"""The preset table: what a task set or a method overrides of the options' defaults, with sources.

An option's default stands beside the class that reads it. What follows overrides it, in this order:
`TASK_SETS[env]` for a task set and, where policy or critics share parameters,
`SHARED_SCHEDULE[env]`; the protocol's (`protocols.py`); `MEMBER_VALUES[axis, member]` for a member
of an axis and `MEMBER_PAIRS[axis, member, env]` for it on a task set, `METHOD_VALUES[method]` for a
method, `PAIRS[method, env]` for a method on a task set, the learner of a protocol that the user
names, and `GIVEN_OPTIONS[method, option, value]` for a method where the task set's own option has
that value.
`ENV_OPTIONS[method, env]` are a method's defaults of a task set's own options. A plug-in's own rows
join `TASK_SETS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from environments.options import OptionValue
from learning.config.methods import AXES
from learning.config.protocols import META_WORLD_IDS, Protocol
from learning.config.sources import (
    FLOOR,
    META_WORLD_PLUS,
    MT_LEVY_CODE,
    MTRL_CODE,
    OURS,
    PTSL_CODE,
    SHARED_CODE,
    SOFTMOD_CODE,
    VERSION_1,
    Preset,
    as_on,
)
from learning.config.task_set_presets import SHARED_SCHEDULE, TASK_SETS
from learning.options import Rule, Value

MEMBER_VALUES: dict[tuple[str, str], Preset] = {
    ("data", "cds"): {
        "sharing_quantile": Value(0.9, "CDS (Yu et al., NeurIPS 2021): the top tenth is shared"),
    },
}
"""What a member of an axis overrides."""

MEMBER_PAIRS: dict[tuple[str, str, str], Preset] = {
    ("behaviour", "qswitch", "MetaWorldMT10-v2"): {"own_policy_floor": Value(0.7, FLOOR)},
    ("behaviour", "qswitch", "MetaWorldMT25-v2"): {
        "own_policy_floor": Value(0.7, f"{OURS}: as on MT10 and MT50 ({FLOOR})")
    },
    ("behaviour", "qswitch", "MetaWorldMT50-v2"): {"own_policy_floor": Value(0.7, FLOOR)},
}
"""What a member of an axis overrides on a task set."""

_BY_OPTIONS = "QMP reference code: none unless an option asks for it"

_DNC_OFF: Preset = {"kl_coeff": Value(0.0, _BY_OPTIONS)}

_MCAL: Preset = {
    "temperature": Value("single", "QMP reference code, mcal"),
    # A batched update steps the one policy T times, so that it is stepped G times either way.
    "update_schedule": Value(
        "per_task", "QMP reference code, mcal: its critics are the tasks' own"
    ),
    "actor_steps": Rule(lambda tasks: tasks, "T", "QMP reference code, mcal"),
}

METHOD_VALUES: dict[str, Preset] = {
    "qmp_dnc": _DNC_OFF,
    "dnc_sac": _DNC_OFF,
    "qmp_uds_dnc": _DNC_OFF,
    "uds_dnc": _DNC_OFF,
    "mtlevy": {
        "log_std_bound": Value("tanh", MT_LEVY_CODE),
        "temperature_loss": Value("alpha", MT_LEVY_CODE),
    },
    "ptsl": {
        "log_std_bound": Value("tanh", PTSL_CODE),
        "temperature_loss": Value("alpha", PTSL_CODE),
    },
    "softmod": {"task_weights": Value("temperature", SOFTMOD_CODE)},
    "mtsac": {"temperature_loss": Value("alpha", SHARED_CODE)},
    "qmp_sac": {"temperature_loss": Value("alpha", SHARED_CODE)},
    "sac": {
        "temperature": Value("single", "QMP reference code, sac"),
        "temperature_loss": Value("alpha", SHARED_CODE),
    },
    "care": {
        "log_std_bound": Value("tanh", MTRL_CODE),
        "temperature_loss": Value("alpha", MTRL_CODE),
    },
    "care_ptsl": {
        "log_std_bound": Value("tanh", PTSL_CODE),
        "temperature_loss": Value("alpha", PTSL_CODE),
    },
    "mcal": _MCAL,
    "qmp_mcal": _MCAL,
}
"""What a method overrides on every task set."""

_MULTIHEAD_JACO: Preset = {
    "hidden_sizes": Value((512, 512), VERSION_1 + ", shared multihead (its README too)"),
    "lr": Value(1e-3, VERSION_1 + ", shared multihead (its README too)"),
}
_MULTIHEAD_MAZE: Preset = {"hidden_sizes": Value((834, 834), VERSION_1 + ", shared multihead")}

_SHARED = VERSION_1 + ", fully shared"
_SHARED_JACO: Preset = {"hidden_sizes": Value((600, 600), _SHARED)}
_SHARED_MAZE: Preset = {"hidden_sizes": Value((834, 834), _SHARED)}
_SHARED_CDS: Preset = {
    "hidden_sizes": Value((512, 512), _SHARED + ", Meta-World"),
    "lr": Value(1e-3, _SHARED + ", Meta-World"),
}

_PACO_META_WORLD: Preset = {
    "hidden_sizes": Value((400, 400, 400), "PaCo on MT10, as Meta-World+'s code has it"),
    "task_weights": Value(
        "temperature", META_WORLD_PLUS + ", its first example of PaCo; equal in a later one"
    ),
}
_MOORE_META_WORLD: Preset = {
    "hidden_sizes": Value((400, 400, 400), "MOORE on MT10 and MT50, as Meta-World+'s code has it"),
    "task_weights": Value("temperature", META_WORLD_PLUS + ", its example of MOORE on MT10"),
}

_SOFTMOD_META_WORLD: Preset = {
    "hidden_sizes": Value((400, 400), SOFTMOD_CODE + ", MT10 and MT50"),
}

_PTSL_ALONE = PTSL_CODE + ", its README: SAC + PTSL"

PAIRS: dict[tuple[str, str], Preset] = {
    ("mtsac", "JacoReachMT5-v1"): _MULTIHEAD_JACO,
    ("qmp_sac", "JacoReachMT5-v1"): _MULTIHEAD_JACO,
    ("mtsac", "MazeLarge-10-v0"): _MULTIHEAD_MAZE,
    ("sac", "JacoReachMT5-v1"): _SHARED_JACO,
    ("sac", "MazeLarge-10-v0"): _SHARED_MAZE,
    ("sac", "MetaWorldCDS-v1"): _SHARED_CDS,
    ("qmp_sac", "MazeLarge-10-v0"): {
        **_MULTIHEAD_MAZE,
        "mixture_warmup_itrs": Value(100, VERSION_1 + ", QMP-multihead"),
    },
    ("ptsl", "MetaWorldMT10-v2"): {
        "hidden_sizes": Value((367, 367, 367), _PTSL_ALONE),
    },
    ("ptsl", "MetaWorldMT50-v2"): {
        "hidden_sizes": Value((325, 325, 325), _PTSL_ALONE),
        "ptsl_rank": Value(32, _PTSL_ALONE),
    },
    **{
        ("care", env): {"hidden_sizes": Value((400, 400, 400), MTRL_CODE)}
        for env in ("MetaWorldMT10-v2", "MetaWorldMT50-v2")
    },
    **{
        ("care_ptsl", env): {
            "hidden_sizes": Value((326, 326, 326), PTSL_CODE + ", its README"),
            "ptsl_rank": Value(50, PTSL_CODE + ", its README"),
        }
        for env in ("MetaWorldMT10-v2", "MetaWorldMT50-v2")
    },
    **{("paco", env): as_on("MT10", _PACO_META_WORLD) for env in META_WORLD_IDS},
    ("paco", "MetaWorldMT10-v2"): _PACO_META_WORLD,
    **{("moore", env): as_on("MT10", _MOORE_META_WORLD) for env in META_WORLD_IDS},
    ("moore", "MetaWorldMT10-v2"): _MOORE_META_WORLD,
    ("moore", "MetaWorldMT50-v2"): {
        **as_on("MT10", _MOORE_META_WORLD),
        "hidden_sizes": _MOORE_META_WORLD["hidden_sizes"],
        "moore_experts": Value(6, "MOORE (Hendawy et al., ICLR 2024) on MT50"),
    },
    **{("softmod", env): as_on("MT10", _SOFTMOD_META_WORLD) for env in META_WORLD_IDS},
    ("softmod", "MetaWorldMT10-v2"): _SOFTMOD_META_WORLD,
    ("softmod", "MetaWorldMT50-v2"): {
        **_SOFTMOD_META_WORLD,
        "softmod_modules": Value(4, SOFTMOD_CODE + ", MT50: its deep network"),
        "softmod_layers": Value(4, SOFTMOD_CODE + ", MT50: its deep network"),
        "softmod_module_width": Value(128, SOFTMOD_CODE + ", MT50: its deep network"),
    },
}
"""What a method overrides on a task set."""

_ON_TRAININGS_GOALS = ("ptsl", "care", "care_ptsl", "softmod", "paco", "moore")

ENV_OPTIONS: dict[tuple[str, str], dict[str, OptionValue]] = {
    (method, env): {"evaluation_goals": "train"}
    for method in _ON_TRAININGS_GOALS
    for env in META_WORLD_IDS
}
"""A method's own defaults of a task set's options, where no protocol says otherwise.

mtrl (and so PTSL's code) shares one goal between training and evaluation, and Meta-World+, which
compares the others, evaluates on training's goals. The rest has its protocol's, or the task set's
own default, the QMP reference's: other goals than in training.
"""

GIVEN_OPTIONS: dict[tuple[str, str, object], Preset] = {
    ("mtlevy", "reward", "sparse"): {
        "q_output": Value("sigmoid", MT_LEVY_CODE + ", sparse rewards"),
    },
}
"""What a method overrides where a task set's option has a value."""


def preset(
    method: str,
    env: str,
    *,
    members: Mapping[str, str],
    env_options: Mapping[str, object],
    schedule: str,
    protocol: Protocol,
    asked_for: bool,
) -> dict[str, Value | Rule]:
    """Return what overrides the options' defaults, whichever of the options are read.

    Args:
        method: A row of the method table.
        env: Id of a task set.
        members: Axis -> member.
        env_options: The task set's own options.
        schedule: The run's `update_schedule`.
        protocol: The protocol that the run follows.
        asked_for: Whether the user names it; then its learner wins over the method's own.
    """
    values = dict(TASK_SETS.get(env, {}))
    if schedule == "shared":
        values["update_schedule"] = Value("shared", SHARED_CODE)
        values |= SHARED_SCHEDULE.get(env, {})
    values |= protocol.preset(env, schedule)
    for axis in AXES:
        values |= MEMBER_VALUES.get((axis, members[axis]), {})
        values |= MEMBER_PAIRS.get((axis, members[axis], env), {})
    values |= METHOD_VALUES.get(method, {})
    values |= PAIRS.get((method, env), {})
    if asked_for:
        values |= protocol.learner[schedule]
    for name, value in env_options.items():
        values |= GIVEN_OPTIONS.get((method, name, value), {})
    return values

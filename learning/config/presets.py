"""The preset table: what a task set or a method overrides of the options' defaults, with sources.

An option's default stands beside the class that reads it. What follows overrides it, in this order:
`TASK_SETS[env]` for a task set and, where policy or critics share parameters,
`SHARED_SCHEDULE[env]`; `MEMBER_VALUES[axis, member]` for a member of an axis and
`MEMBER_PAIRS[axis, member, env]` for it on a task set, `METHOD_VALUES[method]` for a method,
`PAIRS[method, env]` for a method on a task set, and `GIVEN_OPTIONS[method, option, value]` for a
method where the task set's own option has that value.
`ENV_OPTIONS[method, env]` are a method's defaults of a task set's own options. A plug-in's own rows
join `TASK_SETS`.

Rules of our own choice, where the reference's number is not taken:
- Evaluation costs at most a tenth of the training's environment steps (episodes x horizon, twice
  for a mixture, against evaluation_frequency epochs); tests/config/test_presets.py holds the table
  to it. The reference's reacher preset evaluates 20 steps for each step that it trains on. A task
  set's default horizon is its longest, so that this holds for its other horizons too; a method with
  a horizon of its own (`ENV_OPTIONS`) evaluates more where the user gives a longer one.
- The reference has one row a task set for networks of either kind, and what its numbers count
  depends on the kind. Where networks share parameters they are totals over the tasks, and
  `SHARED_SCHEDULE` has those that differ then. With separate networks the batch is per task; where
  the reference's number is meant for a shared network (its Meta-World and Kitchen presets are) the
  paper's number per task is taken.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from environments.options import OptionValue
from learning.config.methods import AXES
from learning.options import Rule, Value
from learning.options.machine import usable_cores

Preset = Mapping[str, Value | Rule]
"""Option -> what it is by default."""

_OURS = "chosen by us"
_COMMON_CODE = "QMP reference code, run.py"
_JACO_CODE = "QMP reference code, run.py, JacoReachMT5-v1"
_MT10_CODE = "QMP reference code, run.py, MetaWorldMT10-v2"
_AS_MT10 = "chosen by us: as much a task as the reference's MT10"
_MT50_CODE = "QMP reference code, run.py, MetaWorldMT50-v2"
_MAZE_CODE = "QMP reference code, run.py, MazeLarge-10-v0"
_WALKER_CODE = "QMP reference code, run.py, Walker2dMT4-v0"
_KITCHEN_CODE = "QMP reference code, run.py, KitchenMTEasy-v0"
_CDS_CODE = "QMP reference code, run.py, MetaWorldCDS-v1"
_TENTH = "chosen by us: evaluation costs at most a tenth of training's env steps"
_WITH_EVALUATION = "chosen by us: with each evaluation"
_CHEAP_STEPS = "chosen by us: its steps are cheaper than a process's messages"
_MT_LEVY_CODE = "MT-Levy reference code"
_PTSL_CODE = "PTSL reference code"
_SOFTMOD_CODE = "Soft Modularization's official code"
_VERSION_1 = "QMP, arXiv version 1"
_META_WORLD_PLUS = "Meta-World+'s code"
_NO_EMBEDDINGS = "chosen by us: this task set has no embeddings of its tasks"
_FLOOR = "QMP, final version, as its public reviews quote it: 70 % own policy"

_AS_MANY_AS_CORES = Rule(lambda tasks: min(usable_cores(), tasks), "physical cores", _OURS)


def _as_on(where: str, values: Preset) -> Preset:
    """Return a reference's numbers for a task set that it does not have: that is our choice."""
    return {
        name: each
        if each.source.startswith(_OURS)
        else dataclasses.replace(each, source=f"{_OURS}: as on {where} ({each.source})")
        for name, each in values.items()
    }


_META_WORLD: Preset = {
    "steps_per_epoch": Value(10, _MT10_CODE),
    "min_buffer_size": Value(5000, _MT10_CODE),
    "lr": Value(1.5e-3, _MT10_CODE),
    "buffer_batch_size": Value(256, "QMP, arXiv version 1, table 1; its code: 2560 in total"),
    "n_workers": _AS_MANY_AS_CORES,
    "evaluation_frequency": Value(10, _TENTH),
    "snapshot_frequency": Value(10, _WITH_EVALUATION),
}

TASK_SETS: dict[str, Preset] = {
    "JacoReachMT5-v1": {
        "neighbors": Value("all", _NO_EMBEDDINGS),
        "n_epochs": Value(2000, _JACO_CODE),
        "steps_per_epoch": Value(1, _JACO_CODE),
        "batch_size": Value(1000, _JACO_CODE),
        "gradient_steps_per_itr": Value(1000, _JACO_CODE),
        "min_buffer_size": Value(10_000, _JACO_CODE),
        "buffer_batch_size": Value(32, _JACO_CODE),
        "n_workers": Value(0, _CHEAP_STEPS),
        "num_evaluation_episodes": Value(10, _TENTH + " (reference: 50 every epoch)"),
        "evaluation_frequency": Value(50, _TENTH),
        "snapshot_frequency": Value(50, _WITH_EVALUATION),
    },
    "MetaWorldMT10-v2": {
        **_META_WORLD,
        "batch_size": Value(5000, _MT10_CODE),
        "gradient_steps_per_itr": Value(500, _MT10_CODE),
        "num_evaluation_episodes": Value(50, _TENTH + " (reference: 100 every epoch)"),
    },
    "MetaWorldMT25-v2": {
        **_as_on("MT10", _META_WORLD),
        "batch_size": Value(12_500, _AS_MT10),
        "gradient_steps_per_itr": Value(1250, _AS_MT10),
        "num_evaluation_episodes": Value(125, _TENTH),
    },
    "MetaWorldMT50-v2": {
        **_META_WORLD,
        "steps_per_epoch": Value(8, _MT50_CODE),
        "batch_size": Value(25_000, _MT50_CODE),
        "gradient_steps_per_itr": Value(2500, _MT50_CODE),
        "min_buffer_size": Value(1500, _MT50_CODE),
        "lr": Value(3e-4, _MT50_CODE),
        "hidden_sizes": Value((400, 400), _MT50_CODE),
        "buffer_batch_size": Value(128, "chosen by us (reference: 1280 in total, shared network)"),
        "replay_buffer_size": Value(
            600_000, "chosen by us: 50 tasks fit 24 GiB; all of the paper's 30M env steps"
        ),
        "num_evaluation_episodes": Value(100, _TENTH + " (reference: 250 every epoch)"),
        "evaluation_frequency": Value(5, _TENTH),
        "snapshot_frequency": Value(5, _WITH_EVALUATION),
    },
    "MetaWorldCustom-v2": {
        **_as_on("MT10", _META_WORLD),
        "batch_size": Rule(lambda tasks: 500 * tasks, "500 a task", _AS_MT10),
        "gradient_steps_per_itr": Rule(lambda tasks: 50 * tasks, "50 a task", _AS_MT10),
        "num_evaluation_episodes": Rule(lambda tasks: 5 * tasks, "5 a task", _TENTH),
    },
    "MazeLarge-10-v0": {
        "neighbors": Value("all", _NO_EMBEDDINGS),
        "n_epochs": Value(2000, _MAZE_CODE),
        "steps_per_epoch": Value(1, _MAZE_CODE),
        "batch_size": Value(6000, _MAZE_CODE),
        "gradient_steps_per_itr": Value(1000, _MAZE_CODE),
        "min_buffer_size": Value(3000, _MAZE_CODE),
        "buffer_batch_size": Value(256, _MAZE_CODE),
        "n_workers": Value(0, _CHEAP_STEPS),
        "num_evaluation_episodes": Value(20, _TENTH + " (reference: 100 every epoch)"),
        "evaluation_frequency": Value(40, _TENTH),
        "snapshot_frequency": Value(40, _WITH_EVALUATION),
    },
    "Walker2dMT4-v0": {
        "neighbors": Value("all", _NO_EMBEDDINGS),
        "n_epochs": Value(2000, _WALKER_CODE),
        "steps_per_epoch": Value(1, _WALKER_CODE),
        "batch_size": Value(4000, _WALKER_CODE),
        "gradient_steps_per_itr": Value(6000, _WALKER_CODE),
        "min_buffer_size": Value(10_000, _WALKER_CODE),
        "buffer_batch_size": Value(32, _WALKER_CODE),
        "n_workers": Value(0, _CHEAP_STEPS),
        "num_evaluation_episodes": Value(8, _TENTH + " (reference: 40 every epoch)"),
        "evaluation_frequency": Value(40, _TENTH),
        "snapshot_frequency": Value(40, _WITH_EVALUATION),
    },
    "KitchenMTEasy-v0": {
        "neighbors": Value("all", _NO_EMBEDDINGS),
        "n_epochs": Value(
            500, _KITCHEN_CODE + ", as it means to (it sets a name that is not read)"
        ),
        "steps_per_epoch": Value(5, _KITCHEN_CODE),
        "batch_size": Value(2000, _KITCHEN_CODE),
        "gradient_steps_per_itr": Value(500, _KITCHEN_CODE),
        "min_buffer_size": Value(2000, _KITCHEN_CODE),
        "buffer_batch_size": Value(128, "chosen by us (reference: 1280 in total, shared network)"),
        "n_workers": _AS_MANY_AS_CORES,
        "num_evaluation_episodes": Value(
            10, "chosen by us: one a task, since nothing in it is random (reference: 50)"
        ),
        "evaluation_frequency": Value(5, _TENTH),
        "snapshot_frequency": Value(5, _WITH_EVALUATION),
    },
    "MetaWorldCDS-v1": {
        "neighbors": Value("all", _NO_EMBEDDINGS),
        "n_epochs": Value(500, _CDS_CODE),
        "steps_per_epoch": Value(10, _CDS_CODE),
        "batch_size": Value(2000, _CDS_CODE),
        "gradient_steps_per_itr": Value(200, _CDS_CODE),
        "min_buffer_size": Value(5000, _CDS_CODE),
        "lr": Value(1.5e-3, _CDS_CODE),
        "buffer_batch_size": Value(256, _CDS_CODE),
        "n_workers": _AS_MANY_AS_CORES,
        "num_evaluation_episodes": Value(20, _TENTH + " (reference: 40 every epoch)"),
        "evaluation_frequency": Value(10, _TENTH),
        "snapshot_frequency": Value(10, _WITH_EVALUATION),
    },
}
"""What each task set overrides."""

_SHARED_CODE = "QMP reference code, networks that share parameters"


def _in_total(min_buffer_size: int, **values: Value | Rule) -> Preset:
    """Return what networks that share parameters have instead, the reference's totals."""
    return {
        "min_buffer_size": Rule(
            lambda tasks: max(1, min_buffer_size // tasks),
            f"{min_buffer_size} over the tasks",
            _SHARED_CODE,
        ),
        "replay_buffer_size": Rule(
            lambda tasks: 1_000_000 // tasks, "1,000,000 over the tasks", _SHARED_CODE
        ),
        **values,
    }


SHARED_SCHEDULE: dict[str, Preset] = {
    "JacoReachMT5-v1": _in_total(10_000),
    "MetaWorldMT10-v2": _in_total(5000, buffer_batch_size=Value(2560, _MT10_CODE)),
    "MetaWorldMT25-v2": _in_total(
        5000, buffer_batch_size=Value(2560, "chosen by us: as the reference's MT10")
    ),
    "MetaWorldMT50-v2": _in_total(1500, buffer_batch_size=Value(1280, _MT50_CODE)),
    "MetaWorldCustom-v2": _in_total(
        5000,
        buffer_batch_size=Rule(
            lambda tasks: min(2560, 256 * tasks), "256 a task, at most 2560", _MT10_CODE
        ),
    ),
    "MazeLarge-10-v0": _in_total(3000),
    "Walker2dMT4-v0": _in_total(10_000),
    "KitchenMTEasy-v0": _in_total(2000, buffer_batch_size=Value(1280, _KITCHEN_CODE)),
    "MetaWorldCDS-v1": _in_total(5000),
}
"""What each task set overrides where policy or critics share parameters: totals over the tasks."""

MEMBER_VALUES: dict[tuple[str, str], Preset] = {
    ("data", "cds"): {
        "sharing_quantile": Value(0.9, "CDS (Yu et al., NeurIPS 2021): the top tenth is shared"),
    },
}
"""What a member of an axis overrides."""

MEMBER_PAIRS: dict[tuple[str, str, str], Preset] = {
    ("behaviour", "qswitch", "MetaWorldMT10-v2"): {"own_policy_floor": Value(0.7, _FLOOR)},
    ("behaviour", "qswitch", "MetaWorldMT25-v2"): {
        "own_policy_floor": Value(0.7, f"{_OURS}: as on MT10 and MT50 ({_FLOOR})")
    },
    ("behaviour", "qswitch", "MetaWorldMT50-v2"): {"own_policy_floor": Value(0.7, _FLOOR)},
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
        "log_std_bound": Value("tanh", _MT_LEVY_CODE),
        "temperature_loss": Value("alpha", _MT_LEVY_CODE),
    },
    "ptsl": {
        "log_std_bound": Value("tanh", _PTSL_CODE),
        "temperature_loss": Value("alpha", _PTSL_CODE),
    },
    "softmod": {"task_weights": Value("temperature", _SOFTMOD_CODE)},
    "mtsac": {"temperature_loss": Value("alpha", _SHARED_CODE)},
    "qmp_sac": {"temperature_loss": Value("alpha", _SHARED_CODE)},
    "sac": {
        "temperature": Value("single", "QMP reference code, sac"),
        "temperature_loss": Value("alpha", _SHARED_CODE),
    },
    "mcal": _MCAL,
    "qmp_mcal": _MCAL,
}
"""What a method overrides on every task set."""

_MULTIHEAD_JACO: Preset = {
    "hidden_sizes": Value((512, 512), _VERSION_1 + ", shared multihead (its README too)"),
    "lr": Value(1e-3, _VERSION_1 + ", shared multihead (its README too)"),
}
_MULTIHEAD_MAZE: Preset = {"hidden_sizes": Value((834, 834), _VERSION_1 + ", shared multihead")}

_SHARED = _VERSION_1 + ", fully shared"
_SHARED_JACO: Preset = {"hidden_sizes": Value((600, 600), _SHARED)}
_SHARED_MAZE: Preset = {"hidden_sizes": Value((834, 834), _SHARED)}
_SHARED_CDS: Preset = {
    "hidden_sizes": Value((512, 512), _SHARED + ", Meta-World"),
    "lr": Value(1e-3, _SHARED + ", Meta-World"),
}

_LEVY_META_WORLD: Preset = {
    "n_epochs": Value(200, _MT_LEVY_CODE),
    "steps_per_epoch": Value(10_000, _MT_LEVY_CODE + ": vector steps"),
    "batch_size": Rule(lambda tasks: tasks, "one a task", _MT_LEVY_CODE),
    "gradient_steps_per_itr": Value(1, _MT_LEVY_CODE),
    "buffer_batch_size": Value(1280, _MT_LEVY_CODE),
    "min_buffer_size": Rule(
        lambda tasks: max(1, 1280 // tasks), "a batch, 1280 over the tasks", _MT_LEVY_CODE
    ),
    "uniform_steps": Value(1000, _MT_LEVY_CODE),
    "replay_buffer_size": Value(100_000, _MT_LEVY_CODE + ": a million over ten tasks"),
    "hidden_sizes": Value((400, 400), _MT_LEVY_CODE),
    "lr": Value(3e-4, _MT_LEVY_CODE),
    "alpha_lr": Value(1e-4, _MT_LEVY_CODE),
    "initial_alpha": Value(0.1, _MT_LEVY_CODE),
    "num_evaluation_episodes": Rule(lambda tasks: 10 * tasks, "10 a task", _MT_LEVY_CODE),
    "evaluation_frequency": Value(4, _TENTH + " (reference: every epoch)"),
    "snapshot_frequency": Value(4, _WITH_EVALUATION),
}

_META_WORLD_IDS = ("MetaWorldMT10-v2", "MetaWorldMT25-v2", "MetaWorldMT50-v2", "MetaWorldCustom-v2")

_PACO_META_WORLD: Preset = {
    "hidden_sizes": Value((400, 400, 400), "PaCo on MT10, as Meta-World+'s code has it"),
    "task_weights": Value(
        "temperature", _META_WORLD_PLUS + ", its first example of PaCo; equal in a later one"
    ),
}
_MOORE_META_WORLD: Preset = {
    "hidden_sizes": Value((400, 400, 400), "MOORE on MT10 and MT50, as Meta-World+'s code has it"),
    "task_weights": Value("temperature", _META_WORLD_PLUS + ", its example of MOORE on MT10"),
}

_SOFTMOD_META_WORLD: Preset = {
    "hidden_sizes": Value((400, 400), _SOFTMOD_CODE + ", MT10 and MT50"),
}

PAIRS: dict[tuple[str, str], Preset] = {
    ("mtsac", "JacoReachMT5-v1"): _MULTIHEAD_JACO,
    ("qmp_sac", "JacoReachMT5-v1"): _MULTIHEAD_JACO,
    ("mtsac", "MazeLarge-10-v0"): _MULTIHEAD_MAZE,
    ("sac", "JacoReachMT5-v1"): _SHARED_JACO,
    ("sac", "MazeLarge-10-v0"): _SHARED_MAZE,
    ("sac", "MetaWorldCDS-v1"): _SHARED_CDS,
    ("qmp_sac", "MazeLarge-10-v0"): {
        **_MULTIHEAD_MAZE,
        "mixture_warmup_itrs": Value(100, _VERSION_1 + ", QMP-multihead"),
    },
    **{("mtlevy", env): _as_on("MT10", _LEVY_META_WORLD) for env in _META_WORLD_IDS},
    ("mtlevy", "MetaWorldMT10-v2"): _LEVY_META_WORLD,
    ("ptsl", "MetaWorldMT10-v2"): {
        "hidden_sizes": Value((326, 326, 326), "PTSL reference code, over CARE on MT10"),
    },
    **{("paco", env): _as_on("MT10", _PACO_META_WORLD) for env in _META_WORLD_IDS},
    ("paco", "MetaWorldMT10-v2"): _PACO_META_WORLD,
    **{("moore", env): _as_on("MT10", _MOORE_META_WORLD) for env in _META_WORLD_IDS},
    ("moore", "MetaWorldMT10-v2"): _MOORE_META_WORLD,
    ("moore", "MetaWorldMT50-v2"): {
        **_as_on("MT10", _MOORE_META_WORLD),
        "hidden_sizes": _MOORE_META_WORLD["hidden_sizes"],
        "moore_experts": Value(6, "MOORE (Hendawy et al., ICLR 2024) on MT50"),
    },
    **{("softmod", env): _as_on("MT10", _SOFTMOD_META_WORLD) for env in _META_WORLD_IDS},
    ("softmod", "MetaWorldMT10-v2"): _SOFTMOD_META_WORLD,
    ("softmod", "MetaWorldMT50-v2"): {
        **_SOFTMOD_META_WORLD,
        "softmod_modules": Value(4, _SOFTMOD_CODE + ", MT50: its deep network"),
        "softmod_layers": Value(4, _SOFTMOD_CODE + ", MT50: its deep network"),
        "softmod_module_width": Value(128, _SOFTMOD_CODE + ", MT50: its deep network"),
    },
}
"""What a method overrides on a task set."""

_ON_TRAININGS_GOALS = ("ptsl", "softmod", "paco", "moore")

ENV_OPTIONS: dict[tuple[str, str], dict[str, OptionValue]] = {
    **{
        ("mtlevy", env): {"horizon": 150, "evaluation_goals": "train_at_random"}
        for env in _META_WORLD_IDS
    },
    **{
        (method, env): {"evaluation_goals": "train"}
        for method in _ON_TRAININGS_GOALS
        for env in _META_WORLD_IDS
    },
}
"""A method's own defaults of a task set's options.

MT-Levy's code has a horizon of 150 steps and evaluates in training's environments, one of whose
goals is taken at random each episode. mtrl (and so PTSL's code) shares one goal between training
and evaluation, and Meta-World+, which compares the others, evaluates on training's goals. The rest
has the task set's own default, the QMP reference's: other goals than in training.
"""

GIVEN_OPTIONS: dict[tuple[str, str, object], Preset] = {
    ("mtlevy", "reward", "sparse"): {
        "q_output": Value("sigmoid", _MT_LEVY_CODE + ", sparse rewards"),
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
) -> dict[str, Value | Rule]:
    """Return what overrides the options' defaults, whichever of the options are read.

    Args:
        method: A row of the method table.
        env: Id of a task set.
        members: Axis -> member.
        env_options: The task set's own options.
        schedule: The run's `update_schedule`.
    """
    values = dict(TASK_SETS.get(env, {}))
    if schedule == "shared":
        values["update_schedule"] = Value("shared", _SHARED_CODE)
        values |= SHARED_SCHEDULE.get(env, {})
    for axis in AXES:
        values |= MEMBER_VALUES.get((axis, members[axis]), {})
        values |= MEMBER_PAIRS.get((axis, members[axis], env), {})
    values |= METHOD_VALUES.get(method, {})
    values |= PAIRS.get((method, env), {})
    for name, value in env_options.items():
        values |= GIVEN_OPTIONS.get((method, name, value), {})
    return values

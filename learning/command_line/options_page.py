"""The text of docs/options.md, made from the options: `python -m tools.write_options`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from environments import Option, task_set_ids, task_set_options
from learning.algorithms.device_options import DeviceOptions
from learning.algorithms.return_scale_options import ReturnScaleOptions
from learning.algorithms.sac_options import SACOptions
from learning.algorithms.trainer_options import TrainerOptions
from learning.architectures.architecture_options import ArchitectureOptions
from learning.command_line.stopping import STOP_AFTER_HELP
from learning.command_line.training import (
    BASE_HELP,
    DRY_RUN_HELP,
    MATCH_PARAMETERS_HELP,
    MEMBER_HELP,
    UPDATES_HELP,
)
from learning.config.members import ALWAYS_READ, MEMBERS
from learning.config.methods import AXES
from learning.config.resolving import resolve_with_sources
from learning.config.task_set_presets import TASK_SETS
from learning.evaluation.evaluation_options import EvaluationOptions
from learning.logging.run_folder import RunOptions
from learning.options import OptionGroup, options_of
from learning.options.option_group import DeclaredOption
from learning.policies.acting_options import ActingOptions
from learning.policies.policy_options import PolicyOptions
from learning.q_functions.critic_options import CriticOptions
from learning.replay.replay_options import ReplayOptions
from learning.samplers.sampler_options import SamplerOptions

HEAD = """# Options

Made from the code by `python -m tools.write_options`; each option stands beside the class that
reads it.

Every method is a sub-command, `python run.py <method> --env=ID`. Defaults depend on method and task
set: `python run.py <method> --env=ID --help` shows each with its source, `--dry_run` prints the
resolved config, how many parameters the networks have and how many updates an iteration makes. The
defaults below hold where no preset (`learning/config/presets.py`) says otherwise; * marks options
that some task set's preset overrides. T is the number of tasks, A the action size. From Python the
same names are keywords: `resolve(method, env, lr=1e-3)` ([python.md](python.md)).

Several numbers follow one option or are joined by commas: `--hidden_sizes 256 256`,
`--hidden_sizes=256,256`. `none` stands for "not set" where an option allows it. A FILE holds a
table of numbers, as CSV, as text or as .npy, where it is not called a JSON FILE. An option that
none of a method's members reads is an error.

`--match_parameters METHOD` chooses the width of the hidden layers, so that unlike networks are
compared at one size: the parameters of policies and both critics together come as near as can be to
those of METHOD, which is taken with its own preset for the same task set. All hidden layers get one
width; how many there are is the preset's, or what a given `--hidden_sizes` of equal numbers says.
Other sizes (`--ptsl_rank`, `--softmod_module_width`) stay as they are: where no width comes within
5 %, that is an error. The width enters `config.json` as `hidden_sizes`; `--dry_run` prints where it
is from, and the counts of both. From Python it is `resolve(method, env, match_parameters="mtsac")`.

Before the sub-command: `--plugin FILE` lets a file of your own join the tables, `--changed_plugin`
accepts one that has changed since a run began ([extending.md](extending.md)).
"""

GROUPS: Mapping[str, tuple[type[OptionGroup], ...]] = {
    "The run": (RunOptions, DeviceOptions),
    "How much of what": (TrainerOptions, EvaluationOptions),
    "Collecting": (SamplerOptions, ActingOptions, ReplayOptions),
    "Updates": (SACOptions,),
    "Networks, and the scale of returns": (
        ArchitectureOptions,
        PolicyOptions,
        CriticOptions,
        ReturnScaleOptions,
    ),
}
"""Heading -> groups of options that every run reads."""

_EVERY_METHOD = {
    "env": ("one of `python run.py envs`", "required", "Id of the task set."),
    "base": ("plain or strong", "plain", BASE_HELP + " See [base](base.md)."),
    "updates_per_vector_step": ("a number above 0", "", UPDATES_HELP),
    "match_parameters": ("a method", "", MATCH_PARAMETERS_HELP),
    "stop_after": ("an integer from 1", "", STOP_AFTER_HELP),
    "dry_run": ("flag", "", DRY_RUN_HELP),
}


def text() -> str:
    """Return the page."""
    parts = [HEAD]
    for heading, groups in GROUPS.items():
        declared = _declared(groups)
        rows = [_row(each) for each in declared.values()]
        if heading == "The run":
            rows = [_cells("env"), _cells("base"), *rows, _cells("stop_after"), _cells("dry_run")]
        if heading == "Updates":
            rows.insert(0, _cells("updates_per_vector_step"))
        if heading.startswith("Networks"):
            rows.append(_cells("match_parameters"))
        parts.append(_section(heading, rows))
        if heading == "Updates":
            parts.append(_schedules())
    parts.append(_axes())
    for axis in AXES:
        if axis != "q_architecture":
            parts += _of_members(axis)
    parts.append(_of_task_sets())
    return "\n".join(parts)


def _declared(groups: Iterable[type[OptionGroup]]) -> dict[str, DeclaredOption]:
    return {name: each for group in groups for name, each in options_of(group).items()}


def _section(heading: str, rows: Iterable[str]) -> str:
    head = ["| option | allowed | default | meaning |", "|---|---|---|---|"]
    return "\n".join([f"## {heading}", *head, *rows, ""])


def _cells(name: str) -> str:
    allowed, default, meaning = _EVERY_METHOD[name]
    return f"| `--{name}` | {allowed} | {default} | {meaning} |"


def _row(declared: DeclaredOption) -> str:
    overridden = any(declared.name in values for values in TASK_SETS.values())
    source = f" ({declared.default.source})"
    default = str(declared.default) + (" *" if overridden else "")
    return (
        f"| `--{declared.name}` | {_allowed(declared.option)} | {default}{source} | "
        f"{declared.option.help} |"
    )


def _allowed(option: Option) -> str:
    if option.from_file == "name: d":
        return "JSON FILE, task name -> d numbers (or none)"
    return f"FILE, {option.from_file} numbers (or none)" if option.from_file else str(option)


def _schedules() -> str:
    """Return what an iteration's updates are by default on each task set, for either kind."""
    head = [
        "An iteration's updates by default, and the own transitions that each of them sees, for",
        "networks apart (`dnc_sac`, `qmp_dnc`, ...) and for those that share parameters (`mtsac`,",
        "`qmp_sac`, `ptsl`, ...); [mtsac](methods/mtsac.md) says what the difference costs.",
        "",
        "| task set | env steps an iteration | networks apart | shared parameters |",
        "|---|---|---|---|",
    ]
    rows = []
    for env in task_set_ids():
        apart, shared = (resolve_with_sources(method, env) for method in ("dnc_sac", "mtsac"))
        cells = [f"{each.schedule}".removeprefix("updates: ") for each in (apart, shared)]
        cells = [cell.replace(" an iteration, each of", " of") for cell in cells]
        cells = [cell.replace(" own transitions", "") for cell in cells]
        steps = f"{apart.config.batch_size:,}"
        rows.append(f"| `{env}` | {' | '.join([steps, *cells])} |")
    return "\n".join([*head, *rows, ""])


def _axes() -> str:
    rows = [
        f"| `--{'Q_architecture' if axis == 'q_architecture' else axis}` | "
        f"{', '.join(f'`{name}`' for name in MEMBERS[axis])} | the method's | {MEMBER_HELP[axis]} |"
        for axis in AXES
    ]
    rows.append(
        "| `--use_pc_grad` | true or false |  | true: the same as `--objective pcgrad` (the "
        "reference's option). |"
    )
    note = (
        "Open in `train`; `mtsac` and `qmp_sac` open the networks and the objective, `sac` and "
        "`mtlevy` the state encoder. Elsewhere an axis may be named as the method has it anyway. "
        "[train](methods/train.md) says more.\n"
    )
    return _section("The axes", rows) + "\n" + note


def _of_members(axis: str) -> list[str]:
    """Return a section for each set of members that read the same options."""
    always = _declared(ALWAYS_READ).keys() | _declared([ArchitectureOptions]).keys()
    readers: dict[str, list[str]] = {}
    declared: dict[str, DeclaredOption] = {}
    for name, member in MEMBERS[axis].items():
        for each in options_of(member.options).values():
            if each.name not in always:
                declared[each.name] = each
                readers.setdefault(each.name, []).append(f"`{name}`")
    sections: dict[str, list[str]] = {}
    for name, each in declared.items():
        sections.setdefault(", ".join(readers[name]), []).append(_row(each))
    return [_section(f"{axis}: {members}", rows) for members, rows in sections.items()]


def _of_task_sets() -> str:
    options: dict[str, Option] = {}
    owners: dict[str, list[str]] = {}
    for env in task_set_ids():
        for name, option in task_set_options(env).items():
            options[name] = option
            owners.setdefault(name, []).append(env)
    rows = [
        f"| `--{name}` | {option} | {option.default} | {', '.join(owners[name])}: {option.help} |"
        for name, option in options.items()
    ]
    note = (
        "An option that is true or false may stand alone, which means true. What each means stands "
        "in [the task sets' pages](environments/README.md).\n"
    )
    return _section("Options of the task sets", rows) + "\n" + note

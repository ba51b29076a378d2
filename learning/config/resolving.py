"""From what the user gave, the options' defaults and the preset table to an `ExperimentConfig`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

from environments import OptionValue, TaskSet, make_task_set, task_set_ids, task_set_options
from learning.algorithms.sac_options import SACOptions
from learning.algorithms.update_schedule import UpdateSchedule
from learning.config import update_ratio
from learning.config.bases import UPDATES_PER_VECTOR_STEP, base_members, base_preset, check_base
from learning.config.experiment_config import ExperimentConfig, env_option_pairs
from learning.config.members import (
    all_options,
    check_member,
    options_read,
    readers,
    shares_parameters,
)
from learning.config.methods import AXES, Method, get_method, method_label
from learning.config.named_tables import rows_by_name
from learning.config.plugins import plugins_of
from learning.config.presets import ENV_OPTIONS, METHOD_VALUES, preset
from learning.config.protocols import find_protocol
from learning.errors import ConfigError
from learning.options import Rule, Value
from learning.options.option_group import DeclaredOption

GIVEN = "given"
"""Source of a value that the user gave."""

LOG_DIR_RULE = "runs/<method>/<env>/<name>_<seed>"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resolved:
    """A config and where each of its values comes from.

    Attributes:
        config: The config.
        sources: Name -> source ("given", or the words of an option or a preset).
        n_tasks: T.
        protocol: The protocol that was asked for; None: the method's own.
        base: The base.
    """

    config: ExperimentConfig
    sources: Mapping[str, str]
    n_tasks: int
    protocol: str | None = None
    base: str = "plain"

    @property
    def schedule(self) -> UpdateSchedule:
        """How many updates an iteration makes, and of what."""
        return UpdateSchedule(self.config.options(SACOptions), self.n_tasks)


def resolve(method: str, env: str, **options: Any) -> ExperimentConfig:
    """Return the config of `method` on `env`: what the command line makes of the same words.

    Args:
        method: A row of the method table.
        env: Id of a task set.
        **options: Options by name, those of the task set too (or those as a mapping `env_options`),
            `protocol`, `base` and `updates_per_vector_step`.

    Raises:
        ConfigError: An unknown method, task set or option, one that nothing would read, or a value
            that is not allowed.
    """
    return resolve_with_sources(method, env, **options).config


def resolve_with_sources(method: str, env: str, **options: Any) -> Resolved:
    """Return what `resolve` does, with the sources."""
    row = get_method(method)
    if env not in task_set_ids():
        raise ConfigError(f"env = {env!r}: allowed is one of {', '.join(task_set_ids())}")
    given: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in options.items()
    }
    base, ratio = given.pop("base", "plain"), given.pop(update_ratio.NAME, None)
    check_base(base)
    own_members = _members(row, given)
    of_base = base_members(base, row, own_members) if "state_encoder" not in options else {}
    members = {**own_members, **of_base}
    asked_for = given.pop("protocol", None)
    protocol = find_protocol(asked_for, method, env)
    own = protocol.env_options if asked_for else default_env_options(method, env)
    task_set = _task_set(env, given, own)
    declared = options_read(members)
    _check_read(method, given, declared, task_set)
    _read_named_tables(given, declared, task_set)
    schedule = str(given.get("update_schedule", _schedule(method, members)))
    overrides = preset(
        method,
        env,
        members=members,
        env_options=task_set.options,
        schedule=schedule,
        protocol=protocol,
        asked_for=asked_for is not None,
    )
    overrides |= base_preset(base, given, schedule)
    defaults = {name: overrides.get(name, each.default) for name, each in declared.items()}
    values = {name: entry.resolve(task_set.n_tasks) for name, entry in defaults.items()}
    sources = {name: entry.source for name, entry in defaults.items()}
    values |= given
    sources |= dict.fromkeys(given, GIVEN)
    if ratio is None and base == "strong" and "gradient_steps_per_itr" not in given:
        ratio = UPDATES_PER_VECTOR_STEP
    if ratio is not None:
        _check_ratio(ratio, given)
        values["gradient_steps_per_itr"] = update_ratio.gradient_steps(
            ratio, batch_size=values["batch_size"], n_tasks=task_set.n_tasks, schedule=schedule
        )
        sources["gradient_steps_per_itr"] = f"{ratio:g} updates a vector step"
    if values["log_dir"] is None:
        label = method_label(method, members)
        values["log_dir"] = f"runs/{label}/{env}/{values['name']}_{values['seed']}"
        sources["log_dir"] = LOG_DIR_RULE
    values["log_dir"] = os.path.expanduser(values["log_dir"])
    for name, each in declared.items():
        each.check(values[name])
        check_number_of_tasks(each, values[name], task_set.n_tasks)
    chosen = {axis for axis in AXES if members[axis] != row.members[axis]}
    sources |= {axis: GIVEN if axis in chosen else f"method table, {method}" for axis in AXES}
    sources |= dict.fromkeys(of_base, f"base {base}")
    sources |= {"method": GIVEN, "env": GIVEN, "env_options": "the task set's, or given"}
    config = ExperimentConfig(
        method=method,
        env=env,
        env_options=env_option_pairs(task_set.options),
        members=members,
        values=values,
        plugins=plugins_of(method, env, members),
    )
    resolved = Resolved(
        config=config, sources=sources, n_tasks=task_set.n_tasks, protocol=asked_for, base=base
    )
    # Checks what depends on the number of tasks.
    _ = resolved.schedule
    return resolved


def _check_ratio(ratio: Any, given: Mapping[str, Any]) -> None:
    """Refuse a ratio that is no number, or stands beside what it says."""
    if not isinstance(ratio, int | float) or isinstance(ratio, bool) or ratio <= 0:
        raise ConfigError(f"{update_ratio.NAME} = {ratio!r}: allowed is a number above 0")
    if "gradient_steps_per_itr" in given:
        raise ConfigError(
            f"{update_ratio.NAME} = {ratio:g}: gradient_steps_per_itr = "
            f"{given['gradient_steps_per_itr']} says that too; give one of the two"
        )


def defaults_of(method: str, env: str) -> dict[str, Value | Rule]:
    """Return what the options of a method's own members are on a task set, where none is given."""
    members = get_method(method).members
    protocol = find_protocol(None, method, env)
    overrides = preset(
        method,
        env,
        members=members,
        env_options=_task_set(env, {}, default_env_options(method, env)).options,
        schedule=_schedule(method, members),
        protocol=protocol,
        asked_for=False,
    )
    return {name: overrides.get(name, each.default) for name, each in options_read(members).items()}


def default_env_options(method: str, env: str) -> dict[str, OptionValue]:
    """Return a method's own defaults of a task set's options."""
    protocol = find_protocol(None, method, env)
    return {**protocol.env_options, **ENV_OPTIONS.get((method, env), {})}


def _schedule(method: str, members: Mapping[str, str]) -> str:
    """Return the `update_schedule` of a method with these members."""
    of_method = METHOD_VALUES.get(method, {}).get("update_schedule")
    if of_method is not None:
        return str(of_method.resolve(0))
    return "shared" if shares_parameters(members) else "per_task"


def _members(row: Method, given: dict[str, Any]) -> dict[str, str]:
    """Take the members out of what is given; a row's own may be named again."""
    members = dict(row.members)
    for axis in AXES:
        if axis not in given:
            continue
        name = given.pop(axis)
        check_member(axis, name)
        if axis not in row.open_axes and name != members[axis]:
            raise ConfigError(
                f"{axis} = {name!r}: {row.name} has {axis} = {members[axis]!r}; `train` takes any "
                "combination"
            )
        members[axis] = name
    return members


def _task_set(env: str, given: dict[str, Any], defaults: Mapping[str, OptionValue]) -> TaskSet:
    """Take the task set's options out of what is given, and make it.

    Args:
        env: Its id.
        given: What is given, by name.
        defaults: What its options are otherwise, where not its own defaults.

    Raises:
        ConfigError: They make no task set.
    """
    own = dict(defaults)
    own |= dict(given.pop("env_options", {}))
    for name in task_set_options(env):
        if name in given:
            own[name] = given.pop(name)
    try:
        return make_task_set(env, **own)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _check_read(
    method: str, given: Mapping[str, Any], declared: Mapping[str, DeclaredOption], task_set: TaskSet
) -> None:
    """Refuse options that do not exist, or that the chosen members do not read."""
    unknown = sorted(given.keys() - all_options().keys())
    if unknown:
        allowed = ", ".join([*declared, *task_set.options])
        raise ConfigError(
            f"{method} on {task_set.id} has no option {', '.join(unknown)}: allowed is one of "
            f"{allowed}"
        )
    for name in sorted(given.keys() - declared.keys()):
        raise ConfigError(
            f"{name}: nothing would read it; it belongs to {' or '.join(readers(name))}"
        )


def _read_named_tables(
    given: dict[str, Any], declared: Mapping[str, DeclaredOption], task_set: TaskSet
) -> None:
    """Put the numbers of tables that are given by the tasks' names into the tasks' order."""
    for name, value in given.items():
        is_named = declared[name].option.from_file == "name: d"
        if is_named and value is not None and not isinstance(value, tuple):
            given[name] = rows_by_name(name, value, task_set.task_names)


def check_number_of_tasks(declared: DeclaredOption, value: Any, n_tasks: int) -> None:
    """Refuse a total that the tasks cannot share equally, more than T, and a table of another."""
    name = declared.name
    shape = declared.option.from_file.replace("name: d", "T x d")
    if declared.total_over_tasks and value % n_tasks:
        below, above = value // n_tasks * n_tasks, (value // n_tasks + 1) * n_tasks
        raise ConfigError(
            f"{name} = {value}: it is a total over {n_tasks} tasks, each of which gets the "
            f"same; allowed is a multiple of {n_tasks}, such as "
            + (f"{below} or {above}" if below else f"{above}")
        )
    if declared.at_most_tasks and value > n_tasks:
        raise ConfigError(f"{name} = {value}: allowed is at most the number of tasks, {n_tasks}")
    if not shape or value is None:
        return
    if len(value) % n_tasks or (shape == "T x T" and len(value) != n_tasks**2):
        raise ConfigError(
            f"{name}: {len(value)} numbers; allowed are {shape.replace('T', str(n_tasks))}, a row "
            "for each task"
        )

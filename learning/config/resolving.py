"""From what the user gave and the preset table to a complete `ExperimentConfig`."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from learning.config.experiment_config import (
    ExperimentConfig,
    OptionValue,
    env_option_pairs,
    field_kinds,
)
from learning.config.methods import (
    AXES,
    OPTIONS_OF_MEMBERS,
    get_method,
    method_label,
    unused_fields,
)
from learning.config.presets import ENV_OPTIONS, N_TASKS, TASK_SETS, Rule, preset
from learning.errors import ConfigError

GIVEN = "given"
"""Source of a value that the user gave."""

TOTALS_OVER_TASKS = ("batch_size", "gradient_steps_per_itr", "num_evaluation_episodes")
"""Fields that count in total over the tasks and give each task the same."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resolved:
    """A config and where each of its values comes from.

    Attributes:
        config: the config.
        sources: field name -> source ("given" or the preset table's words).
        n_tasks: T.
    """

    config: ExperimentConfig
    sources: Mapping[str, str]
    n_tasks: int


def resolve(method: str, env: str, **given: Any) -> ExperimentConfig:
    """The config of `method` on `env`: presets, overridden by what is given.

    Args:
        method: a row of the method table.
        env: id of a task set.
        **given: fields of `ExperimentConfig`, but the axes; env_options as a mapping.

    Raises:
        ConfigError: an unknown method, task set or field, or a value that is not allowed.
    """
    return resolve_with_sources(method, env, **given).config


def resolve_with_sources(method: str, env: str, **given: Any) -> Resolved:
    """As `resolve`, with the sources."""
    row = get_method(method)
    if env not in TASK_SETS:
        raise ConfigError(f"env = {env!r}: allowed is one of {', '.join(TASK_SETS)}")
    allowed = allowed_options(method)
    if unknown := sorted(given.keys() - set(allowed) - {"env_options"}):
        raise ConfigError(
            f"{method} has no option {', '.join(unknown)}: allowed is one of {', '.join(allowed)}"
        )
    env_options: Mapping[str, OptionValue] = given.pop("env_options", {})
    env_options = ENV_OPTIONS.get((method, env), {}) | dict(env_options)
    n_tasks = _number_of_tasks(env, env_options)
    members = {axis: given.pop(axis, getattr(row, axis)) for axis in AXES}
    _check_used(given, members)
    values: dict[str, Any] = {"method": method, "env": env, **members}
    sources = {"method": GIVEN, "env": GIVEN, "env_options": "the task set's, or given"}
    values["env_options"] = env_option_pairs(env_options)
    for axis, member in members.items():
        chosen = member != getattr(row, axis)
        sources[axis] = GIVEN if chosen else f"method table, {method}"
    entries = preset(method, env, members=members, env_options=env_options)
    for name, entry in entries.items():
        values[name] = entry.rule(n_tasks) if isinstance(entry, Rule) else entry.value
        sources[name] = entry.source
    values |= given
    sources |= dict.fromkeys(given, GIVEN)
    if "log_dir" not in given:
        label = method_label(method, members)
        values["log_dir"] = f"runs/{label}/{env}/{values['name']}_{values['seed']}"
        sources["log_dir"] = "runs/<method>/<env>/<name>_<seed>"
    _check_totals(values, n_tasks)
    _check_tables(values, n_tasks)
    return Resolved(config=ExperimentConfig(**values), sources=sources, n_tasks=n_tasks)


def allowed_options(method: str) -> tuple[str, ...]:
    """The fields that a user of `method` may give, in the config's order (env_options apart)."""
    row = get_method(method)
    fixed = {"method", "env", *AXES} - set(row.open_axes) | row.unused_fields
    return tuple(name for name in field_kinds() if name not in fixed)


def _check_used(given: Mapping[str, Any], members: Mapping[str, str]) -> None:
    """Refuse options that the chosen members do not use."""
    unused = unused_fields({axis: (member,) for axis, member in members.items()})
    for name in sorted(given.keys() & unused):
        users = [
            f"{axis} = {member}"
            for axis, of_members in OPTIONS_OF_MEMBERS.items()
            for member, fields in of_members.items()
            if name in fields
        ]
        raise ConfigError(f"{name}: nothing would read it; it belongs to {' or '.join(users)}")


def _check_tables(values: Mapping[str, Any], n_tasks: int) -> None:
    """Refuse a T x T or T x d table of another T."""
    for name in ("domain_weights", "neighbor_order", "neighbor_embeddings"):
        table = values[name]
        if table is None:
            continue
        square = name != "neighbor_embeddings"
        if len(table) % n_tasks or (square and len(table) != n_tasks**2):
            columns = n_tasks if square else "d"
            raise ConfigError(
                f"{name}: {len(table)} numbers; allowed are {n_tasks} x {columns}, a row for each "
                "task"
            )


def _number_of_tasks(env: str, env_options: Mapping[str, OptionValue]) -> int:
    if env in N_TASKS:
        return N_TASKS[env]
    names = [name for name in str(env_options.get("tasks", "")).split(",") if name.strip()]
    if not names:
        raise ConfigError(f"{env} needs --tasks: the names of its tasks, separated by commas")
    return len(names)


def _check_totals(values: Mapping[str, Any], n_tasks: int) -> None:
    for name in TOTALS_OVER_TASKS:
        total = values[name]
        if isinstance(total, int) and total > 0 and total % n_tasks:
            below, above = total // n_tasks * n_tasks, (total // n_tasks + 1) * n_tasks
            raise ConfigError(
                f"{name} = {total}: it is a total over {n_tasks} tasks, each of which gets the "
                f"same; allowed is a multiple of {n_tasks}, such as "
                + (f"{below} or {above}" if below else f"{above}")
            )

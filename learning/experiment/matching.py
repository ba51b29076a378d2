"""As many parameters as another method: the width of the hidden layers that comes nearest to it.

Networks of unlike form are compared at one size. What is counted are the parameters of the policies
and of both critics (`parameter_counts`); the other method is taken with its own preset for the task
set. All hidden layers get one width and their number stays, so that what a run's config holds is
plain `hidden_sizes`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from environments import TaskSet, make_task_set
from learning.architectures.architecture_options import ArchitectureOptions
from learning.config.experiment_config import ExperimentConfig
from learning.config.members import MEMBERS
from learning.config.methods import METHODS
from learning.config.resolving import GIVEN, Resolved, resolve_with_sources
from learning.errors import ConfigError
from learning.experiment.isolation import undisturbed
from learning.experiment.parameter_counts import ParameterCounts, count_without_weights
from learning.options import options_of

_TOLERANCE = 0.05
"""Share of the other method's parameters by which the nearest may be off."""

_WIDEST = 2**16
"""No wider layers are tried."""

_NEIGHBOURS = 8
"""Widths that are tried on either side of where the count passes the other method's."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Matched:
    """A config whose networks are as large as another method's, as nearly as can be.

    Attributes:
        resolved: The config with its `hidden_sizes`, and what is behind them.
        method: The other method.
        counts: The other method's parameters.
    """

    resolved: Resolved
    method: str
    counts: ParameterCounts


def resolve(
    method: str, env: str, *, match_parameters: str | None = None, **options: Any
) -> ExperimentConfig:
    """Return the config of `method` on `env`: what the command line makes of the same words.

    Args:
        method: A row of the method table.
        env: Id of a task set.
        match_parameters: A method whose number of parameters the networks shall have; None: they
            are as wide as the options say.
        **options: See :func:`learning.config.resolving.resolve`.

    Raises:
        ConfigError: An unknown method, task set or option, one that nothing would read, or a value
            that is not allowed; or no width comes near the other method's parameters.
    """
    resolved = resolve_with_sources(method, env, **options)
    if match_parameters is not None:
        resolved = match(resolved, match_parameters).resolved
    return resolved.config


def match(resolved: Resolved, method: str) -> Matched:
    """Give a config's networks the width that comes nearest to another method's parameters.

    Args:
        resolved: The config; how many hidden layers it has stays. Were `hidden_sizes` given, they
            say that number alone.
        method: The other method, with its own preset for the same task set and the same options of
            the task set.

    Raises:
        ConfigError: There is no such method, or its networks cannot be built on the task set; the
            given hidden layers are of several sizes; or the nearest width is off by more than 5 %.
    """
    config = resolved.config
    sizes = config.hidden_sizes
    for name in ("critic_width", "actor_width"):
        if config.values[name] is not None:
            raise ConfigError(
                f"{name} = {config.values[name]} with match_parameters: the width that is sought "
                f"is that of hidden_sizes, which it would not follow; give --{name} none"
            )
    if resolved.sources["hidden_sizes"] == GIVEN and len(set(sizes)) > 1:
        raise ConfigError(
            f"hidden_sizes = {sizes} with match_parameters: all layers get one width, so that "
            "given sizes say no more than how many layers there are; allowed are equal numbers, "
            "such as "
            f"{' '.join(['256'] * len(sizes))}"
        )
    task_set = make_task_set(config.env, **dict(config.env_options))
    with undisturbed():
        counts = _counts_of(method, resolved, task_set)

        def total_of(width: int) -> int:
            wide = config.replace(hidden_sizes=(width,) * len(sizes))
            return count_without_weights(wide, task_set).total

        width, total = nearest_width(total_of, counts.total)
    off = total / counts.total - 1
    if abs(off) > _TOLERANCE:
        raise ConfigError(
            f"match_parameters = {method!r}: no width of {config.label}'s {len(sizes)} hidden "
            f"layers comes within {100 * _TOLERANCE:.0f} % of {counts.total:,} parameters; "
            f"nearest is {width} with {total:,} ({100 * off:+z.1f} %). {_what_else(config)}"
        )
    source = (
        f"matched: {width}, nearest to {method}'s {counts.total:,} parameters "
        f"({total:,}, {100 * off:+z.1f} %)"
    )
    return Matched(
        resolved=dataclasses.replace(
            resolved,
            config=config.replace(hidden_sizes=(width,) * len(sizes)),
            sources={**resolved.sources, "hidden_sizes": source},
        ),
        method=method,
        counts=counts,
    )


def nearest_width(total_of: Callable[[int], int], target: int) -> tuple[int, int]:
    """Return the width whose total comes nearest to a target, and its total.

    Of two that are as near it is the narrower one. Totals must not fall as the width grows, or only
    within a few widths of where they pass the target; a width at which nothing can be built counts
    as too narrow.

    Args:
        total_of: From a width to its total; a ConfigError says that nothing can be built.
        target: The total that is sought.

    Raises:
        ConfigError: Nothing can be built at any width.
    """
    totals: dict[int, int | None] = {}
    problem: ConfigError | None = None

    def reaches(width: int) -> bool:
        nonlocal problem
        if width not in totals:
            totals[width] = None
            try:
                totals[width] = total_of(width)
            except ConfigError as error:
                problem = error
        total = totals[width]
        return total is not None and total >= target

    above = 1
    while above < _WIDEST and not reaches(above):
        above *= 2
    below = above // 2
    while above - below > 1:
        middle = (above + below) // 2
        above, below = (middle, below) if reaches(middle) else (above, middle)
    for width in range(max(1, above - _NEIGHBOURS), above + _NEIGHBOURS + 1):
        reaches(width)
    known = {width: total for width, total in totals.items() if total is not None}
    if not known:
        assert problem is not None
        raise problem
    return min(known.items(), key=lambda each: (abs(each[1] - target), each[0]))


def _counts_of(method: str, resolved: Resolved, task_set: TaskSet) -> ParameterCounts:
    """Count another method's parameters on the task set of a config, under its protocol.

    Raises:
        ConfigError: There is no such method, or its networks cannot be built there.
    """
    if method not in METHODS:
        raise ConfigError(f"match_parameters = {method!r}: allowed is one of {', '.join(METHODS)}")
    config = resolved.config
    given: dict[str, Any] = {"env_options": dict(config.env_options)}
    if resolved.protocol is not None:
        given["protocol"] = resolved.protocol
    given["base"] = resolved.base
    try:
        other = resolve_with_sources(method, config.env, **given)
        return count_without_weights(other.config, task_set)
    except ConfigError as error:
        raise ConfigError(
            f"match_parameters = {method!r}: its parameters cannot be counted on {config.env}: "
            f"{error}"
        ) from error


def _what_else(config: ExperimentConfig) -> str:
    """Say which other options are sizes of the networks."""
    known = options_of(ArchitectureOptions)
    sizes = {
        name
        for axis in ("policy_architecture", "q_architecture")
        for name, each in options_of(MEMBERS[axis][config.members[axis]].options).items()
        if name not in known and each.option.kind is int
    }
    if sizes:
        return f"Only hidden_sizes is varied; give others of {', '.join(sorted(sizes))}."
    return "Only hidden_sizes is varied; another number of layers may come nearer."

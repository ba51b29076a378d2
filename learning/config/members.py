"""All that a run can be made of: the members of the axes, and the options that each of them reads.

Built-in members stand in their axis' table; those of plug-ins join them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning.algorithms.device import DeviceOptions
from learning.algorithms.sac_options import SACOptions
from learning.algorithms.trainer import TrainerOptions
from learning.architectures import ARCHITECTURES, CRITIC_ARCHITECTURES
from learning.config.methods import AXES
from learning.errors import ConfigError
from learning.evaluation.evaluator import EvaluationOptions
from learning.logging.run_folder import RunOptions
from learning.objectives import OBJECTIVES
from learning.options import OptionGroup, options_of
from learning.options.option_group import DeclaredOption
from learning.policies.behaviours import BEHAVIOURS
from learning.policies.task_batched_policy import ActingOptions
from learning.q_functions import CriticOptions
from learning.replay import DATA_SHARINGS
from learning.replay.multi_task_replay_buffer import ReplayOptions
from learning.samplers.building import SamplerOptions

MEMBERS: dict[str, dict[str, Any]] = {
    "behaviour": dict(BEHAVIOURS),
    "policy_architecture": dict(ARCHITECTURES),
    "q_architecture": {**ARCHITECTURES, **CRITIC_ARCHITECTURES},
    "data": dict(DATA_SHARINGS),
    "objective": dict(OBJECTIVES),
}
"""Axis -> name -> class; None where the axis leaves everything as it is."""

ALWAYS_READ: tuple[type[OptionGroup], ...] = (
    RunOptions,
    TrainerOptions,
    SACOptions,
    CriticOptions,
    ReplayOptions,
    ActingOptions,
    SamplerOptions,
    EvaluationOptions,
    DeviceOptions,
)
"""Groups that every run reads, whatever its members are."""


def member_options(axis: str, name: str) -> type[OptionGroup]:
    """Return the options that a member reads."""
    member = MEMBERS[axis][name]
    group: type[OptionGroup] = OptionGroup if member is None else member.Options
    return group


def options_read(members: Mapping[str, str]) -> dict[str, DeclaredOption]:
    """Return the options that a run with these members reads, by name.

    Args:
        members: Axis -> name.
    """
    groups = (*ALWAYS_READ, *(member_options(axis, members[axis]) for axis in AXES))
    return {name: each for group in groups for name, each in options_of(group).items()}


def all_options() -> dict[str, DeclaredOption]:
    """Return the options of everything there is, by name."""
    declared = {name: each for group in ALWAYS_READ for name, each in options_of(group).items()}
    for axis, table in MEMBERS.items():
        for member in table:
            declared |= options_of(member_options(axis, member))
    return declared


def readers(option: str) -> list[str]:
    """Return which members read an option, such as "behaviour = levy"; empty: every run does."""
    if any(option in options_of(group) for group in ALWAYS_READ):
        return []
    return [
        f"{axis} = {member}"
        for axis, table in MEMBERS.items()
        for member in table
        if option in options_of(member_options(axis, member))
    ]


def check_member(axis: str, name: str) -> None:
    """Refuse a name that no member of an axis has.

    Raises:
        ConfigError: Naming those that there are.
    """
    if name not in MEMBERS[axis]:
        raise ConfigError(f"{axis} = {name!r}: allowed is one of {', '.join(MEMBERS[axis])}")

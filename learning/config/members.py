"""All that a run can be made of: the members of the axes, and the options that each of them reads.

Built-in members stand in their axis' table; those of plug-ins join them here. Nothing here imports
torch: a member's class is loaded when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from learning.algorithms.device_options import DeviceOptions
from learning.algorithms.return_scale_options import ReturnScaleOptions
from learning.algorithms.sac_options import SACOptions
from learning.algorithms.trainer_options import TrainerOptions
from learning.architectures.table import (
    ARCHITECTURES,
    CRITIC_ARCHITECTURES,
    ArchitectureMember,
)
from learning.config.methods import AXES
from learning.errors import ConfigError
from learning.evaluation.evaluation_options import EvaluationOptions
from learning.logging.run_folder import RunOptions
from learning.objectives.table import OBJECTIVES
from learning.options import OptionGroup, options_of
from learning.options.member import Member
from learning.options.option_group import DeclaredOption
from learning.policies.acting_options import ActingOptions
from learning.policies.behaviours import BEHAVIOURS
from learning.policies.policy_options import PolicyOptions
from learning.q_functions.critic_options import CriticOptions
from learning.replay.data_sharings import DATA_SHARINGS
from learning.replay.replay_options import ReplayOptions
from learning.samplers.sampler_options import SamplerOptions
from learning.state_encoders.table import STATE_ENCODERS

MEMBERS: dict[str, dict[str, Member]] = {
    "behaviour": dict(BEHAVIOURS),
    "state_encoder": dict(STATE_ENCODERS),
    "policy_architecture": dict(ARCHITECTURES),
    "q_architecture": {**ARCHITECTURES, **CRITIC_ARCHITECTURES},
    "data": dict(DATA_SHARINGS),
    "objective": dict(OBJECTIVES),
}
"""Axis -> name -> member."""

ALWAYS_READ: tuple[type[OptionGroup], ...] = (
    RunOptions,
    TrainerOptions,
    SACOptions,
    ReturnScaleOptions,
    CriticOptions,
    ReplayOptions,
    ActingOptions,
    PolicyOptions,
    SamplerOptions,
    EvaluationOptions,
    DeviceOptions,
)
"""Groups that every run reads, whatever its members are."""


def groups_read(members: Mapping[str, str]) -> tuple[type[OptionGroup], ...]:
    """Return the groups of options that a run with these members reads.

    Args:
        members: Axis -> name.
    """
    return (*ALWAYS_READ, *(MEMBERS[axis][members[axis]].options for axis in AXES))


def options_read(members: Mapping[str, str]) -> dict[str, DeclaredOption]:
    """Return the options of these groups, by name; the argument is the same."""
    groups = groups_read(members)
    return {name: each for group in groups for name, each in options_of(group).items()}


def all_options() -> dict[str, DeclaredOption]:
    """Return the options of everything there is, by name."""
    declared = {name: each for group in ALWAYS_READ for name, each in options_of(group).items()}
    for table in MEMBERS.values():
        for member in table.values():
            declared |= options_of(member.options)
    return declared


def readers(option: str) -> list[str]:
    """Return which members read an option, such as "behaviour = levy"; empty: every run does."""
    if any(option in options_of(group) for group in ALWAYS_READ):
        return []
    return [
        f"{axis} = {name}"
        for axis, table in MEMBERS.items()
        for name, member in table.items()
        if option in options_of(member.options)
    ]


def check_member(axis: str, name: str) -> None:
    """Refuse a name that no member of an axis has.

    Raises:
        ConfigError: Naming those that there are.
    """
    if name not in MEMBERS[axis]:
        raise ConfigError(f"{axis} = {name!r}: allowed is one of {', '.join(MEMBERS[axis])}")


def shares_parameters(members: Mapping[str, str]) -> bool:
    """Return whether the tasks' policies or their critics have parameters in common.

    Args:
        members: Axis -> name.
    """
    if MEMBERS["state_encoder"][members["state_encoder"]].place is not None:
        return True
    lines = [MEMBERS[axis][members[axis]] for axis in ("policy_architecture", "q_architecture")]
    return any(isinstance(line, ArchitectureMember) and line.sharing != "nothing" for line in lines)

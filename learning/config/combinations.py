"""Which members go together; each says itself what it needs of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning.config.members import MEMBERS
from learning.errors import ConfigError
from learning.options import OptionGroup, options_of


def check_combination(members: Mapping[str, str], values: Mapping[str, Any]) -> None:
    """Refuse members of the axes that leave each other nothing to do.

    Args:
        members: Axis -> name.
        values: Option -> value.

    Raises:
        ConfigError: Saying which members, and what to choose instead.
    """
    _check_values(values)
    classes = {axis: MEMBERS[axis][name].load() for axis, name in members.items()}
    policy, critics = (
        # What tasks share of the encoder, networks that share nothing share too; and one that is
        # told the task by it is no longer the same for all.
        "some" if classes["state_encoder"] is not None else classes[axis].sharing
        for axis in ("policy_architecture", "q_architecture")
    )
    mixture = classes["behaviour"]
    networks = f"policy_architecture = {members['policy_architecture']!r}"
    if mixture is not None:
        options = _options_of("behaviour", members, values)
        if policy == "everything" and mixture.needs_several_policies(options):
            raise ConfigError(
                f"behaviour = {members['behaviour']!r} with {networks}: all tasks have one policy, "
                "so there is none to choose; choose multihead or separate, or behaviour = 'own'"
            )
    _check_blocks(members, values, classes)
    problem = classes["objective"].problem_with(
        _options_of("objective", members, values), policy=policy, critics=critics
    )
    if problem is not None:
        raise ConfigError(
            f"objective = {members['objective']!r} with {networks} and "
            f"q_architecture = {members['q_architecture']!r}: {problem}"
        )


def _check_values(values: Mapping[str, Any]) -> None:
    """Refuse values of options, of several groups, that do not go together."""
    if values["return_scale"] in ("brc", "std") and values["discount"] == 1.0:
        raise ConfigError(
            f"return_scale = {values['return_scale']!r} with discount = 1: an episode that the "
            "time limit cuts has no return then; allowed is a discount below 1"
        )
    if values["resets"] >= values["n_epochs"]:
        raise ConfigError(
            f"resets = {values['resets']} with n_epochs = {values['n_epochs']}: an epoch begins "
            "with one reset at most, and the first with none; allowed is less than n_epochs"
        )
    if values["return_scale"] == "ars" and not values["resets"]:
        raise ConfigError(
            "return_scale = 'ars' without resets: it is renewed at each of them and is 1 before "
            "the first, so that nothing would be scaled; give --resets"
        )


def _check_blocks(
    members: Mapping[str, str], values: Mapping[str, Any], classes: Mapping[str, Any]
) -> None:
    """Refuse residual blocks in networks that have no place for them."""
    for axis, option, value in (
        ("policy_architecture", "actor_blocks", values["actor_blocks"]),
        ("q_architecture", "critic", None if values["critic"] == "plain" else values["critic"]),
    ):
        if value is not None and not classes[axis].takes_blocks:
            names = [name for name, each in MEMBERS[axis].items() if each.load().takes_blocks]
            raise ConfigError(
                f"{option} = {value!r} with {axis} = {members[axis]!r}: residual blocks with layer "
                f"normalisation are layers of {', '.join(names)}; choose one of these, or "
                f"--{option} {'plain' if option == 'critic' else 'none'}"
            )


def _options_of(axis: str, members: Mapping[str, str], values: Mapping[str, Any]) -> OptionGroup:
    group = MEMBERS[axis][members[axis]].options
    return group(**{name: values[name] for name in options_of(group)})

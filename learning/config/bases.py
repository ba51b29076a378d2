"""Named bases: the learner under a method, whatever else the method is (docs/base.md).

`plain` is what presets and protocols have. `strong` is BRC (Nauman et al. 2025, arXiv 2505.23150;
code naumix/BiggerRegularizedCategorical at eec512f): its networks, optimizers, temperature, scale
of returns, batch and updates. A base wins over presets, protocols and methods; what the user gives
wins over the base. It is no part of the config, which holds the numbers that it led to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning.config.methods import Method
from learning.config.sources import Preset
from learning.errors import ConfigError
from learning.options import Rule, Value

BASES = ("plain", "strong")
"""Names of bases."""

UPDATES_PER_VECTOR_STEP = 2.0
"""Those of the strong base: updates for a step of every task's environment."""

_BRC = "base strong: BRC reference code"
_BATCH = 1024
_CPU = "base strong, on a CPU: chosen by us (BRC reference code: 4096)"

_LEARNER: Preset = {
    "critic": Value("categorical", _BRC),
    "critic_blocks": Value(2, _BRC),
    "critic_atoms": Value(101, _BRC),
    "return_bound": Value(10.0, _BRC),
    "q_output": Value("linear", _BRC),
    "actor_blocks": Value(1, _BRC),
    "actor_width": Value(256, _BRC),
    "log_std_bound": Value("tanh", _BRC),
    "log_std_min": Value(-10.0, _BRC),
    "lr": Value(3e-4, _BRC),
    "weight_decay": Value(1e-4, "base strong: optax, AdamW's default, which BRC is taken to have"),
    "alpha_lr": Value(3e-4, _BRC),
    "alpha_beta1": Value(0.5, _BRC),
    "initial_alpha": Value(0.1, _BRC),
    "target_entropy_factor": Value(0.5, _BRC),
    "target_update_tau": Value(0.005, _BRC),
    "discount": Value(0.99, _BRC),
    "return_scale": Value("brc", _BRC),
    "uniform_steps": Value(5000, _BRC),
    "min_buffer_size": Value(5000, _BRC),
}

_BY_SCHEDULE: Mapping[str, Preset] = {
    "shared": {"buffer_batch_size": Value(_BATCH, _BRC + ", over its tasks")},
    "per_task": {
        "buffer_batch_size": Rule(
            lambda tasks: max(1, _BATCH // tasks), f"{_BATCH} over the tasks", _BRC
        )
    },
}

# Nobody reads the second where the first is given so.
_UNREAD: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("critic", "plain", ("critic_width", "q_output")),
    ("critic", "normalized", ("q_output",)),
    ("actor_blocks", None, ("actor_width",)),
)


def check_base(name: str) -> None:
    """Refuse a name that no base has.

    Raises:
        ConfigError: Naming those that there are.
    """
    if name not in BASES:
        raise ConfigError(f"base = {name!r}: allowed is one of {', '.join(BASES)}")


def base_preset(name: str, given: Mapping[str, Any], schedule: str) -> Preset:
    """Return what a base overrides.

    Args:
        name: The base.
        given: The user's own options.
        schedule: The run's `update_schedule`.
    """
    if name == "plain":
        return {}
    width = Value(512, _CPU) if given.get("gpu") is None else Value(4096, _BRC)
    values = {**_LEARNER, **_BY_SCHEDULE[schedule], "critic_width": width}
    for option, value, unread in _UNREAD:
        if option in given and given[option] == value:
            values = {each: entry for each, entry in values.items() if each not in unread}
    if given.get("target_entropy") is not None:
        del values["target_entropy_factor"]
    return values


def base_members(name: str, row: Method, members: Mapping[str, str]) -> dict[str, str]:
    """Return the members that a base chooses: axis -> name.

    One network for all tasks is told the task by a learned embedding, where the method leaves its
    state encoder open.

    Args:
        name: The base.
        row: The method's row.
        members: Those of the row, or given.
    """
    networks = {members["policy_architecture"], members["q_architecture"]}
    one_network = networks <= {"shared", "multihead"}
    if name == "strong" and "state_encoder" in row.open_axes and one_network:
        return {"state_encoder": "task_embedding"}
    return {}

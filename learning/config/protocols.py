"""Named protocols: how papers train and evaluate, for any method (docs/protocols.md).

A protocol is what two methods must have in common to be compared: the task set's options, how much
is gathered, learned and evaluated, and the learner that is not the method's idea. A method keeps
what it is made of: its networks' sizes where it has a preset for them, its behaviour, its options.

`qmp` is what the presets of the task sets have (`task_set_presets.py`), on every task set; the
others are protocols on Meta-World. A method follows its own reference's where none is asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from environments.options import OptionValue
from learning.config.sources import (
    META_WORLD_PLUS,
    MT_LEVY_CODE,
    PTSL_CODE,
    SHARED_CODE,
    TENTH,
    WITH_EVALUATION,
    Preset,
    a_million_over_tasks,
    as_on,
)
from learning.errors import ConfigError
from learning.options import Rule, Value

META_WORLD_IDS = ("MetaWorldMT10-v2", "MetaWorldMT25-v2", "MetaWorldMT50-v2", "MetaWorldCustom-v2")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Protocol:
    """One protocol.

    Attributes:
        name: Its name on the command line.
        envs: The task sets that it is for; None: all.
        of: Those of them that its reference has; on the others its numbers are our choice.
        env_options: The task set's own options.
        values: What it overrides of the run's.
        by_schedule: What it overrides, by the run's `update_schedule`.
        learner: What it says of the learner, by `update_schedule`; wins over what a method's own
            reference has, where the user asks for the protocol.
    """

    name: str
    envs: tuple[str, ...] | None
    of: tuple[str, ...] = ()
    env_options: Mapping[str, OptionValue]
    values: Preset
    by_schedule: Mapping[str, Preset]
    learner: Mapping[str, Preset]

    def preset(self, env: str, schedule: str) -> Preset:
        """Return what it overrides on a task set, before members and methods do."""
        values = {**self.values, **self.by_schedule[schedule]}
        return values if self.envs is None or env in self.of else as_on("MT10", values)


def _a_vector_step(batch: int | Rule, first: int | None, source: str) -> dict[str, Preset]:
    """Return one update a vector step: a step of every task's environment.

    Args:
        batch: Transitions of an update, over the tasks.
        first: Updates after the first collection; None: one.
        source: Where it comes from.
    """
    shared: dict[str, Value | Rule] = {
        "batch_size": Rule(lambda tasks: tasks, "one a task", source),
        "steps_per_epoch": Value(10_000, source + ": vector steps"),
    }
    apart = dict(shared)
    shared["gradient_steps_per_itr"] = Value(1, source)
    apart["gradient_steps_per_itr"] = Rule(lambda tasks: tasks, "one a task", source)
    if isinstance(batch, Rule):
        shared["buffer_batch_size"] = batch
        apart["buffer_batch_size"] = Rule(
            lambda tasks: batch.resolve(tasks) // tasks, batch.text, source
        )
    else:
        shared["buffer_batch_size"] = Value(batch, source)
        apart["buffer_batch_size"] = Rule(
            lambda tasks: max(1, batch // tasks), f"{batch} over the tasks", source
        )
    if first is not None:
        shared["first_gradient_steps"] = Value(first, source)
        apart["first_gradient_steps"] = Rule(lambda tasks: first * tasks, f"{first} a task", source)
    return {"shared": shared, "per_task": apart}


def _for_both(**values: Value | Rule) -> dict[str, Preset]:
    return {"shared": values, "per_task": values}


QMP = Protocol(
    name="qmp",
    envs=None,
    env_options={},
    values={},
    by_schedule={"shared": {}, "per_task": {}},
    learner={
        "shared": {
            "log_std_bound": Value("clamp", SHARED_CODE),
            "temperature_loss": Value("alpha", SHARED_CODE),
        },
        "per_task": {
            "log_std_bound": Value("clamp", "QMP reference code, networks of their own"),
            "temperature_loss": Value("log_alpha", "QMP reference code, networks of their own"),
        },
    },
)

MTLEVY = Protocol(
    name="mtlevy",
    envs=META_WORLD_IDS,
    of=("MetaWorldMT10-v2",),
    # Evaluated in training's environments, one of whose goals is taken at random each episode.
    env_options={"horizon": 150, "evaluation_goals": "train_at_random"},
    values={
        "n_epochs": Value(200, MT_LEVY_CODE),
        "min_buffer_size": Rule(
            lambda tasks: max(1, 1280 // tasks), "a batch, 1280 over the tasks", MT_LEVY_CODE
        ),
        "uniform_steps": Value(1000, MT_LEVY_CODE),
        "replay_buffer_size": Value(100_000, MT_LEVY_CODE + ": a million over ten tasks"),
        "hidden_sizes": Value((400, 400), MT_LEVY_CODE),
        "lr": Value(3e-4, MT_LEVY_CODE),
        "alpha_lr": Value(1e-4, MT_LEVY_CODE),
        "initial_alpha": Value(0.1, MT_LEVY_CODE),
        "num_evaluation_episodes": Rule(lambda tasks: 10 * tasks, "10 a task", MT_LEVY_CODE),
        "evaluation_frequency": Value(4, TENTH + " (reference: every epoch)"),
        "snapshot_frequency": Value(4, WITH_EVALUATION),
    },
    by_schedule=_a_vector_step(1280, None, MT_LEVY_CODE),
    learner=_for_both(
        log_std_bound=Value("tanh", MT_LEVY_CODE), temperature_loss=Value("alpha", MT_LEVY_CODE)
    ),
)

PTSL = Protocol(
    name="ptsl",
    envs=META_WORLD_IDS,
    of=("MetaWorldMT10-v2", "MetaWorldMT50-v2"),
    env_options={
        "reward_version": "v1",
        "horizon": 150,
        "n_goals": 1,
        "evaluation_goals": "train",
    },
    values={
        "n_epochs": Value(20, PTSL_CODE + ", its shorter runs: 200,000 vector steps"),
        "min_buffer_size": Value(1500, PTSL_CODE + ": a task, gathered at random"),
        "uniform_steps": Value(1500, PTSL_CODE),
        "replay_buffer_size": a_million_over_tasks(PTSL_CODE),
        "hidden_sizes": Value((400, 400, 400), PTSL_CODE + ", its MT-SAC and CARE"),
        "lr": Value(3e-4, PTSL_CODE),
        "initial_alpha": Value(1.0, PTSL_CODE),
        "num_evaluation_episodes": Rule(lambda tasks: 10 * tasks, "10 a task", PTSL_CODE),
        "evaluation_frequency": Value(1, PTSL_CODE + ": every 10,000 vector steps"),
        "snapshot_frequency": Value(1, WITH_EVALUATION),
    },
    by_schedule=_a_vector_step(1280, 1500, PTSL_CODE),
    learner=_for_both(
        log_std_bound=Value("tanh", PTSL_CODE),
        temperature_loss=Value("alpha", PTSL_CODE),
        task_weights=Value("equal", PTSL_CODE),
    ),
)

META_WORLD_PLUS_PROTOCOL = Protocol(
    name="metaworld_plus",
    envs=META_WORLD_IDS,
    of=("MetaWorldMT10-v2", "MetaWorldMT50-v2"),
    env_options={
        "reward_version": "v2",
        "horizon": 500,
        "n_goals": 50,
        "evaluation_goals": "train",
    },
    values={
        "n_epochs": Value(200, META_WORLD_PLUS + ": 2 million vector steps"),
        "min_buffer_size": Value(4000, META_WORLD_PLUS + ": a task, gathered at random"),
        "uniform_steps": Value(4000, META_WORLD_PLUS),
        "replay_buffer_size": a_million_over_tasks(META_WORLD_PLUS),
        "hidden_sizes": Value((400, 400, 400), META_WORLD_PLUS),
        "lr": Value(3e-4, META_WORLD_PLUS),
        "initial_alpha": Value(1.0, META_WORLD_PLUS),
        "max_grad_norm": Value(1.0, META_WORLD_PLUS),
        "num_evaluation_episodes": Rule(lambda tasks: 50 * tasks, "50 a task", META_WORLD_PLUS),
        "evaluation_frequency": Value(25, TENTH),
        "snapshot_frequency": Value(5, "chosen by us"),
    },
    by_schedule=_a_vector_step(
        Rule(lambda tasks: 128 * tasks, "128 a task", META_WORLD_PLUS), None, META_WORLD_PLUS
    ),
    learner=_for_both(
        log_std_bound=Value("clamp", META_WORLD_PLUS),
        temperature_loss=Value("log_alpha", META_WORLD_PLUS),
    ),
)

PROTOCOLS: dict[str, Protocol] = {
    each.name: each for each in (QMP, MTLEVY, PTSL, META_WORLD_PLUS_PROTOCOL)
}
"""Protocols by name."""

_OF_METHODS = {("mtlevy", env): MTLEVY for env in META_WORLD_IDS}


def find_protocol(name: str | None, method: str, env: str) -> Protocol:
    """Return the protocol that a run follows.

    Args:
        name: The one that is asked for; None: that of the method's own reference.
        method: A row of the method table.
        env: Id of a task set.

    Raises:
        ConfigError: There is none of this name, or not on this task set.
    """
    if name is None:
        return _OF_METHODS.get((method, env), QMP)
    if name not in PROTOCOLS:
        raise ConfigError(f"protocol = {name!r}: allowed is one of {', '.join(PROTOCOLS)}")
    protocol = PROTOCOLS[name]
    if protocol.envs is not None and env not in protocol.envs:
        raise ConfigError(
            f"protocol = {name!r}: it is one on {', '.join(protocol.envs)}; on {env} allowed is qmp"
        )
    return protocol

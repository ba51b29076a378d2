"""What may change when a run is gone on with, and what may not.

A run may go on longer, and on another machine. Its numbers do not depend on how many processes step
the environments; they depend on threads and device in the last digits at most, which
`versions_after_epoch_N.json` says; and a longer run begins as the shorter one did, unless something
of it is laid out over the whole run.
"""

from __future__ import annotations

from typing import Any

from environments import make_task_set
from learning.config.experiment_config import ExperimentConfig
from learning.config.members import options_read
from learning.config.resolving import check_number_of_tasks
from learning.errors import ConfigError
from learning.snapshots.snapshot_store import OF_THE_MACHINE

CHANGEABLE = ("n_epochs", *OF_THE_MACHINE)
"""Options that may change."""


def changed_config(config: ExperimentConfig, given: dict[str, Any]) -> ExperimentConfig:
    """Return a run's config with other values of some of `CHANGEABLE`.

    Args:
        config: The run's.
        given: Option -> value.

    Raises:
        ConfigError: An option may not change, a value is not allowed, or the run would be shorter.
    """
    declared = options_read(config.members)
    n_tasks = make_task_set(config.env, **dict(config.env_options)).n_tasks
    for name, value in given.items():
        if name not in CHANGEABLE:
            raise ConfigError(
                f"{name} cannot change in a run: allowed are {', '.join(CHANGEABLE)}; start "
                "another run for it"
            )
        declared[name].check(value)
        check_number_of_tasks(declared[name], value, n_tasks)
    longer = given.get("n_epochs", config.n_epochs)
    if longer < config.n_epochs:
        raise ConfigError(
            f"n_epochs = {longer}: the run has {config.n_epochs}, and can only get longer; "
            "--stop_after ends it earlier"
        )
    if longer > config.n_epochs and config.resets:
        raise ConfigError(
            f"n_epochs = {longer} with resets = {config.resets}: they lie at equal distances of "
            "the whole run, and a longer one has others; start another run"
        )
    return config.replace(**given)


def changes(before: ExperimentConfig, after: ExperimentConfig) -> dict[str, list[Any]]:
    """Return the options that have changed: name -> value before and after."""
    return {
        name: [before.values[name], after.values[name]]
        for name in CHANGEABLE
        if before.values[name] != after.values[name]
    }

"""The table of data sharings: a name, and how it is made. A new one is one file and one row.

"uds" and "cds" are one class; what sets them apart is the quantile that their presets give.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from environments import TaskSet
from learning.config.experiment_config import ExperimentConfig
from learning.errors import ConfigError
from learning.replay.data_sharing import DataSharing
from learning.replay.uds import SharedTransitions


def _own(config: ExperimentConfig, task_set: TaskSet) -> DataSharing:
    del config, task_set
    return DataSharing()


def _shared(config: ExperimentConfig, task_set: TaskSet) -> DataSharing:
    if task_set.n_tasks < 2:
        raise ConfigError(
            f"data = {config.data!r}: {task_set.id} has one task, so there is no data to share; "
            "choose another method, or data = 'own'"
        )
    if config.relabel == "true_reward":
        if not task_set.relabels:
            raise ConfigError(
                f"relabel = 'true_reward': {task_set.id} does not say what its tasks would have "
                "paid for one another's steps; give --relabel min_reward"
            )
        min_rewards = None
    else:
        given = [reward for reward in task_set.min_reward if reward is not None]
        if len(given) < task_set.n_tasks:
            instead = "--relabel true_reward" if task_set.relabels else "another method"
            raise ConfigError(
                f"relabel = 'min_reward': {task_set.id} does not say what its smallest reward is; "
                f"choose {instead}"
            )
        min_rewards = np.array(given, dtype=np.float32)
    return SharedTransitions(
        n_tasks=task_set.n_tasks, quantile=config.sharing_quantile, min_rewards=min_rewards
    )


_SHARINGS: dict[str, Callable[[ExperimentConfig, TaskSet], DataSharing]] = {
    "own": _own,
    "uds": _shared,
    "cds": _shared,
}


def build_data_sharing(config: ExperimentConfig, task_set: TaskSet) -> DataSharing:
    """Build the data sharing that ``config.data`` names.

    Raises:
        ConfigError: The task set cannot say what the other tasks' transitions are worth.
    """
    return _SHARINGS[config.data](config, task_set)


def needs_all_rewards(config: ExperimentConfig) -> bool:
    """Whether what every task would have paid must be gathered and stored with each step."""
    return config.data != "own" and config.relabel == "true_reward"

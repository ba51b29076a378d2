"""What a run takes of a machine, worked out before it begins: memory and disk, at least."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from environments import TaskSet
from learning.algorithms.sac_options import SACOptions
from learning.algorithms.update_schedule import UpdateSchedule
from learning.config.env_steps import env_steps_after
from learning.config.experiment_config import ExperimentConfig
from learning.errors import ConfigError
from learning.evaluation.evaluation_options import EvaluationOptions
from learning.experiment.parameter_counts import ParameterCounts, count_without_weights
from learning.options.machine import usable_memory
from learning.replay.data_sharing import DataParts, DataSharing
from learning.replay.replay_options import ReplayOptions
from learning.replay.transition_layout import TransitionLayout

_NUMBER = 4
"""Bytes of a float32."""

_TRAINED = 4
"""Numbers kept of a trained parameter: itself, its gradient and Adam's two."""

_LONGEST = 2**63 - 1
"""Environment steps that can be counted."""

_EPISODE = 4 * 8
"""Bytes of an evaluation episode: return, success, any sub-goal and length."""

_ADVICE: Mapping[str, str] = {
    "networks": "--hidden_sizes",
    "replay buffer": "--replay_buffer_size",
    "batch": "--buffer_batch_size",
    "evaluation": "--num_evaluation_episodes",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Needs:
    """What a run needs at least, in bytes.

    Attributes:
        parameters: How large its networks are.
        memory: What it is for -> memory. A replay buffer counts as full as the run can make it.
        disk: The record of the whole run.
    """

    parameters: ParameterCounts
    memory: Mapping[str, int]
    disk: int

    def require_memory(self) -> None:
        """Refuse what this machine's memory cannot hold.

        Raises:
            ConfigError: Saying what takes how much, and what to lower.
        """
        usable = usable_memory()
        if sum(self.memory.values()) <= usable:
            return
        parts = ", ".join(f"{name} {_gib(size)}" for name, size in self.memory.items())
        most = max(self.memory, key=lambda name: self.memory[name])
        raise ConfigError(
            f"the run needs at least {_gib(sum(self.memory.values()))} of memory ({parts}), and "
            f"there are {_gib(usable)}: lower {_ADVICE[most]}"
        )

    def __str__(self) -> str:
        """Say it in a line."""
        memory = _gib(sum(self.memory.values()))
        return f"needs at least: {memory} of memory, {_gib(self.disk)} of disk"


def needs_of(config: ExperimentConfig, task_set: TaskSet) -> Needs:
    """Return what a run needs.

    Raises:
        ConfigError: It has more environment steps than can be counted.
    """
    counts = count_without_weights(config, task_set)
    schedule = UpdateSchedule(config.options(SACOptions), task_set.n_tasks)
    steps = env_steps_after(config, n_tasks=task_set.n_tasks, epochs=config.n_epochs)
    if steps > _LONGEST:
        raise ConfigError(
            f"n_epochs = {config.n_epochs} would be {steps:.1e} environment steps, more than can "
            "be counted: lower --n_epochs"
        )
    row = row_size(config, task_set)
    capacity = config.options(ReplayOptions).replay_buffer_size * task_set.n_tasks
    stored = min(capacity, steps) * row * _NUMBER
    # Of the twin critics' hidden layers alone, which the backward pass needs.
    rows = task_set.n_tasks * schedule.batch_size
    per_row = row + 2 * sum(config.hidden_sizes)
    trained = counts.total * _TRAINED * _NUMBER
    episodes = config.options(EvaluationOptions).num_evaluation_episodes
    return Needs(
        parameters=counts,
        memory={
            # The critics have targets.
            "networks": trained + counts.critics * _NUMBER,
            "replay buffer": stored,
            "batch": rows * per_row * _NUMBER,
            "evaluation": episodes * _EPISODE,
        },
        # Two snapshots, which hold no gradients.
        disk=stored + 2 * (trained * 3 // 4 + counts.critics * _NUMBER),
    )


def row_size(config: ExperimentConfig, task_set: TaskSet) -> int:
    """Return the numbers of a stored transition."""
    (observation_size,), (action_size,) = (
        task_set.observation_space.shape,
        task_set.action_space.shape,
    )
    sharing: DataSharing = config.member("data")(
        DataParts(task_set=task_set), config.member_options("data")
    )
    return TransitionLayout(
        observation_size=observation_size,
        action_size=action_size,
        n_relabelled=task_set.n_tasks if sharing.stores_all_rewards else 0,
    ).size


def _gib(n_bytes: int) -> str:
    return f"{n_bytes / 2**30:,.2g} GiB" if n_bytes < 2**33 else f"{n_bytes / 2**30:,.0f} GiB"

"""The update-to-data ratio as one number: updates for a step of every task's environment."""

from __future__ import annotations

from learning.errors import ConfigError

NAME = "updates_per_vector_step"
"""Its name, on the command line with two dashes before it."""


def gradient_steps(ratio: float, *, batch_size: int, n_tasks: int, schedule: str) -> int:
    """Return the `gradient_steps_per_itr` that makes so many updates.

    Args:
        ratio: Batched updates for a vector step, each a gradient step of every task.
        batch_size: Env steps of an iteration, over the tasks.
        n_tasks: Tasks T.
        schedule: The run's `update_schedule`: what gradient steps count.

    Raises:
        ConfigError: That is no positive whole number of updates.
    """
    vector_steps = batch_size / n_tasks
    updates = ratio * vector_steps
    if updates < 0.5 or abs(updates - round(updates)) > 1e-6:
        nearest = max(1, round(updates))
        raise ConfigError(
            f"{NAME} = {ratio}: an iteration of batch_size = {batch_size} over {n_tasks} tasks has "
            f"{vector_steps:g} vector steps, and {updates:g} updates are no positive whole number; "
            f"allowed is such as {nearest / vector_steps:g}, or another batch_size"
        )
    return round(updates) * (1 if schedule == "shared" else n_tasks)

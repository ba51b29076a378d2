"""How many environment steps a run takes."""

from __future__ import annotations

from learning.algorithms.sac_options import SACOptions
from learning.algorithms.trainer_options import TrainerOptions
from learning.config.experiment_config import ExperimentConfig


def env_steps_after(config: ExperimentConfig, *, n_tasks: int, epochs: int) -> int:
    """Return the environment steps of a run's first epochs, in total over the tasks.

    The first collection fills the buffer to its minimum.

    Args:
        config: The run's config.
        n_tasks: T.
        epochs: How many epochs.
    """
    if epochs == 0:
        return 0
    trainer, sac = config.options(TrainerOptions), config.options(SACOptions)
    first = sac.min_buffer_size * n_tasks or trainer.batch_size
    return first + (epochs * sac.steps_per_epoch - 1) * trainer.batch_size

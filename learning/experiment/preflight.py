"""What can be known to fail before anything is built, told before anything is built."""

from __future__ import annotations

from pathlib import Path

from environments import make_task_set
from learning.algorithms.device import require_device
from learning.algorithms.device_options import DeviceOptions
from learning.config.experiment_config import ExperimentConfig
from learning.experiment.isolation import undisturbed
from learning.experiment.needs import Needs, needs_of
from learning.logging.run_folder import RunOptions, check_run_folder
from learning.logging.wandb_output import require_wandb


def check_before_start(config: ExperimentConfig) -> Needs:
    """Return what a new run needs of this machine; nothing is built and nothing is written.

    Raises:
        UserError: It cannot begin in its folder, its device or its logger is not there, or memory
            cannot hold it.
    """
    check_run_folder(Path(config.log_dir))
    return check_machine(config)


def check_machine(config: ExperimentConfig) -> Needs:
    """Return what a run needs of this machine, and refuse what it has not.

    Raises:
        UserError: Its device or its logger is not there, or memory cannot hold it.
    """
    require_device(config.options(DeviceOptions))
    if config.options(RunOptions).wandb:
        require_wandb()
    with undisturbed():
        needs = needs_of(config, make_task_set(config.env, **dict(config.env_options)))
    needs.require_memory()
    return needs

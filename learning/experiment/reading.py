"""Reads a run's config back, with the plug-ins that it needs."""

from __future__ import annotations

from pathlib import Path

from learning.config.experiment_config import ExperimentConfig
from learning.config.plugins import require_plugins
from learning.logging.run_description import read_description
from learning.logging.run_folder import CONFIG_FILE, read_file


def read_config(run_dir: Path, *, command: str, changed_plugin: bool = False) -> ExperimentConfig:
    """Read a run's config.

    Args:
        run_dir: The run's folder.
        command: What the user wants to do with it, such as "resume", for error messages.
        changed_plugin: Whether a plug-in may have another content than when the run began.

    Raises:
        RecordError: The folder holds no run.
        ConfigError: Its config.json is damaged or of a version that is not read here, or a plug-in
            of it has not been loaded or has changed.
    """
    # Before members and options are looked up, since plug-ins bring some.
    plugins = read_description(run_dir).plugins
    require_plugins(plugins, changed=changed_plugin, command=f"{command} {run_dir}")
    return ExperimentConfig.from_json(read_file(run_dir, CONFIG_FILE))

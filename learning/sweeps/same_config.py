"""Whether the run in a folder is the one that a grid means."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

from learning.config.experiment_config import ExperimentConfig
from learning.errors import ConfigError
from learning.logging.run_folder import CONFIG_FILE
from learning.sweeps.folder_state import folder_state
from learning.sweeps.grid_runs import ONE_THREAD, GridRun

_NEVER = ("config_version", "log_dir", "wandb")
"""Keys that say nothing of what is learned."""

_SHOWN = 4
"""How many differences an error names."""


def check_folders(path: pathlib.Path, runs: Iterable[GridRun]) -> None:
    """Refuse a grid one of whose folders holds a run with another config.

    Args:
        path: The grid's file, for the message.
        runs: Its runs. A folder whose config cannot be read is left to the run itself.

    Raises:
        ConfigError: Naming the line, the folder and what differs.
    """
    for run in runs:
        different = differences(run)
        if different:
            more = f" and {len(different) - _SHOWN} more" if len(different) > _SHOWN else ""
            raise ConfigError(
                f"{path}, line {run.line}: {run.folder} holds a run with another config: "
                f"{'; '.join(different[:_SHOWN])}{more}. Give the run in the grid a `name` of its "
                "own, or the sweep another folder with --out"
            )


def differences(run: GridRun) -> list[str]:
    """Return how the config of the run in a folder differs from the grid's, an entry an option."""
    if folder_state(run.folder).status in ("missing", "damaged"):
        return []
    try:
        text = (run.folder / CONFIG_FILE).read_text(encoding="utf-8")
        there = json.loads(ExperimentConfig.from_json(text).to_json())
    except ConfigError as error:
        return [str(error)]
    here = json.loads(run.config.to_json())
    # How many threads and processes a run has is the machine's affair, unless the grid says so.
    left_out = {*_NEVER, *(ONE_THREAD.keys() - run.given)}
    keys = [key for key in {**here, **there} if key not in left_out]
    return [
        f"{key} is {_shown(there, key)} there and {_shown(here, key)} in the grid"
        for key in keys
        if there.get(key) != here.get(key)
    ]


def _shown(values: Mapping[str, Any], key: str) -> str:
    text = json.dumps(values[key]) if key in values else "nothing"
    return text if len(text) <= 80 else f"{text[:80]}..."

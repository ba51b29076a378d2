"""Weights & Biases as one more output of garage's logger (`--wandb`)."""

import importlib
import json
import pathlib
from typing import Any

from dowel import LogOutput, TabularInput

from learning.config.experiment_config import ExperimentConfig
from learning.config.methods import config_label
from learning.errors import UserError
from learning.logging.columns import TOTAL_ENV_STEPS
from learning.logging.files import write_text
from learning.logging.outputs import numbers

REQUIREMENTS = "requirements-wandb.txt"
PROJECT = "multi-task-behaviour-sharing"
ID_FILE = "wandb_id.txt"


class WandbOutput(LogOutput):  # type: ignore[misc]  # dowel carries no types
    """Logs every row against TotalEnvSteps; a resumed run goes on under its id.

    Args:
        run_dir: the run's folder; it keeps the id.
        config: the run's config.

    Raises:
        UserError: wandb is not installed.
    """

    def __init__(self, run_dir: pathlib.Path, config: ExperimentConfig) -> None:
        """See the class."""
        self._run: Any = None
        try:
            wandb = importlib.import_module("wandb")
        except ModuleNotFoundError as error:
            raise UserError(
                f"--wandb needs Weights & Biases: pip install -r {REQUIREMENTS}"
            ) from error
        id_file = run_dir / ID_FILE
        if not id_file.exists():
            write_text(id_file, wandb.util.generate_id())
        self._run = wandb.init(
            project=PROJECT,
            name=f"{config_label(config)}-{config.env}-{config.name}_{config.seed}",
            dir=str(run_dir),
            config=json.loads(config.to_json()),
            id=id_file.read_text(encoding="utf-8"),
            resume="allow",
        )

    @property
    def types_accepted(self) -> tuple[type, ...]:
        """Rows only."""
        return (TabularInput,)

    def record(self, data: Any, prefix: str = "") -> None:
        """Logs a row's numbers, NaN (no evaluation in this epoch) left out.

        Args:
            data: the row; it has TotalEnvSteps.
            prefix: dowel's; unused for rows.
        """
        row = data.as_primitive_dict
        self._run.log(numbers(row), step=int(row[TOTAL_ENV_STEPS]))
        for key in row:
            data.mark(key)

    def close(self) -> None:
        """Ends the run at Weights & Biases."""
        if self._run is not None:
            self._run.finish()
            self._run = None

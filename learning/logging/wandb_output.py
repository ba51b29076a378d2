"""Weights & Biases as one more output of garage's logger (`--wandb`)."""

import importlib
import importlib.util
import pathlib
import sys
from collections.abc import Mapping
from typing import Any

from dowel import LogOutput, TabularInput

from learning.errors import UserError
from learning.logging.columns import TOTAL_ENV_STEPS
from learning.logging.files import write_text
from learning.logging.outputs import numbers

REQUIREMENTS = "requirements-wandb.txt"
PROJECT = "multi-task-behaviour-sharing"
ID_FILE = "wandb_id.txt"


def require_wandb() -> None:
    """Refuse to begin what could not be logged.

    Raises:
        UserError: Weights & Biases is not installed.
    """
    if "wandb" not in sys.modules and importlib.util.find_spec("wandb") is None:
        raise UserError(f"--wandb needs Weights & Biases: pip install -r {REQUIREMENTS}")


class WandbOutput(LogOutput):  # type: ignore[misc]  # dowel carries no types
    """Output that logs every row against TotalEnvSteps; a resumed run goes on under its id.

    Args:
        run_dir: Folder of the run; it keeps the id.
        name: Name of the run there.
        config: Config of the run, plain values.

    Raises:
        UserError: Weights & Biases is not installed.
    """

    def __init__(self, run_dir: pathlib.Path, *, name: str, config: Mapping[str, Any]) -> None:
        """See the class."""
        # First, since dowel also closes an output whose constructor failed.
        self._run: Any = None
        require_wandb()
        wandb = importlib.import_module("wandb")
        id_file = run_dir / ID_FILE
        if not id_file.exists():
            write_text(id_file, wandb.util.generate_id())
        self._run = wandb.init(
            project=PROJECT,
            name=name,
            dir=str(run_dir),
            config=dict(config),
            id=id_file.read_text(encoding="utf-8"),
            resume="allow",
        )

    @property
    def types_accepted(self) -> tuple[type, ...]:
        """Rows only."""
        return (TabularInput,)

    def record(self, data: Any, prefix: str = "") -> None:
        """Log a row's numbers, NaN (no evaluation in this epoch) left out.

        Args:
            data: Row to log; it has TotalEnvSteps.
            prefix: Prefix that dowel gives; unused for rows.
        """
        row = data.as_primitive_dict
        self._run.log(numbers(row), step=int(row[TOTAL_ENV_STEPS]))
        for key in row:
            data.mark(key)

    def close(self) -> None:
        """End the run at Weights & Biases."""
        if self._run is not None:
            self._run.finish()
            self._run = None

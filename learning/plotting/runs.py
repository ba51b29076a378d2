"""All rows of a run's record, as a figure of who acted needs them, and whether two may meet."""

import dataclasses
import functools
import pathlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from environments.options import OptionValue
from learning.analysis.comparability import protocol_differences
from learning.config.methods import method_label
from learning.errors import RecordError
from learning.logging.columns import OWN, TOTAL_ENV_STEPS
from learning.logging.record import read_protocol
from learning.logging.run_description import RunDescription, read_description
from learning.logging.run_folder import PROGRESS_FILE
from learning.logging.tables import read_rows


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """A run's record.

    Attributes:
        folder: The run's folder.
        config: What its config.json says.
        protocol: The run's protocol card.
        columns: Names of the columns of progress.csv.
        rows: Rows of progress.csv, text as in the file.
    """

    folder: pathlib.Path
    config: RunDescription
    protocol: dict[str, OptionValue]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    @functools.cached_property
    def label(self) -> str:
        """The method's name, and the members that differ from its row."""
        return method_label(self.config.method, self.config.values)

    @functools.cached_property
    def tasks(self) -> tuple[str, ...]:
        """Tasks with columns of their own, in the order of the columns."""
        parts = [name.split("/") for name in self.columns if name.startswith(f"{OWN}/")]
        return tuple(dict.fromkeys(part[1] for part in parts if len(part) == 3))

    def curve(self, name: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
        """Return a column against the environment steps.

        Args:
            name: Name of the column.

        Returns:
            Environment steps, in total over the tasks, and values, of the rows in which the column
            is a number, each [N]; None where there is no such column or row.
        """
        if name not in self.columns:
            return None
        steps, values = (
            np.array([float(row[self.columns.index(each)]) for row in self.rows])
            for each in (TOTAL_ENV_STEPS, name)
        )
        evaluated = ~np.isnan(values)
        return (steps[evaluated], values[evaluated]) if evaluated.any() else None


def read_run(folder: pathlib.Path) -> Run:
    """Read a run's record.

    Raises:
        RecordError: The folder holds no run, or a run without a row.
    """
    path = folder / PROGRESS_FILE
    if not path.is_file():
        raise RecordError(f"{folder} is not the folder of a run: it has no {PROGRESS_FILE}")
    columns, rows = read_rows(path)
    if not rows or TOTAL_ENV_STEPS not in columns:
        raise RecordError(f"{path} has no rows with {TOTAL_ENV_STEPS} yet")
    return Run(
        folder=folder,
        config=read_description(folder),
        protocol=read_protocol(folder),
        columns=columns,
        rows=rows,
    )


def require_one_protocol(runs: Sequence[Run]) -> None:
    """Raise unless all runs were made under one protocol.

    Raises:
        RecordError: They were not; the message names the keys that differ, and their values.
    """
    differences = [f"  {line}" for line in protocol_differences([run.protocol for run in runs])]
    if differences:
        raise RecordError(
            "these runs were made under different protocols, so that their numbers do not compare; "
            "--force draws them all the same. They differ in:\n" + "\n".join(differences)
        )

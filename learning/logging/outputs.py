"""Where garage's logger (dowel) writes: progress.csv and TensorBoard."""

import math
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorboardX
from dowel import LogOutput, TabularInput

from learning.logging.columns import EPOCH, TOTAL_ENV_STEPS
from learning.logging.tables import Table, truncate_rows


def numbers(row: Mapping[str, Any]) -> dict[str, float]:
    """Return a row's numbers; NaN (no evaluation in this epoch) is left out."""
    return {
        key: float(value)
        for key, value in row.items()
        if isinstance(value, (int, float, np.number)) and not math.isnan(value)
    }


class StrictCsvOutput(LogOutput):  # type: ignore[misc]  # dowel carries no types
    """Output to progress.csv: every key in every row; another set of keys is an error.

    dowel's own CsvOutput rewrites the file with the union of the keys, in the order of a set.

    Args:
        path: CSV file.
        resume_after: When resuming, the epoch of the snapshot: later rows are taken back.
    """

    def __init__(self, path: pathlib.Path, *, resume_after: int | None = None) -> None:
        """See the class."""
        if resume_after is not None:
            truncate_rows(path, EPOCH, resume_after)
        self._table = Table(path)

    @property
    def types_accepted(self) -> tuple[type, ...]:
        """Rows only."""
        return (TabularInput,)

    def record(self, data: Any, prefix: str = "") -> None:
        """Write a row.

        Args:
            data: Row to write.
            prefix: Prefix that dowel gives; unused for rows.

        Raises:
            ValueError: The row's keys are not those of the first row.
        """
        row = data.as_primitive_dict
        self._table.append(row)
        # dowel warns of a key that no output has marked.
        for key in row:
            data.mark(key)

    def close(self) -> None:
        """Close the file; also called by dowel when the output goes, however it was made."""
        if hasattr(self, "_table"):
            self._table.close()


class TensorBoardOutput(LogOutput):  # type: ignore[misc]  # dowel carries no types
    """Output of TensorBoard scalars against TotalEnvSteps; NaN (not evaluated) is left out.

    Args:
        run_dir: Folder of the run.
        purge_after: When resuming, TotalEnvSteps of the snapshot: TensorBoard hides later events.
    """

    def __init__(self, run_dir: pathlib.Path, *, purge_after: int | None = None) -> None:
        """See the class."""
        # TensorBoard hides the purge step too; the snapshot's own is to stay.
        purge_step = None if purge_after is None else purge_after + 1
        self._writer = tensorboardX.SummaryWriter(str(run_dir), purge_step=purge_step)

    @property
    def types_accepted(self) -> tuple[type, ...]:
        """Rows only."""
        return (TabularInput,)

    def record(self, data: Any, prefix: str = "") -> None:
        """Write a row's numbers.

        Args:
            data: Row to write; it has TotalEnvSteps.
            prefix: Prefix that dowel gives; unused for rows.
        """
        row = data.as_primitive_dict
        for key, value in numbers(row).items():
            self._writer.add_scalar(key, value, int(row[TOTAL_ENV_STEPS]))
        for key in row:
            data.mark(key)

    def dump(self, step: int | None = None) -> None:
        """Write what is buffered to the disk."""
        self._writer.flush()

    def close(self) -> None:
        """Close the event file."""
        if hasattr(self, "_writer"):
            self._writer.close()

"""Where garage's logger (dowel) writes: progress.csv, TensorBoard and the text log."""

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
    """progress.csv: every key in every row; another set of keys is an error.

    dowel's own CsvOutput rewrites the file with the union of the keys, in the order of a set.

    Args:
        path: the file.
        resume_after: when resuming, the epoch of the snapshot: later rows are taken back.
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
        """Writes a row.

        Args:
            data: the row.
            prefix: dowel's; unused for rows.

        Raises:
            ValueError: its keys are not those of the first row.
        """
        row = data.as_primitive_dict
        self._table.append(row)
        for key in row:
            data.mark(key)

    def close(self) -> None:
        """Closes the file; also called by dowel when the output goes, however it was made."""
        if hasattr(self, "_table"):
            self._table.close()


class TensorBoardOutput(LogOutput):  # type: ignore[misc]  # dowel carries no types
    """TensorBoard scalars against TotalEnvSteps; NaN (no evaluation in this epoch) is left out.

    Args:
        run_dir: the run's folder.
        purge_after: when resuming, TotalEnvSteps of the snapshot: TensorBoard hides later events.
    """

    def __init__(self, run_dir: pathlib.Path, *, purge_after: int | None = None) -> None:
        """See the class."""
        purge_step = None if purge_after is None else purge_after + 1
        self._writer = tensorboardX.SummaryWriter(str(run_dir), purge_step=purge_step)

    @property
    def types_accepted(self) -> tuple[type, ...]:
        """Rows only."""
        return (TabularInput,)

    def record(self, data: Any, prefix: str = "") -> None:
        """Writes a row's numbers.

        Args:
            data: the row; it has TotalEnvSteps.
            prefix: dowel's; unused for rows.
        """
        row = data.as_primitive_dict
        for key, value in numbers(row).items():
            self._writer.add_scalar(key, value, int(row[TOTAL_ENV_STEPS]))
        for key in row:
            data.mark(key)

    def dump(self, step: int | None = None) -> None:
        """Writes what is buffered to the disk."""
        self._writer.flush()

    def close(self) -> None:
        """Closes the event file."""
        if hasattr(self, "_writer"):
            self._writer.close()


class TextLogOutput(LogOutput):  # type: ignore[misc]  # dowel carries no types
    """debug.log: garage's messages, which would drown the progress on the terminal.

    Args:
        path: the file; messages are appended.
    """

    def __init__(self, path: pathlib.Path) -> None:
        """See the class."""
        self._file = path.open("a", encoding="utf-8")

    @property
    def types_accepted(self) -> tuple[type, ...]:
        """Messages only."""
        return (str,)

    def record(self, data: Any, prefix: str = "") -> None:
        """Writes a message.

        Args:
            data: the message.
            prefix: what dowel puts before it.
        """
        self._file.write(f"{prefix}{data}\n")

    def dump(self, step: int | None = None) -> None:
        """Writes what is buffered to the disk."""
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if hasattr(self, "_file"):
            self._file.close()

"""CSV tables that grow by a row and survive a kill at any moment."""

import csv
import io
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from learning.disk.reading import text_of
from learning.errors import RecordError
from learning.logging.files import write_text

Cell = str | int | float | bool


class Table:
    """A CSV file whose columns are fixed by its first row; each row is flushed when written.

    Args:
        path: CSV file; where it exists and has a header, rows are appended (for resuming, call
            `truncate_rows` first).
    """

    def __init__(self, path: pathlib.Path) -> None:
        """See the class."""
        self._path = path
        self._columns = _header(path)
        self._file = path.open("a", encoding="utf-8", newline="")

    def append(self, row: Mapping[str, Cell]) -> None:
        """Write a row.

        Args:
            row: Column -> value; the first row of the file fixes the columns and their order.

        Raises:
            ValueError: The row has other columns than the file.
        """
        writer = csv.writer(self._file, lineterminator="\n")
        if self._columns is None:
            self._columns = list(row)
            writer.writerow(self._columns)
        if row.keys() != set(self._columns):
            missing = sorted(set(self._columns) - row.keys())
            new = sorted(row.keys() - set(self._columns))
            raise ValueError(
                f"a row of {self._path} must have the columns of its first: "
                f"missing {missing}, new {new}"
            )
        writer.writerow([_plain(row[column]) for column in self._columns])
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_rows(path: pathlib.Path) -> tuple[list[str], list[list[str]]]:
    """Read a table that may have lost the end of its last line.

    Args:
        path: CSV file.

    Returns:
        Columns and complete rows; both empty for a file without a complete header.

    Raises:
        RecordError: It is no text, or a line before the last is damaged.
    """
    whole, _, _torn = text_of(path).rpartition("\n")
    try:
        lines = list(csv.reader(io.StringIO(whole)))
    except csv.Error as error:
        raise RecordError(f"{path} is damaged: {error}") from error
    if not lines:
        return [], []
    columns, rows = lines[0], lines[1:]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(columns):
            raise RecordError(
                f"{path}, line {number}: {len(row)} values under {len(columns)} columns"
            )
    return columns, rows


def integers_of(path: pathlib.Path, column: str) -> list[int]:
    """Return a column of integers; none where the file is missing or has no complete header.

    Raises:
        RecordError: A line before the last is damaged, or the column is not there.
    """
    if not path.exists():
        return []
    columns, rows = read_rows(path)
    if not columns:
        return []
    if column not in columns:
        raise RecordError(f"{path} has no column {column}")
    position = columns.index(column)
    return [_integer(path, line, row[position]) for line, row in enumerate(rows, start=2)]


def truncate_rows(path: pathlib.Path, column: str, last: int) -> int | None:
    """Take back the rows after a snapshot, and a torn last line.

    Args:
        path: File written by `Table`; it may be missing.
        column: Column of integers that never decrease.
        last: Greatest value to keep.

    Returns:
        Greatest value kept; None where no row is left.

    Raises:
        RecordError: A line before the last is damaged, or the column is not there.
    """
    if not path.exists():
        return None
    columns, rows = read_rows(path)
    if not columns:
        # Its very header is torn: the next row is to begin the file.
        write_text(path, "")
        return None
    numbers = integers_of(path, column)
    kept = [row for row, number in zip(rows, numbers, strict=True) if number <= last]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *kept])
    write_text(path, text.getvalue())
    return max((number for number in numbers if number <= last), default=None)


def _integer(path: pathlib.Path, line: int, cell: str) -> int:
    try:
        return int(cell)
    except ValueError as error:
        raise RecordError(f"{path}, line {line}: {cell[:40]!r} is no integer") from error


def _header(path: pathlib.Path) -> Sequence[str] | None:
    if not path.exists():
        return None
    columns, _ = read_rows(path)
    return columns or None


def _plain(value: Cell) -> Cell:
    return value.item() if isinstance(value, np.generic) else value

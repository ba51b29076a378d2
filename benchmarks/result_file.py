"""How the numbers of a benchmark are kept: CSV, a header and a line a row."""

import csv
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any


def write_rows(path: pathlib.Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of equal keys, at least one; the folder is made where there is none.

    Args:
        path: CSV file; one that is there is written anew.
        rows: Rows, column -> value.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

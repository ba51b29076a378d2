"""A table for programs: CSV and JSON, a record a cell, with all digits."""

import csv
import io
import json
import math
from collections.abc import Iterator
from typing import Any

from learning.analysis.tables import Cell, Column, Table
from learning.analysis.thresholds import Arrivals


def records(table: Table) -> Iterator[dict[str, Any]]:
    """Yield a record a cell that is not empty: numbers, None for what there is none of."""
    for label, line in zip(table.rows, table.cells, strict=True):
        for column, cell in zip(table.columns, line, strict=True):
            if cell is not None:
                yield _record(table, label, column, cell)


_NOT_OF_ARRIVALS = ("mean", "mean_low", "mean_high", "paper", "iqm", "iqm_low", "iqm_high")


def _record(table: Table, label: str, column: Column, cell: Cell | Arrivals) -> dict[str, Any]:
    record: dict[str, Any] = {
        "label": label,
        "env": column.env,
        "measure": table.measure,
        "who": table.who,
        "column": column.name,
    }
    if isinstance(cell, Cell):
        return record | {
            "runs": cell.n_runs,
            "mean": _finite(cell.mean),
            "mean_low": _finite(cell.mean_interval.low),
            "mean_high": _finite(cell.mean_interval.high),
            "paper": cell.paper,
            "iqm": _finite(cell.iqm),
            "iqm_low": _finite(cell.iqm_interval.low),
            "iqm_high": _finite(cell.iqm_interval.high),
            "reached_share": None,
            "reached_low": None,
            "reached_high": None,
            "median_steps": None,
            "seeds": dict(zip(map(str, cell.seeds), cell.values, strict=True)),
            "missing": {str(seed): reason for seed, reason in cell.missing},
        }
    nothing = dict.fromkeys(_NOT_OF_ARRIVALS, None)
    return record | {
        "runs": len(cell.arrivals),
        **nothing,
        "reached_share": cell.share,
        "reached_low": cell.low,
        "reached_high": cell.high,
        "median_steps": _finite(cell.median),
        "seeds": {str(each.seed): None if each.censored else each.steps for each in cell.arrivals},
        "missing": {
            str(each.seed): f"not reached by {each.steps}"
            for each in cell.arrivals
            if each.censored
        },
    }


def to_json(table: Table) -> str:
    """Return the table as a JSON object: cells and notes; what is not a number is null."""
    content = {"cells": list(records(table)), "notes": list(table.notes)}
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def to_csv(table: Table) -> str:
    """Return the table as CSV, a line a cell.

    `seeds` and `missing` are `seed: value` pairs, separated by semicolons. The notes have no place
    in it.
    """
    text = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for record in records(table):
        flat = {
            key: "; ".join(f"{seed}: {each}" for seed, each in value.items() if each is not None)
            if isinstance(value, dict)
            else value
            for key, value in record.items()
        }
        if writer is None:
            writer = csv.DictWriter(text, list(flat), lineterminator="\n")
            writer.writeheader()
        writer.writerow(flat)
    return text.getvalue()


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

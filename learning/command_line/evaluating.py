"""What `run.py eval` prints and writes of an evaluation."""
# ruff: noqa: PLC0415 (heavy imports wait until the command is given, so that --help is quick)

from __future__ import annotations

import csv
import io
import json
import pathlib
from collections.abc import Mapping
from typing import Any

from learning.command_line.tables import columns_table, evaluation_rows


def evaluation_texts(
    columns: Mapping[str, float], what: Mapping[str, Any], *, as_json: bool
) -> tuple[str, str]:
    """Return an evaluation as a table to look at, and as a row a task and policy to keep.

    Args:
        columns: See `columns_table`.
        what: See `which_evaluation`.
        as_json: Whether what is kept is JSON, else CSV.
    """
    shown = f"{_head(what)}\n\n{columns_table(columns)}"
    rows = [{**what, **row} for row in evaluation_rows(columns)]
    return shown, json.dumps(rows, indent=2) + "\n" if as_json else _csv(rows)


def which_evaluation(
    run_dir: pathlib.Path, snapshot: str | None, episodes: int | None
) -> dict[str, Any]:
    """Return which evaluation it is: the epoch, and the episodes of one policy over the tasks."""
    from learning.logging.run_description import read_description
    from learning.sweeps.folder_state import snapshot_names

    values = read_description(run_dir).values
    names = snapshot_names(run_dir)
    name = snapshot or (names[-1] if names else "")
    epoch = name.removeprefix("epoch_")
    return {
        "epoch": int(epoch) if epoch.isdigit() else None,
        "episodes_over_tasks": episodes or values.get("num_evaluation_episodes"),
    }


def _head(what: Mapping[str, Any]) -> str:
    return (
        f"After epoch {what['epoch']}, {what['episodes_over_tasks']} episodes of every policy, in "
        "total over the tasks"
    )


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()

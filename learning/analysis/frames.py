"""Runs as tidy pandas DataFrames: one row an evaluation, run, actor and task."""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from learning.analysis.measures import ACTORS, MEASURES, TASK
from learning.analysis.reading import OnDamage, read_runs
from learning.analysis.run_record import Array, RunRecord
from learning.errors import RecordError
from learning.logging.columns import EPOCH, TOTAL_ENV_STEPS, column

if TYPE_CHECKING:
    import pandas as pd

Tasks = Literal["each", "mean"]
INDEX = ("run", "label", "method", "env", "seed", "precision", "finished", "env_steps", "epoch")
"""Columns of every frame that say which evaluation it is; then come `task`, `who`, the measures."""


class RunWarning(UserWarning):
    """Something about the runs that a reader of their numbers must know."""


def load_runs(
    paths: Iterable[pathlib.Path | str] | pathlib.Path | str,
    *,
    tasks: Tasks = "each",
    columns: Sequence[str] = (),
    on_damage: OnDamage = "error",
) -> pd.DataFrame:
    """Read runs into a tidy DataFrame.

    Args:
        paths: Folders of runs, folders that hold such at any depth, files `<label>_seed<seed>.csv`
            as in `results/`, or folders of them.
        tasks: `each`: a row a task. `mean`: a row for the mean over the tasks, and no column
            `task`. The two are never in one frame, so that nothing counts twice.
        columns: Further columns of progress.csv; `<task>` in a name stands for every task's, which
            `each` has.
        on_damage: Whether a damaged run is an error, or is left out with a warning.

    Returns:
        One row an evaluation, run, actor and, with `each`, task. Columns: run (folder or file),
        label, method, env, seed, precision, finished, env_steps (training's, in total over the
        tasks), epoch, task, who (own or mixture), success, any_subgoal, return, and `columns`.
        What a run does not measure is NaN; what a CSV file does not say is None.

    Raises:
        RecordError: See `read_runs`; or no run has a column of `columns`.

    Warns:
        RunWarning: A run has not ended or has no evaluation, see `Reading.notes`.
    """
    places = [paths] if isinstance(paths, (str, pathlib.Path)) else list(paths)
    reading = read_runs([pathlib.Path(each) for each in places], on_damage=on_damage)
    for note in reading.notes:
        warnings.warn(note, RunWarning, stacklevel=2)
    return runs_frame(reading.runs, tasks=tasks, columns=columns)


def runs_frame(
    runs: Sequence[RunRecord], *, tasks: Tasks = "each", columns: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the frame of runs that have been read; see `load_runs`."""
    import pandas as pd  # noqa: PLC0415 (slow to import, and training needs none)

    for name in columns:
        if (TASK in name) != (tasks == "each"):
            fitting = "a column a task has <task> in its name; the others belong to tasks='mean'"
            raise RecordError(f"column {name!r} with tasks={tasks!r}: {fitting}")
        if not any(name.replace(TASK, task) in run.columns for run in runs for task in run.tasks):
            raise RecordError(f"no run has a column {name}")
    parts = [
        _rows(run, who, task, columns)
        for run in runs
        for who in ACTORS
        if column(ACTORS[who], MEASURES["success"]) in run.columns
        for task in (run.tasks if tasks == "each" else (None,))
    ]
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def _rows(
    run: RunRecord, who: str, task: str | None, columns: Sequence[str]
) -> dict[str, object | Array]:
    """Return the columns of a run's rows for an actor and a task; None: the mean over the tasks."""
    nothing = np.full(len(run.columns[TOTAL_ENV_STEPS]), np.nan)
    steps = run.columns[TOTAL_ENV_STEPS]
    measured = {name: column(ACTORS[who], MEASURES[name], task) for name in MEASURES}
    measured |= {name: name.replace(TASK, task or TASK) for name in columns}
    return {
        "run": str(run.source),
        "label": run.label,
        "method": run.method,
        "env": run.env,
        "seed": run.seed,
        "precision": run.precision,
        "finished": run.finished,
        "env_steps": steps.astype(np.int64),
        "epoch": run.columns[EPOCH].astype(np.int64) if EPOCH in run.columns else nothing,
        **({} if task is None else {"task": task}),
        "who": who,
        **{name: run.columns.get(column_name, nothing) for name, column_name in measured.items()},
    }

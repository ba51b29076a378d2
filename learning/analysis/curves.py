"""From a frame to the curve of each run: env steps, and a value a task."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from learning.analysis.statistics import Array
from learning.errors import RecordError

if TYPE_CHECKING:
    import pandas as pd

MEAN = "mean over tasks"
"""What stands for the tasks' names where a frame has no column `task`."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunCurve:
    """What one run measured.

    Attributes:
        label: Name of what was run.
        env: Id of the task set.
        seed: Seed of the run.
        run: Its folder or file.
        tasks: Names of the tasks.
        steps: Env steps of its evaluations, in total over the tasks, [N].
        values: Values [N, tasks].
    """

    label: str
    env: str
    seed: int
    run: str
    tasks: tuple[str, ...]
    steps: Array
    values: Array


def run_curves(frame: pd.DataFrame, measure: str, who: str) -> list[RunCurve]:
    """Return the curves of a frame, sorted by task set, label and seed.

    Args:
        frame: What `load_runs` returns.
        measure: Column of the values.
        who: `own` or `mixture`; runs in which it never acts are left out.

    Raises:
        RecordError: No run has a number there.
    """
    import pandas as pd  # noqa: PLC0415 (slow to import)

    rows = frame[frame["who"] == who]
    curves = []
    for key, part in rows.groupby(["env", "label", "seed", "run"], sort=True):
        env, label, seed, run = key
        if part[measure].isna().all():
            continue
        if "task" in part:
            tasks = tuple(pd.unique(part["task"]))
            table = part.pivot(index="env_steps", columns="task", values=measure)[list(tasks)]
        else:
            tasks = (MEAN,)
            table = part.set_index("env_steps")[[measure]]
        table = table.sort_index()
        curves.append(
            RunCurve(
                label=str(label),
                env=str(env),
                seed=int(seed),
                run=str(run),
                tasks=tasks,
                steps=table.index.to_numpy(float),
                values=table.to_numpy(float),
            )
        )
    if not curves:
        raise RecordError(f"no run has numbers of {measure} with {who} acting")
    return curves

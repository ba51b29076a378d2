"""Tables of methods: what is in them, apart from how they are written."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from learning.analysis.bootstrap import NO_INTERVAL, RESAMPLES, Interval, interval
from learning.analysis.curves import RunCurve
from learning.analysis.papers import PaperNumber, find_number
from learning.analysis.points import At, Point
from learning.analysis.scores import Scores, gather
from learning.analysis.statistics import iqm, mean
from learning.analysis.thresholds import Arrivals, arrivals

FEW_SEEDS = 5
"""Number of seeds below which an interval means little."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cell:
    """What a table says of one method at one point.

    Attributes:
        n_runs: Runs there are; those without a number here among them.
        seeds: Seeds of the runs with a number.
        values: Each one's mean over the tasks.
        mean: Mean over runs and tasks; NaN where there is no run.
        mean_interval: Its 95 % interval.
        iqm: Interquartile mean over runs and tasks.
        iqm_interval: Its 95 % interval.
        missing: Seed and reason of each run without a number.
        paper: What a paper reports of the method here; None: nothing.
    """

    n_runs: int
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    mean: float
    mean_interval: Interval
    iqm: float
    iqm_interval: Interval
    missing: tuple[tuple[int, str], ...]
    paper: float | None = None


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        env: Id of the task set.
        name: Env steps, window, area or threshold.
    """

    env: str
    name: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Table:
    """Methods by points.

    Attributes:
        measure: What is measured.
        who: Who acts, `own` or `mixture`.
        tasks: Number of tasks of each task set.
        rows: Labels.
        columns: Columns.
        cells: A cell a row and column; None where a method has no run of the task set.
        notes: What a reader must know.
    """

    measure: str
    who: str
    tasks: dict[str, int]
    rows: tuple[str, ...]
    columns: tuple[Column, ...]
    cells: tuple[tuple[Cell | Arrivals | None, ...], ...]
    notes: tuple[str, ...]


def make_table(
    curves: Sequence[RunCurve],
    points: Sequence[Point],
    *,
    measure: str,
    who: str,
    thresholds: Sequence[float] = (),
    papers: Sequence[PaperNumber] = (),
    bounds: tuple[float, float] = (-math.inf, math.inf),
    n_resamples: int = RESAMPLES,
    seed: int = 0,
) -> Table:
    """Return the table of some runs.

    Args:
        curves: Runs.
        points: Where to look, a column each.
        measure: Name of what the curves measure.
        who: Who acts.
        thresholds: A column each: env steps until the mean over the tasks is there.
        papers: What papers report, which stands beside ours at the same env steps.
        bounds: Numbers between which a mean of the measure must lie.
        n_resamples: How often the runs are resampled.
        seed: Seed of the resampling.
    """
    groups: dict[tuple[str, str], list[RunCurve]] = {}
    for curve in curves:
        groups.setdefault((curve.label, curve.env), []).append(curve)
    rows = tuple(dict.fromkeys(label for label, _ in groups))
    envs = tuple(dict.fromkeys(env for _, env in groups))
    looks: list[Point | float] = [*points, *thresholds]
    columns = [(env, look) for env in envs for look in looks]
    sources: dict[str, None] = {}

    def of_paper(label: str, env: str, look: Point) -> float | None:
        if not isinstance(look, At):
            return None
        found = find_number(papers, label=label, env=env, env_steps=look.steps, metric=measure)
        if found is None:
            return None
        sources[f"paper: {found.source}"] = None
        return found.value

    def fill(label: str, env: str, look: Point | float) -> Cell | Arrivals | None:
        runs = groups.get((label, env))
        if runs is None:
            return None
        if isinstance(look, Point):
            scores = gather(runs, look)
            cell = make_cell(scores, bounds=bounds, n_resamples=n_resamples, seed=seed)
            return dataclasses.replace(cell, paper=of_paper(label, env, look))
        return arrivals(runs, look)

    cells = tuple(tuple(fill(label, env, look) for env, look in columns) for label in rows)
    heads = tuple(
        Column(env, look.name if isinstance(look, Point) else f"env steps to {look:g}")
        for env, look in columns
    )
    return Table(
        measure=measure,
        who=who,
        tasks={env: len(next(c.tasks for c in curves if c.env == env)) for env in envs},
        rows=rows,
        columns=heads,
        cells=cells,
        notes=(*sources, *_notes(rows, heads, cells)),
    )


def make_cell(
    scores: Scores,
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    n_resamples: int = RESAMPLES,
    seed: int = 0,
) -> Cell:
    """Return the statistics of a method's scores; see `make_table`."""
    n_runs = len(scores.seeds) + len(scores.missing)
    if not scores.seeds:
        return Cell(
            n_runs=n_runs,
            seeds=(),
            values=(),
            mean=math.nan,
            mean_interval=NO_INTERVAL,
            iqm=math.nan,
            iqm_interval=NO_INTERVAL,
            missing=scores.missing,
        )
    mean_interval, iqm_interval = (
        interval(scores.values, statistic, bounds=bounds, n_resamples=n_resamples, seed=seed)
        for statistic in (mean, iqm)
    )
    return Cell(
        n_runs=n_runs,
        seeds=scores.seeds,
        values=tuple(np.mean(scores.values, axis=1).tolist()),
        mean=float(mean(scores.values)),
        mean_interval=mean_interval,
        iqm=float(iqm(scores.values)),
        iqm_interval=iqm_interval,
        missing=scores.missing,
    )


def missing_runs(missing: Sequence[tuple[int, str]]) -> list[str]:
    """Return who is missing and why, seeds of one reason together: `seed 1, 3: <reason>`.

    Args:
        missing: Seed and reason of each run.
    """
    seeds: dict[str, list[str]] = {}
    for seed, reason in missing:
        seeds.setdefault(reason, []).append(str(seed))
    return [f"seed {', '.join(each)}: {reason}" for reason, each in seeds.items()]


def _notes(
    rows: Sequence[str],
    columns: Sequence[Column],
    cells: Sequence[Sequence[Cell | Arrivals | None]],
) -> list[str]:
    """Return what must be said of few seeds, missing numbers and censored runs."""
    notes: dict[str, None] = {}
    few = [
        label
        for label, line in zip(rows, cells, strict=True)
        if any(isinstance(cell, Cell) and len(cell.seeds) < FEW_SEEDS for cell in line)
    ]
    if few:
        notes[
            f"fewer than {FEW_SEEDS} seeds ({', '.join(few)}): the interval means little, look at "
            "the seeds, their least and their greatest"
        ] = None
    flat = [
        (label, column, cell)
        for label, line in zip(rows, cells, strict=True)
        for column, cell in zip(columns, line, strict=True)
    ]
    for label, column, cell in flat:
        where = f"{label}, {column.env}, {column.name}"
        if isinstance(cell, Cell):
            notes |= dict.fromkeys(
                f"missing: {where}, {said}" for said in missing_runs(cell.missing)
            )
        if isinstance(cell, Arrivals) and cell.early:
            seeds = ", ".join(map(str, cell.early))
            notes[
                f"{where}: seed {seeds} ended without reaching it before others of the same method "
                "did; it counts as later than they, which is a guess"
            ] = None
    same = [
        f"{label} at {column.name}"
        for label, column, cell in flat
        if isinstance(cell, Cell) and len(cell.seeds) > 1 and len(set(cell.values)) == 1
    ]
    if same:
        notes[f"all seeds have one value, so that the interval says nothing: {'; '.join(same)}"] = (
            None
        )
    return list(notes)

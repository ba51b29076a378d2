"""A paper's numbers beside a grid: `NAME.csv` beside `NAME.toml`, a row a number.

Columns: `label` (of the grid's runs), `env`, `env_steps` (in total over the tasks, where the number
was read), `metric` (`success`, `any_subgoal` or `return`), `value` (success as a share from 0 to
1) and `source` (paper, figure, and how it was read).
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable

from learning.analysis.papers import PaperNumber
from learning.errors import ConfigError
from learning.sweeps.grid_file import Grid
from learning.sweeps.grid_runs import GridRun

__all__ = ("COLUMNS", "METRICS", "PaperNumber", "read_paper_numbers")

COLUMNS = ("label", "env", "env_steps", "metric", "value", "source")
METRICS = ("success", "any_subgoal", "return")


def read_paper_numbers(grid: Grid, runs: Iterable[GridRun]) -> tuple[PaperNumber, ...]:
    """Read the paper's numbers that stand beside a grid; none where there is no file.

    Args:
        grid: The grid.
        runs: Its runs.

    Raises:
        ConfigError: A row is not as it has to be, is there twice, or is of no run of the grid;
            the message names the file and the line.
    """
    path = grid.path.with_suffix(".csv")
    if not path.exists():
        return ()
    known = {(run.label, run.config.env) for run in runs}
    lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    numbers: dict[tuple[str, str, int, str], PaperNumber] = {}
    for cells in lines:
        place = f"{path}, line {lines.line_num}"
        if lines.line_num == 1:
            if tuple(cells) != COLUMNS:
                raise ConfigError(f"{place}: the columns have to be {','.join(COLUMNS)}")
            continue
        number = _number(place, cells)
        key = (number.label, number.env, number.env_steps, number.metric)
        if (number.label, number.env) not in known:
            labels = ", ".join(sorted({label for label, _ in known}))
            raise ConfigError(
                f"{place}: the grid has no runs {number.label!r} on {number.env}; its labels: "
                f"{labels}"
            )
        if key in numbers:
            raise ConfigError(f"{place}: this number is there twice")
        numbers[key] = number
    return tuple(numbers.values())


def _number(place: str, cells: list[str]) -> PaperNumber:
    if len(cells) != len(COLUMNS):
        raise ConfigError(f"{place}: {len(cells)} values under {len(COLUMNS)} columns")
    label, env, env_steps, metric, value, source = (cell.strip() for cell in cells)
    if metric not in METRICS:
        raise ConfigError(f"{place}: metric {metric!r}: allowed is one of {', '.join(METRICS)}")
    if not source:
        raise ConfigError(f"{place}: a number needs its source")
    try:
        steps, mean = int(env_steps), float(value)
    except ValueError as error:
        raise ConfigError(f"{place}: {error}") from error
    if steps < 0 or not math.isfinite(mean):
        raise ConfigError(f"{place}: env_steps and value have to be finite, steps from 0")
    if metric != "return" and not 0 <= mean <= 1:
        raise ConfigError(f"{place}: value {value}: {metric} is a share from 0 to 1")
    return PaperNumber(
        label=label, env=env, env_steps=steps, metric=metric, value=mean, source=source
    )

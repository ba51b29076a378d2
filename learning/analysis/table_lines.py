"""What a cell of a table says, line by line, for every way of writing it."""

import math

from learning.analysis.bootstrap import Interval
from learning.analysis.measures import MEASURES
from learning.analysis.tables import FEW_SEEDS, Cell, Table
from learning.analysis.thresholds import Arrivals

WORDS = {"own": "own policies acting", "mixture": "the mixture acting"}


def number(value: float) -> str:
    """Return a number as tables show it: three decimals, or four digits where it is large."""
    if math.isnan(value):
        return "nan"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"


def interval_text(interval: Interval) -> str:
    """Return `[low, high]`; of a single run that there is none."""
    if math.isnan(interval.low):
        return "[no interval]"
    return f"[{number(interval.low)}, {number(interval.high)}]"


def cell_lines(cell: Cell | Arrivals | None) -> list[str]:
    """Return the lines of a cell.

    The mean, the interquartile mean, each with its 95 % interval; between them what a paper
    reports; least and greatest seed where there are few; every seed; how many are missing.

    Args:
        cell: The cell; None: an empty one.
    """
    if cell is None:
        return [""]
    if isinstance(cell, Arrivals):
        return _arrival_lines(cell)
    paper = [] if cell.paper is None else [f"paper {number(cell.paper)}"]
    if not cell.seeds:
        return [f"missing (0 of {cell.n_runs} runs)", *paper]
    lines = [
        f"{number(cell.mean)} {interval_text(cell.mean_interval)}",
        *paper,
        f"IQM {number(cell.iqm)} {interval_text(cell.iqm_interval)}",
    ]
    if 1 < len(cell.seeds) < FEW_SEEDS:
        lines.append(f"min {number(min(cell.values))} max {number(max(cell.values))}")
    lines.append(f"seeds {' '.join(map(number, cell.values))}")
    if cell.missing:
        lines.append(f"missing: {len(cell.missing)} of {cell.n_runs} runs")
    return lines


def _arrival_lines(cell: Arrivals) -> list[str]:
    reached = sum(not each.censored for each in cell.arrivals)
    median = "later than the end" if math.isinf(cell.median) else f"{cell.median:.0f}"
    return [
        f"{reached} of {len(cell.arrivals)} runs: {number(cell.share)} "
        f"[{number(cell.low)}, {number(cell.high)}]",
        f"median {median}",
        f"seeds {' '.join(map(str, cell.arrivals))}",
    ]


def heads(table: Table) -> list[str]:
    """Return what stands above the columns; the task set where there are several."""
    if len({column.env for column in table.columns}) == 1:
        return [column.name for column in table.columns]
    return [f"{column.env}: {column.name}" for column in table.columns]


def title(table: Table) -> str:
    """Return the table's title."""
    sets = ", ".join(f"{env} ({n} tasks)" if n > 1 else env for env, n in table.tasks.items())
    measured = measured_words(table.measure, table.who)
    return f"{sets}: {measured}; columns: env steps in total over tasks"


def measured_words(measure: str, who: str) -> str:
    """Return what is measured, and who acts; a column of progress.csv says that itself."""
    return f"{measure}, {WORDS[who]}" if measure in MEASURES else measure


LEGEND = (
    "mean and IQM over seeds and tasks, [95 % interval by the bootstrap over runs, widened to "
    "Student's t], every seed's mean over the tasks"
)
"""What the lines of a cell are."""

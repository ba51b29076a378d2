"""Draw the CSV files of a folder of `results/`: `python -m tools.draw_results FOLDER`.

A line a method, the mean over its seeds; the band reaches from the smallest to the largest seed.
"""

import math
import pathlib
from collections import defaultdict

import click
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, PercentFormatter

from learning.logging.columns import TOTAL_ENV_STEPS
from learning.plotting.pictures import COLOURS, write_pictures
from tools.collect_results import collected_runs

Curve = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def read_curves(folder: pathlib.Path, column: str) -> dict[str, list[Curve]]:
    """Read a column of every run in a folder.

    Args:
        folder: Folder that holds <label>_seed<seed>.csv files.
        column: Name of the column; runs without it, or with nothing in it, are left out.

    Returns:
        Label -> env steps and values of each seed, each [N].
    """
    curves: dict[str, list[Curve]] = defaultdict(list)
    for (label, _), rows in collected_runs(folder).items():
        points = [
            (row[TOTAL_ENV_STEPS], row[column])
            for row in rows
            if not math.isnan(row.get(column, math.nan))
        ]
        if points:
            steps, values = np.array(points).T
            curves[label].append((steps, values))
    return dict(curves)


def on_one_grid(curves: list[Curve]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Put the seeds of one method on the env steps that all of them reach.

    Args:
        curves: Env steps and values of each seed, each [N].

    Returns:
        Env steps, the first seed's, [M], and values, linear between evaluations, [seeds, M].
    """
    start = max(steps[0] for steps, _ in curves)
    end = min(steps[-1] for steps, _ in curves)
    grid = curves[0][0]
    grid = grid[(grid >= start) & (grid <= end)]
    return grid, np.stack([np.interp(grid, steps, values) for steps, values in curves])


def smoothed(curve: Curve, window: int) -> Curve:
    """Replace each value by the mean of those of `window` env steps around it.

    Args:
        curve: Env steps and values, each [N].
        window: Width in env steps; 0 changes nothing.
    """
    steps, values = curve
    near = np.abs(steps[:, None] - steps) <= window / 2
    return steps, (near * values).sum(axis=1) / near.sum(axis=1)


def draw(curves: dict[str, list[Curve]], words: str) -> Figure:
    """Draw the figure.

    Args:
        curves: Curves that `read_curves` returns.
        words: Words at the vertical axis.
    """
    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for index, (label, seeds) in enumerate(curves.items()):
        steps, values = on_one_grid(seeds)
        colour = COLOURS[index % len(COLOURS)]
        axes.fill_between(
            steps, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.12, linewidth=0
        )
        n_seeds = f"{len(seeds)} seed{'s' if len(seeds) > 1 else ''}"
        axes.plot(steps, values.mean(axis=0), color=colour, label=f"{label} ({n_seeds})")
    axes.xaxis.set_major_formatter(EngFormatter())
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set(xlabel="environment steps, total over tasks", ylabel=words, ylim=(-0.02, 1.02))
    axes.legend(frameon=False, fontsize=8)
    return figure


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path))
@click.option("--column", default="Evaluation/AnySubgoalRate", show_default=True)
@click.option("--words", default="episodes that reached a sub-goal", show_default=True)
@click.option("--window", type=click.IntRange(min=0), default=0, help="Env steps to smooth over.")
@click.option("--label", "labels", multiple=True, help="Whom to draw.  [default: all]")
@click.option("--out", required=True, type=click.Path(path_type=pathlib.Path), help="No ending.")
def main(
    *,
    folder: pathlib.Path,
    column: str,
    words: str,
    window: int,
    labels: tuple[str, ...],
    out: pathlib.Path,
) -> None:
    """Draw a column of the runs in FOLDER, PNG and SVG."""
    curves = read_curves(folder, column)
    if not curves:
        raise click.ClickException(f"{folder} has no run with numbers in {column}")
    for label in labels:
        if label not in curves:
            raise click.ClickException(f"{folder} has no {label}, but {', '.join(curves)}")
    curves = {label: curves[label] for label in labels or curves}
    curves = {label: [smoothed(each, window) for each in seeds] for label, seeds in curves.items()}
    for path in write_pictures(lambda: draw(curves, words), out):
        click.echo(path)


if __name__ == "__main__":
    main()

"""The sub-command `report`: a page about runs that can be sent to a colleague."""
# ruff: noqa: PLC0415 (pandas and Plotly wait until a page is wanted, so that --help is quick)

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

import click

from learning.command_line.analysis import PLACE, read_question, with_question

_FILE = click.Path(dir_okay=False, path_type=pathlib.Path)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=PLACE)
@click.option(
    "--out", type=_FILE, default=pathlib.Path("report.html"), show_default=True, help="The page."
)
@click.option("--title", help="Its title.  [default: the grid's, or what the runs are of]")
@click.option(
    "--grid",
    "grid_file",
    metavar="GRID",
    type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path),
    help="The grid that the runs are of: its labels, and the paper's numbers beside it.",
)
@click.option("--label", "labels", multiple=True, help="Only this method; repeatable.")
@with_question
def report(
    paths: tuple[pathlib.Path, ...],
    *,
    out: pathlib.Path,
    title: str | None,
    grid_file: pathlib.Path | None,
    labels: tuple[str, ...],
    **asked: Any,
) -> None:
    """Write a page about the runs in PATH...: one HTML file that needs no network.

    Curves, tables, comparisons, who acted for whom, time, commands, versions and failures
    (docs/report.md). PATH is a run's folder, a folder that holds such, or CSV files as in results/.
    """
    question = read_question(**asked)
    from learning.analysis.asking import labelled
    from learning.analysis.reading import Reading, read_runs
    from learning.report.grid_labels import with_grid_labels
    from learning.report.page import write_report
    from learning.sweeps.grid_file import Grid, read_grid
    from learning.sweeps.grid_runs import grid_runs
    from learning.sweeps.paper_numbers import PaperNumber, read_paper_numbers
    from learning.sweeps.sweep_state import STATE_FILE, RunProgress, read_state

    reading = read_runs(paths, on_damage="skip" if question.skip_damaged else "error")
    states: dict[str, RunProgress] = {}
    for path in paths:
        for state in sorted(path.glob(f"sweeps/*/{STATE_FILE}")) if path.is_dir() else ():
            states |= read_state(state)
    grid: Grid | None = None
    papers: Sequence[PaperNumber] = ()
    if grid_file is not None:
        grid = read_grid(grid_file)
        runs = grid_runs(grid)
        papers = read_paper_numbers(grid, runs)
        reading = with_grid_labels(reading, runs)
        title = title or grid.title
    if labels:
        chosen = [run for label in labels for run in labelled(reading.runs, label)]
        reading = Reading(tuple(chosen), reading.notes)
    envs = dict.fromkeys(run.env for run in reading.runs)
    write_report(
        reading,
        out,
        title=title or f"Runs on {', '.join(question.envs or envs)}",
        question=question,
        grid=grid,
        papers=papers,
        states=states,
    )
    click.echo(f"{out} ({out.stat().st_size / 1e6:.1f} MB)")

"""The sub-command `report`: a page about runs that can be sent to a colleague."""
# ruff: noqa: PLC0415 (pandas and Plotly wait until a page is wanted, so that --help is quick)

from __future__ import annotations

import dataclasses
import pathlib
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
@click.option("--label", "labels", multiple=True, help="Only this method; repeatable.")
@with_question
def report(
    paths: tuple[pathlib.Path, ...],
    *,
    out: pathlib.Path,
    title: str | None,
    labels: tuple[str, ...],
    runs: pathlib.Path,
    **asked: Any,
) -> None:
    """Write a page about the runs in PATH...: one HTML file that needs no network.

    Curves, tables, comparisons, who acted for whom, time, commands, versions and failures
    (docs/report.md). PATH is what it is in `table`.
    """
    question, found = read_question(paths, runs, **asked)
    from learning.analysis.asking import read_places
    from learning.analysis.reading import labelled
    from learning.report.page import write_report
    from learning.sweeps.sweep_state import states_below

    reading = read_places(found.places, question)
    if labels:
        chosen = [run for label in labels for run in labelled(reading.runs, label)]
        reading = dataclasses.replace(reading, runs=tuple(chosen), order=labels)
    grids = [study.grid for study in found.studies]
    envs = ", ".join(question.envs or dict.fromkeys(run.env for run in reading.runs))
    titles = "; ".join(grid.title for grid in grids)
    write_report(
        reading,
        out,
        title=title or titles or f"Runs on {envs}",
        question=question,
        grid=grids[0] if len(grids) == 1 else None,
        papers=found.papers,
        states=states_below([*paths, *([runs] if grids else [])]),
    )
    click.echo(f"{out} ({out.stat().st_size / 1e6:.1f} MB)")

"""`run.py reproduce NAME`: what a paper did, done again, and what of its claims held."""
# ruff: noqa: PLC0415 (heavy imports wait until the command is given, so that --help is quick)

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from learning.command_line.sweeping import (
    before_the_sub_command,
    print_plan,
    run_sweep,
    with_sweep_options,
)

if TYPE_CHECKING:
    from learning.sweeps.study import Study


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--budget",
    metavar="SHARE",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=1.0,
    show_default=True,
    help="Share of each run's env steps, up to the next evaluation. A greater share later goes on "
    "from there.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    help="How many seeds: the grid's first ones, and where it has fewer, the numbers after them.  "
    "[default: the grid's]",
)
@with_sweep_options
@click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    help="Folder of the table, the page and the verdicts.  [default: OUT/reproduce/NAME]",
)
@click.option(
    "--force",
    is_flag=True,
    help="Put runs of different protocols or precision together, and say so.",
)
@click.option(
    "--list",
    "lists",
    is_flag=True,
    help="List the grids there are, or NAME, with what is still to be done of each.",
)
@click.option(
    "--measure",
    is_flag=True,
    help="With --list: first run each method for some seconds, so that the time is known.",
)
def reproduce(
    name: str | None,
    *,
    budget: float,
    seeds: int | None,
    out: pathlib.Path,
    dry_run: bool,
    results: pathlib.Path | None,
    force: bool,
    lists: bool,
    measure: bool,
    **how: Any,
) -> None:
    """Run the grid NAME of experiments/, or a TOML file, and judge its paper's claims.

    A sweep of its runs (docs/sweeps.md), then ours beside the paper's at the same env steps, and of
    each claim whether it held (docs/reproduce.md). Interrupted, the same command goes on. The exit
    code is 0 where all runs are done.
    """
    from learning.reproduction.grids import find_grid, grid_names
    from learning.sweeps.same_config import check_folders
    from learning.sweeps.study import read_study

    if measure and not lists:
        raise click.UsageError("--measure is for --list: give both or neither")
    if lists:
        names = grid_names() if name is None else [name]
        studies = [read_study(find_grid(each), out, seeds=seeds, budget=budget) for each in names]
        _print_costs(studies, out=out, jobs=how["jobs"], measures=measure)
        return
    if name is None:
        raise click.UsageError("NAME is missing: --list says which grids there are")
    study = read_study(find_grid(name), out, seeds=seeds, budget=budget)
    check_folders(study.grid.path, study.runs)
    if dry_run:
        print_plan(study.grid.title, study.runs, how["jobs"])
        return
    swept = run_sweep(study.grid, study.runs, out=out, **how)

    from learning.reproduction.outcome import outcome_of, outcome_text, write_outcome
    from learning.reproduction.page import write_page

    outcome = outcome_of(study, force=force)
    folder = results or out / "reproduce" / study.grid.name
    files = write_outcome(outcome, folder)
    page = write_page(outcome, folder, out)
    click.echo(f"\n{outcome_text(outcome)}")
    for path in (*files, page):
        click.echo(path)
    if not swept.complete:
        click.get_current_context().exit(1)


def _print_costs(
    studies: Sequence[Study], *, out: pathlib.Path, jobs: int | None, measures: bool
) -> None:
    from learning.options.machine import usable_cores
    from learning.reproduction.costs import cost_of, costs_text, unmeasured
    from learning.reproduction.rates import measure, read_rates, write_rates

    jobs = jobs or usable_cores()
    path = out / "reproduce" / "rates.json"
    rates = read_rates(path)
    if measures:
        for key, run in unmeasured(studies, rates).items():
            click.echo(f"measuring {run.name}", err=True)
            rates[key] = measure(run, before_the_sub_command())
            write_rates(path, rates)
    click.echo(costs_text([cost_of(each, rates, jobs) for each in studies], jobs))

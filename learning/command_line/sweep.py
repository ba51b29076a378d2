"""`run.py sweep GRID`: the runs of a grid's file."""
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
    from learning.sweeps.grid_runs import GridRun


@click.command("sweep")
@click.argument(
    "grid", metavar="GRID", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path)
)
@with_sweep_options
@click.option(
    "--print_commands",
    is_flag=True,
    help="Print the commands of the runs that are not done, a line each, for another scheduler.",
)
def sweep(
    grid: pathlib.Path, *, out: pathlib.Path, dry_run: bool, print_commands: bool, **how: Any
) -> None:
    """Run what is missing of the runs in GRID, a TOML file (docs/sweeps.md).

    What is done is left alone, what was interrupted or has failed is gone on with. The exit code is
    0 where all runs are done.
    """
    from learning.sweeps.same_config import check_folders
    from learning.sweeps.study import read_study

    study = read_study(grid, out)
    check_folders(grid, study.runs)
    if print_commands:
        for command in _commands(study.runs, before_the_sub_command()):
            click.echo(command)
        return
    if dry_run:
        print_plan(study.grid.title, study.runs, how["jobs"])
        return
    if not run_sweep(study.grid, study.runs, out=out, **how).complete:
        click.get_current_context().exit(1)


def _commands(runs: Sequence[GridRun], before: Sequence[str]) -> list[str]:
    from learning.sweeps.commands import run_command, shown
    from learning.sweeps.folder_state import folder_state

    lines = []
    for run in runs:
        status = folder_state(run.folder, run.until).status
        if status == "damaged":
            click.echo(f"left out, since its folder is damaged: {run.folder}", err=True)
        elif status != "done":
            begun = status == "interrupted"
            lines.append(shown(run_command(before, run, begun=begun, earlier=False)))
    return lines

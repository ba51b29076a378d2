"""`run.py sweep GRID`: the runs of a grid's file."""
# ruff: noqa: PLC0415 (heavy imports wait until the command is given, so that --help is quick)

from __future__ import annotations

import contextlib
import pathlib
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from learning.command_line.plugin_options import CHANGED_PLUGIN

if TYPE_CHECKING:
    from learning.sweeps.grid_runs import GridRun


@click.command("sweep")
@click.argument(
    "grid", metavar="GRID", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path)
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    default=pathlib.Path("runs"),
    show_default=True,
    help="Folder of the runs, <method>/<env>/<name>_<seed> below it, and of the sweep's own files.",
)
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Runs side by side.  [default: physical cores]"
)
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="How often a run that failed is gone on with.",
)
@click.option(
    "--ray",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value="auto",
    help="Run on a Ray cluster, the one that this machine is a node of where no ADDRESS is given "
    "(docs/cluster.md); --jobs is all that it has room for then.",
)
@click.option(
    "--ray_cpus",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Cores of a run on the cluster.",
)
@click.option(
    "--ray_gpus",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="GPUs of a run on the cluster; the grid has gpu = 0 then.",
)
@click.option(
    "--dry_run",
    is_flag=True,
    help="List the runs with what each still has to do, in time and disk too, and stop.",
)
@click.option(
    "--print_commands",
    is_flag=True,
    help="Print the commands of the runs that are not done, a line each, for another scheduler.",
)
def sweep(
    grid: pathlib.Path,
    *,
    out: pathlib.Path,
    jobs: int | None,
    retries: int,
    ray: str | None,
    ray_cpus: float,
    ray_gpus: float,
    dry_run: bool,
    print_commands: bool,
) -> None:
    """Run what is missing of the runs in GRID, a TOML file (docs/sweeps.md).

    What is done is left alone, what was interrupted or has failed is gone on with. The exit code is
    0 where all runs are done.
    """
    from learning.options.machine import usable_cores
    from learning.sweeps.child import Child
    from learning.sweeps.driver import Launch, Sweep, SweepOptions
    from learning.sweeps.forecast import forecast
    from learning.sweeps.grid_file import read_grid
    from learning.sweeps.grid_runs import grid_runs
    from learning.sweeps.paper_numbers import read_paper_numbers
    from learning.sweeps.reports import ProgressLine, plan_text, summary_text
    from learning.sweeps.same_config import check_folders

    read = read_grid(grid)
    runs = grid_runs(read, out)
    check_folders(grid, runs)
    read_paper_numbers(read, runs)
    given_jobs, jobs = jobs, jobs or usable_cores()
    before = _before_the_sub_command()
    if print_commands:
        for command in _commands(runs, before):
            click.echo(command)
        return
    if dry_run:
        click.echo(f"{read.title}\n")
        click.echo(plan_text(forecast(runs), jobs))
        return
    line = ProgressLine()
    with contextlib.ExitStack() as stack:
        launch: Launch = Child
        if ray is not None:
            from learning.sweeps.on_ray import OnRay

            cluster = OnRay(ray, cpus=ray_cpus, gpus=ray_gpus)
            stack.callback(cluster.close)
            launch, jobs = cluster, given_jobs or cluster.slots
        driver = Sweep(
            grid,
            runs,
            out / "sweeps" / read.name,
            SweepOptions(jobs=jobs, retries=retries, before=before),
            on_look=line.show,
            launch=launch,
        )
        driver.run()
    line.close()
    click.echo(summary_text(driver))
    if driver.stopped_by is not None:
        given = {"out": out, "jobs": jobs, "retries": retries}
        given |= {"ray": ray, "ray_cpus": ray_cpus, "ray_gpus": ray_gpus}
        words = [*before, "sweep", str(grid), *_given_words(given)]
        click.echo(f"\nInterrupted. Go on with: python run.py {shlex.join(words)}", err=True)
        click.get_current_context().exit(128 + driver.stopped_by)
    if not driver.complete:
        click.get_current_context().exit(1)


def _before_the_sub_command() -> list[str]:
    """Return the plug-ins as this command was given them."""
    from learning.config.plugins import LOADED

    words = [f"--plugin={plugin.path}" for plugin in LOADED.values()]
    changed = click.get_current_context().meta.get(CHANGED_PLUGIN)
    return [*words, "--changed_plugin"] if changed else words


def _given_words(values: Mapping[str, object]) -> list[str]:
    """Return the command's own options as they were given."""
    ctx = click.get_current_context()
    return [
        f"--{name}={value}"
        for name, value in values.items()
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    ]


def _commands(runs: tuple[GridRun, ...], before: list[str]) -> list[str]:
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

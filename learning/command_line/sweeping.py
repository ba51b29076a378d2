"""What the commands share that run a grid: their options, and how they go about it."""
# ruff: noqa: PLC0415 (heavy imports wait until the command is given, so that --help is quick)

from __future__ import annotations

import contextlib
import pathlib
import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from learning.command_line.plugin_options import CHANGED_PLUGIN

if TYPE_CHECKING:
    from learning.sweeps.driver import Sweep
    from learning.sweeps.grid_file import Grid
    from learning.sweeps.grid_runs import GridRun

_OPTIONS = (
    click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=pathlib.Path),
        default=pathlib.Path("runs"),
        show_default=True,
        help="Folder of the runs, <method>/<env>/<name>_<seed> below it, and of the sweep's own "
        "files.",
    ),
    click.option(
        "--jobs", type=click.IntRange(min=1), help="Runs side by side.  [default: physical cores]"
    ),
    click.option(
        "--retries",
        type=click.IntRange(min=0),
        default=1,
        show_default=True,
        help="How often a run that failed is gone on with.",
    ),
    click.option(
        "--ray",
        metavar="[ADDRESS]",
        is_flag=False,
        flag_value="auto",
        help="Run on a Ray cluster, the one that this machine is a node of where no ADDRESS is "
        "given (docs/cluster.md); --jobs is all that it has room for then.",
    ),
    click.option(
        "--ray_cpus",
        type=click.FloatRange(min=0, min_open=True),
        default=1.0,
        show_default=True,
        help="Cores of a run on the cluster.",
    ),
    click.option(
        "--ray_gpus",
        type=click.FloatRange(min=0),
        default=0.0,
        show_default=True,
        help="GPUs of a run on the cluster; the grid has gpu = 0 then.",
    ),
    click.option(
        "--dry_run",
        is_flag=True,
        help="List the runs with what each still has to do, in time and disk too, and stop.",
    ),
)


def with_sweep_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `run_sweep`, and `--dry_run`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def print_plan(title: str, runs: Sequence[GridRun], jobs: int | None) -> None:
    """Print what is still to be done."""
    from learning.options.machine import usable_cores
    from learning.sweeps.forecast import forecast
    from learning.sweeps.reports import plan_text

    click.echo(f"{title}\n")
    click.echo(plan_text(forecast(runs), jobs or usable_cores()))


def run_sweep(
    grid: Grid,
    runs: Sequence[GridRun],
    *,
    out: pathlib.Path,
    jobs: int | None,
    retries: int,
    ray: str | None,
    ray_cpus: float,
    ray_gpus: float,
) -> Sweep:
    """Run what is missing of a grid, and say what became of its runs.

    After a signal it says how to go on: with the command's own words.

    Args:
        grid: The grid.
        runs: Its runs.
        out: Folder of the runs.
        jobs: How many side by side; None: as many as there are cores, or room on the cluster.
        retries: How often a run that failed is gone on with.
        ray: Address of a Ray cluster; None: this machine's processes.
        ray_cpus: Cores of a run on the cluster.
        ray_gpus: GPUs of a run on the cluster.

    Raises:
        click.exceptions.Exit: A signal ended it.
        UserError: It cannot begin; see `Sweep.run`, `OnRay`.
    """
    from learning.options.machine import usable_cores
    from learning.sweeps.child import Child
    from learning.sweeps.driver import Launch, Sweep, SweepOptions
    from learning.sweeps.reports import ProgressLine, summary_text

    given_jobs, jobs = jobs, jobs or usable_cores()
    line = ProgressLine()
    with contextlib.ExitStack() as stack:
        launch: Launch = Child
        if ray is not None:
            from learning.sweeps.on_ray import OnRay

            cluster = OnRay(ray, cpus=ray_cpus, gpus=ray_gpus)
            stack.callback(cluster.close)
            launch, jobs = cluster, given_jobs or cluster.slots
        driver = Sweep(
            grid.path,
            runs,
            out / "sweeps" / grid.name,
            SweepOptions(jobs=jobs, retries=retries, before=before_the_sub_command()),
            on_look=line.show,
            launch=launch,
        )
        driver.run()
    line.close()
    click.echo(summary_text(driver))
    if driver.stopped_by is not None:
        click.echo(f"\nInterrupted. Go on with: python run.py {_this_command()}", err=True)
        click.get_current_context().exit(128 + driver.stopped_by)
    return driver


def before_the_sub_command() -> list[str]:
    """Return the plug-ins as this command was given them."""
    from learning.config.plugins import LOADED

    words = [f"--plugin={plugin.path}" for plugin in LOADED.values()]
    changed = click.get_current_context().meta.get(CHANGED_PLUGIN)
    return [*words, "--changed_plugin"] if changed else words


def _this_command() -> str:
    """Return the words after `run.py` that this command was given, as a user types them."""
    ctx = click.get_current_context()
    arguments, options = [], []
    for param in ctx.command.params:
        value = ctx.params.get(param.name or "")
        if isinstance(param, click.Argument):
            arguments += [] if value is None else [str(value)]
        elif ctx.get_parameter_source(param.name or "") is click.core.ParameterSource.COMMANDLINE:
            options.append(f"--{param.name}={value}" if not _is_flag(param) else f"--{param.name}")
    words = [*before_the_sub_command(), ctx.info_name or "", *arguments, *options]
    return shlex.join(words)


def _is_flag(param: click.Parameter) -> bool:
    return isinstance(param, click.Option) and param.is_flag

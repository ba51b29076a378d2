"""`run.py plot PATH...`: learning curves, or who acted for whom."""
# ruff: noqa: PLC0415 (heavy imports wait until the command is given, so that --help is quick)

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

import click

from learning.command_line.analysis import PLACE
from learning.command_line.plugin_options import require_plugins_of

if TYPE_CHECKING:
    from learning.plotting.curves import Who

_OF_CURVES = ("metric", "who", "labels", "envs", "smooth", "mean_only")


@click.command("plot")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=PLACE)
@click.option(
    "--out",
    type=click.Path(path_type=pathlib.Path),
    help="Path of the pictures without ending.  [default: PATH/<what is drawn>]",
)
@click.option(
    "--force",
    is_flag=True,
    help="Draw runs of different protocols, precision or task sets (with --behaviour: or methods, "
    "names) in one figure.",
)
@click.option(
    "--metric",
    type=click.Choice(["success", "any_subgoal", "return"]),
    default="success",
    show_default=True,
    help="What to draw against the environment steps.",
)
@click.option(
    "--who",
    type=click.Choice(["own", "mixture", "both"]),
    default="both",
    show_default=True,
    help="Who acts in the evaluation: full lines, own policies; dashed lines, the mixture.",
)
@click.option("--label", "labels", multiple=True, help="Only this method; repeatable, in order.")
@click.option("--env", "envs", multiple=True, help="Only runs of this task set; repeatable.")
@click.option(
    "--smooth",
    metavar="WINDOW",
    type=click.IntRange(min=0),
    default=0,
    help="Draw means over so many env steps, for curves that swing.",
)
@click.option("--mean_only", is_flag=True, help="One panel, the mean over the tasks.")
@click.option(
    "--behaviour",
    is_flag=True,
    help="Draw who acted for whom instead: heat maps over training, the mean over the runs.",
)
def plot(
    paths: tuple[pathlib.Path, ...],
    *,
    out: pathlib.Path | None,
    force: bool,
    metric: str,
    who: Who,
    labels: tuple[str, ...],
    envs: tuple[str, ...],
    smooth: int,
    mean_only: bool,
    behaviour: bool,
) -> None:
    """Draw the runs in PATH...: a line a method, a panel a task and the mean (PNG and SVG).

    PATH is a run's folder, a folder that holds such, or CSV files as in results/. Runs of one
    method are its seeds: their mean, with five seeds or more the band of the 95 % interval over
    runs, with fewer each seed as a thin line.
    """
    require_plugins_of(paths, "plot")
    if behaviour:
        _refuse_options_of_curves()
        from learning.analysis.run_search import find_runs
        from learning.plotting.behaviour import plot_behaviour

        pictures = plot_behaviour(find_runs(paths), out=out, force=force)
    else:
        from learning.plotting.curves import Look, plot_runs

        look = Look(metric=metric, who=who, smooth=smooth, mean_only=mean_only)
        drawn = plot_runs(paths, look, labels=labels, envs=envs, out=out, force=force)
        for note in drawn.notes:
            click.echo(note, err=True)
        pictures = (drawn.png, drawn.svg)
    for path in pictures:
        click.echo(path)


def _refuse_options_of_curves() -> None:
    ctx = click.get_current_context()
    for param in ctx.command.params:
        if (
            param.name in _OF_CURVES
            and ctx.get_parameter_source(param.name) is click.core.ParameterSource.COMMANDLINE
        ):
            raise click.UsageError(
                f"--behaviour draws who acted, not learning curves: leave {param.opts[0]} out"
            )

"""The command line: one sub-command a method, and the tools. `python run.py --help` says more."""
# ruff: noqa: PLC0415 (heavy imports wait until a command needs them, so that --help is quick)

import pathlib
from typing import TYPE_CHECKING, Any

import click

import environments
from learning.command_line.analysis import compare, table
from learning.command_line.changing import with_changes
from learning.command_line.ending import ending_when_asked
from learning.command_line.errors import CommandGroup, saying_how_to_resume
from learning.command_line.evaluating import evaluation_texts, which_evaluation
from learning.command_line.export import export
from learning.command_line.plot import plot
from learning.command_line.plugin_options import CHANGED, CHANGED_PLUGIN, PLUGIN
from learning.command_line.rendering import RenderCommand
from learning.command_line.report import report
from learning.command_line.reproduce import reproduce
from learning.command_line.stopping import STOP_AFTER, STOP_AFTER_HELP
from learning.command_line.sweep import sweep
from learning.command_line.tables import pairs_text, task_set_text
from learning.command_line.training import TrainingCommand, given_options
from learning.command_line.version import VERSION
from learning.command_line.words import say_end, say_start
from learning.config.methods import METHODS
from learning.logging.files import write_text

if TYPE_CHECKING:
    from learning.config.experiment_config import ExperimentConfig
    from learning.rendering.show import ShowOptions

FOLDER = click.Path(exists=True, file_okay=False, path_type=pathlib.Path)


def _train(config: "ExperimentConfig", stop_after: int | None) -> None:
    run_dir = pathlib.Path(config.log_dir)
    with saying_how_to_resume(run_dir), ending_when_asked(stop_after) as ending:
        import garage_experiments

        say_start(config)
        result = garage_experiments.run_experiment(config, on_epoch=ending.on_epoch)
        say_end(result)
        ending.exit_where_stopped(result)


class _Commands(CommandGroup):
    """The methods' sub-commands, those of plug-ins among them, and the tools."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the sub-commands, methods first."""
        return [*METHODS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a sub-command; that of a method is made when it is asked for."""
        if cmd_name in METHODS:
            return TrainingCommand(METHODS[cmd_name], train=_train)
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Commands, context_settings={"max_content_width": 100})
@PLUGIN
@CHANGED
@VERSION
def main() -> None:
    """Multi-task reinforcement learning in which tasks share behaviour."""


def _changed_plugin() -> bool:
    return bool(click.get_current_context().meta.get(CHANGED_PLUGIN))


@main.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
def envs(ids: tuple[str, ...]) -> None:
    """List the task sets: tasks, spaces, horizon, success rule and options."""
    for unknown in set(ids) - set(environments.task_set_ids()):
        allowed = ", ".join(environments.task_set_ids())
        raise click.UsageError(f"unknown environment {unknown!r}: allowed is one of {allowed}")
    for task_set_id in ids or environments.task_set_ids():
        task_set = environments.make_task_set(task_set_id)
        click.echo(task_set_text(task_set.protocol(), environments.task_set_options(task_set_id)))


@main.command()
@click.argument("run_dir", metavar="DIR", type=FOLDER)
@click.option("--snapshot", help="Snapshot to go on from.  [default: the newest]")
@click.option(
    "--accept_gaps",
    is_flag=True,
    help="Go on with a record that lacks rows which the snapshot counts, and mark it.",
)
@click.option("--stop_after", type=STOP_AFTER, help=STOP_AFTER_HELP)
@with_changes
def resume(
    run_dir: pathlib.Path,
    *,
    snapshot: str | None,
    accept_gaps: bool,
    stop_after: int | None,
    **changed: Any,
) -> None:
    """Go on with the run in DIR, from its newest snapshot or the one that is named."""
    from learning.sweeps.folder_state import folder_state

    if stop_after is not None and snapshot is None:
        state = folder_state(run_dir, stop_after)
        if state.status == "done":
            click.echo(f"{run_dir} has {state.epochs} epochs already: nothing to do", err=True)
            return
    with saying_how_to_resume(run_dir), ending_when_asked(stop_after) as ending:
        import garage_experiments

        result = garage_experiments.resume(
            run_dir,
            snapshot=snapshot,
            accept_gaps=accept_gaps,
            on_epoch=ending.on_epoch,
            changed_plugin=_changed_plugin(),
            **given_options(click.get_current_context(), changed),
        )
        say_end(result)
        ending.exit_where_stopped(result)


@main.command("eval")
@click.argument("run_dir", metavar="DIR", type=FOLDER)
@click.option("--snapshot", help="Snapshot to evaluate.  [default: the newest]")
@click.option(
    "--num_evaluation_episodes",
    type=click.IntRange(min=1),
    help="Episodes, in total over the tasks.  [default: the run's]",
)
@click.option(
    "--seed", type=click.IntRange(min=0), help="Seed of the evaluation.  [default: the run's]"
)
@click.option(
    "--all_pairs",
    is_flag=True,
    help="Evaluate every policy on every task, which takes as many times longer as there are "
    "tasks; and tell how often the mixture chooses the best policy.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="Write the numbers to this file too, a row a task and policy: JSON where its name ends in "
    ".json, else CSV.",
)
def evaluate(
    run_dir: pathlib.Path,
    *,
    snapshot: str | None,
    num_evaluation_episodes: int | None,
    seed: int | None,
    all_pairs: bool,
    out: pathlib.Path | None,
) -> None:
    """Evaluate a snapshot of the run in DIR and print success and return by task."""
    import garage_experiments

    asked: dict[str, Any] = {
        "snapshot": snapshot,
        "num_evaluation_episodes": num_evaluation_episodes,
        "seed": seed,
        "changed_plugin": _changed_plugin(),
    }
    if all_pairs:
        if out is not None and out.suffix == ".json":
            raise click.UsageError("--all_pairs is written as CSV: give --out another ending")
        pairs = garage_experiments.evaluate_all_pairs(
            run_dir,
            **asked,
            on_round=lambda done, total: click.echo(f"round {done} of {total}", err=True),
        )
        shown, written = pairs_text(pairs), pairs.to_csv()
    else:
        what = which_evaluation(run_dir, snapshot, num_evaluation_episodes)
        columns = garage_experiments.evaluate(run_dir, **asked)
        as_json = out is not None and out.suffix == ".json"
        shown, written = evaluation_texts(columns, what, as_json=as_json)
    click.echo(shown)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_text(out, written)
        click.echo(f"\n{out}")


def _show(options: "ShowOptions") -> list[pathlib.Path]:
    from learning.rendering.show import show

    return show(options)


main.add_command(plot)
main.add_command(RenderCommand(show=_show))
main.add_command(sweep)
main.add_command(table)
main.add_command(compare)
main.add_command(export)
main.add_command(report)
main.add_command(reproduce)


@main.command()
def doctor() -> None:
    """Print versions, what is missing and how to get it."""
    from learning.command_line.doctor import main as examine

    raise SystemExit(examine())


if __name__ == "__main__":
    main()

"""The command line: one sub-command a method, and the tools. `python run.py --help` says more."""
# ruff: noqa: PLC0415 (heavy imports wait until a command needs them, so that --help is quick)

import pathlib
from collections.abc import Mapping, Sequence

import click

from learning.command_line.errors import CommandGroup, saying_how_to_resume
from learning.command_line.rendering import RenderCommand, RenderOptions
from learning.command_line.tables import columns_table, pairs_text, task_set_text
from learning.command_line.training import TaskSets, TrainingCommand
from learning.command_line.values import TaskSetOption
from learning.config.experiment_config import ExperimentConfig, OptionValue
from learning.config.methods import METHODS
from learning.logging.files import write_text

FOLDER = click.Path(exists=True, file_okay=False, path_type=pathlib.Path)


@click.group(cls=CommandGroup, context_settings={"max_content_width": 100})
def main() -> None:
    """Multi-task reinforcement learning in which tasks share behaviour."""


def _task_set_ids() -> Sequence[str]:
    import environments

    return environments.task_set_ids()


def _task_set_options(task_set_id: str) -> Mapping[str, TaskSetOption]:
    import environments

    return environments.task_set_options(task_set_id)


def _check_task_set(task_set_id: str, options: Mapping[str, OptionValue]) -> None:
    import environments

    environments.make_task_set(task_set_id, **options)


def _train(config: ExperimentConfig) -> None:
    from learning.logging.run_folder import create_run_folder

    run_dir = create_run_folder(pathlib.Path(config.log_dir))
    with saying_how_to_resume(run_dir):
        import garage_experiments

        garage_experiments.train(config, run_dir)


_TASK_SETS = TaskSets(ids=_task_set_ids, options=_task_set_options, check=_check_task_set)
for _method in METHODS.values():
    main.add_command(TrainingCommand(_method, task_sets=_TASK_SETS, train=_train))


@main.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
def envs(ids: tuple[str, ...]) -> None:
    """List the task sets: tasks, spaces, horizon, success rule and options."""
    import environments

    for unknown in set(ids) - set(environments.task_set_ids()):
        allowed = ", ".join(environments.task_set_ids())
        raise click.UsageError(f"unknown environment {unknown!r}: allowed is one of {allowed}")
    for task_set_id in ids or environments.task_set_ids():
        task_set = environments.make_task_set(task_set_id)
        click.echo(task_set_text(task_set.protocol(), environments.task_set_options(task_set_id)))


@main.command()
@click.argument("run_dir", metavar="DIR", type=FOLDER)
@click.option("--snapshot", help="Snapshot to go on from.  [default: the newest]")
def resume(run_dir: pathlib.Path, snapshot: str | None) -> None:
    """Go on with the run in DIR, from its newest snapshot or the one that is named."""
    with saying_how_to_resume(run_dir):
        import garage_experiments

        garage_experiments.resume(run_dir, snapshot=snapshot)


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
    help="With --all_pairs: write the results of all pairs to this CSV file.",
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
    """Evaluate a snapshot of the run in DIR and print success, return and length by task."""
    if out is not None and not all_pairs:
        raise click.UsageError("--out is for --all_pairs: give both or neither")
    import garage_experiments

    if not all_pairs:
        columns = garage_experiments.evaluate(
            run_dir, snapshot=snapshot, num_evaluation_episodes=num_evaluation_episodes, seed=seed
        )
        click.echo(columns_table(columns))
        return
    pairs = garage_experiments.evaluate_all_pairs(
        run_dir,
        snapshot=snapshot,
        num_evaluation_episodes=num_evaluation_episodes,
        seed=seed,
        on_round=lambda done, total: click.echo(f"round {done} of {total}", err=True),
    )
    click.echo(pairs_text(pairs))
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_text(out, pairs.to_csv())
        click.echo(f"\nAll pairs: {out}")


@main.command()
@click.argument("run_dirs", metavar="DIR...", nargs=-1, required=True, type=FOLDER)
@click.option("--out", help="Path of the pictures without ending.  [default: DIR/<what is drawn>]")
@click.option(
    "--force",
    is_flag=True,
    help="Draw runs of different protocols (with --behaviour: or methods, names) in one figure.",
)
@click.option(
    "--metric",
    type=click.Choice(["success", "any_subgoal", "return"]),
    help="What to draw against the environment steps.  [default: success]",
)
@click.option(
    "--behaviour",
    is_flag=True,
    help="Draw who acted for whom instead: heat maps over training, the mean over the runs.",
)
def plot(
    run_dirs: tuple[pathlib.Path, ...],
    out: str | None,
    force: bool,
    metric: str | None,
    behaviour: bool,
) -> None:
    """Draw the runs in DIR...: a line a run, a panel a task and the mean (PNG and SVG)."""
    from learning.plotting.behaviour import plot_behaviour
    from learning.plotting.curves import plot_runs

    prefix = pathlib.Path(out) if out else None
    if behaviour:
        if metric is not None:
            raise click.UsageError("--behaviour draws who acted, not a metric: leave --metric out")
        paths = plot_behaviour(run_dirs, out=prefix, force=force)
    else:
        paths = plot_runs(run_dirs, metric=metric or "success", out=prefix, force=force)
    for path in paths:
        click.echo(path)


def _render(options: RenderOptions) -> list[pathlib.Path]:
    import garage_experiments

    return garage_experiments.render(options)


main.add_command(RenderCommand(task_sets=_TASK_SETS, render=_render))


@main.command()
def doctor() -> None:
    """Print versions, what is missing and how to get it."""
    from learning.command_line.doctor import main as examine

    raise SystemExit(examine())


if __name__ == "__main__":
    main()

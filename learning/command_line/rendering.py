"""The sub-command `render`: its options are its own and those of the task set it shows."""

import dataclasses
import pathlib
from collections.abc import Callable, Mapping

import click

from learning.command_line.training import TaskSets, find_env, task_set_option
from learning.command_line.values import join_values
from learning.config.experiment_config import OptionValue

FOLDER = click.Path(exists=True, file_okay=False, path_type=pathlib.Path)
ENDINGS = (".mp4", ".gif", ".png")
_ENV = "chosen env"
_DEFAULT_OUT = pathlib.Path("runs", "pictures")


@dataclasses.dataclass(frozen=True, kw_only=True)
class RenderOptions:
    """What the command line says.

    Attributes:
        env: Id of the task set; None: that of the run.
        env_options: The task set's own options that were given.
        tasks: Names; empty: all.
        policy: Folder of the run that acts; None: random actions.
        snapshot: Which of its snapshots; None: the newest.
        mixture: Whether the run's mixture acts.
        out: The video, or of a sheet alone the sheet.
        sheet_only: Write no video.
        seed: Of the episodes.
        steps: Of an episode at most; None: all.
    """

    env: str | None
    env_options: Mapping[str, OptionValue]
    tasks: tuple[str, ...]
    policy: pathlib.Path | None
    snapshot: str | None
    mixture: bool
    out: pathlib.Path
    sheet_only: bool
    seed: int
    steps: int | None


class RenderCommand(click.Command):
    """`run.py render`: a video and a contact sheet.

    Args:
        task_sets: The environments.
        render: Makes the files and returns them.
    """

    def __init__(
        self, *, task_sets: TaskSets, render: Callable[[RenderOptions], list[pathlib.Path]]
    ) -> None:
        """See the class."""
        self._task_sets = task_sets
        self._render = render
        super().__init__(
            name="render",
            callback=self._run,
            help="Show a task set: a video, and a contact sheet with a row a task.\n\n"
            "One episode of each task, with random actions or those of a run's snapshot. No "
            "display is needed.",
            short_help="Show a task set, or what a run has learned: video and contact sheet.",
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Finds `--env` first, since the task set's options follow from it."""
        args = join_values(args, {"--tasks"})
        ctx.meta[_ENV] = find_env(args, self._task_sets.ids())
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The options, with those of the task set that `--env` names."""
        env = ctx.meta.get(_ENV)
        params = _options(self._task_sets)
        for env_id in (env,) if env else self._task_sets.ids():
            known = {param.name for param in params}
            params += [
                task_set_option(name, option)
                for name, option in self._task_sets.options(env_id).items()
                if name not in known
            ]
        help_option = self.get_help_option(ctx)
        return [*params, help_option] if help_option else params

    def _run(
        self,
        *,
        env: str | None,
        task: tuple[str, ...],
        policy: pathlib.Path | None,
        snapshot: str | None,
        mixture: bool,
        out: pathlib.Path | None,
        sheet_only: bool,
        seed: int,
        steps: int | None,
        **own: OptionValue,
    ) -> None:
        ctx = click.get_current_context()
        if policy is None and (mixture or snapshot is not None):
            raise click.UsageError("--mixture and --snapshot belong to --policy=DIR", ctx)
        if policy is None and env is None:
            raise click.UsageError(
                f"give --env=ID or --policy=DIR; ID is one of {', '.join(self._task_sets.ids())}",
                ctx,
            )
        given = {
            name: value
            for name, value in own.items()
            if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        }
        if env is not None:
            try:
                self._task_sets.check(env, given)
            except ValueError as error:
                raise click.UsageError(str(error), ctx) from error
        ending = ".png" if sheet_only else ".mp4"
        if out is None:
            out = policy / "pictures" / "episode" if policy else _DEFAULT_OUT / str(env)
            out = out.with_name("-".join([out.name, *task]) + ending)
        if out.suffix not in ((".png",) if sheet_only else ENDINGS[:2]):
            wanted = ".png" if sheet_only else ".mp4 or .gif"
            raise click.UsageError(f"--out={out}: the file's name must end in {wanted}", ctx)
        options = RenderOptions(
            env=env,
            env_options=given,
            tasks=task,
            policy=policy,
            snapshot=snapshot,
            mixture=mixture,
            out=out,
            sheet_only=sheet_only,
            seed=seed,
            steps=steps,
        )
        for path in self._render(options):
            click.echo(path)


def _options(task_sets: TaskSets) -> list[click.Parameter]:
    return [
        click.Option(
            ["--env"],
            type=click.Choice(task_sets.ids()),
            help="Task set.  [default: with --policy, the run's]",
        ),
        click.Option(["--task"], multiple=True, help="Name of a task; repeatable.  [default: all]"),
        click.Option(["--policy"], type=FOLDER, help="Run that acts.  [default: random actions]"),
        click.Option(["--snapshot"], help="Snapshot of the run.  [default: the newest]"),
        click.Option(
            ["--mixture"], is_flag=True, help="Let the run's mixture act, not the own policies."
        ),
        click.Option(
            ["--out"],
            type=click.Path(dir_okay=False, path_type=pathlib.Path),
            help="Video, NAME.mp4 or NAME.gif; the sheet becomes NAME.png.  "
            f"[default: {_DEFAULT_OUT}/<env>.mp4, or in the run's folder]",
        ),
        click.Option(["--sheet_only"], is_flag=True, help="Write the sheet alone, much faster."),
        click.Option(
            ["--seed"],
            type=click.IntRange(min=0),
            default=0,
            show_default=True,
            help="Seed of the episodes.",
        ),
        click.Option(
            ["--steps"],
            type=click.IntRange(min=1),
            help="Steps of an episode, at most.  [default: to its end]",
        ),
    ]

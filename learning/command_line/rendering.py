"""The sub-command `render`: its options are its own and those of the task set it shows."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from environments import OptionValue, make_task_set, task_set_ids
from learning.command_line.plugin_options import CHANGED_PLUGIN
from learning.command_line.training import (
    find_env,
    given_options,
    options_of_task_sets,
    task_set_option,
)
from learning.command_line.values import join_values

if TYPE_CHECKING:
    from learning.rendering.show import ShowOptions

FOLDER = click.Path(exists=True, file_okay=False, path_type=pathlib.Path)
ENDINGS = (".mp4", ".gif", ".png")
_ENV = "chosen env"
_DEFAULT_OUT = pathlib.Path("runs", "pictures")


class RenderCommand(click.Command):
    """`run.py render`: a video and a contact sheet.

    Args:
        show: Makes the files and returns them.
    """

    def __init__(self, *, show: Callable[[ShowOptions], list[pathlib.Path]]) -> None:
        """See the class."""
        self._show = show
        super().__init__(
            name="render",
            callback=self._run,
            help="Show a task set: a video, and a contact sheet with a row a task.\n\n"
            "One episode of each task, with random actions or those of a run's snapshot. No "
            "display is needed.",
            short_help="Show a task set, or what a run has learned: video and contact sheet.",
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find `--env` first, since the task set's options follow from it."""
        args = join_values(args, {"--tasks"})
        ctx.meta[_ENV] = find_env(args)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options, with those of the task set that `--env` names."""
        env = ctx.meta.get(_ENV)
        params = _options()
        known = {param.name for param in params}
        params += [
            task_set_option(name, option, option.default)
            for name, option in options_of_task_sets((env,) if env else task_set_ids()).items()
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
                f"give --env=ID or --policy=DIR; ID is one of {', '.join(task_set_ids())}",
                ctx,
            )
        given = given_options(ctx, own)
        if env is not None:
            try:
                make_task_set(env, **given)
            except ValueError as error:
                raise click.UsageError(str(error), ctx) from error
        ending = ".png" if sheet_only else ".mp4"
        if out is None:
            out = policy / "pictures" / "episode" if policy else _DEFAULT_OUT / str(env)
            out = out.with_name("-".join([out.name, *task]) + ending)
        if out.suffix not in ((".png",) if sheet_only else ENDINGS[:2]):
            wanted = ".png" if sheet_only else ".mp4 or .gif"
            raise click.UsageError(f"--out={out}: the file's name must end in {wanted}", ctx)
        # Only now is torch needed, which takes long to import.
        from learning.rendering.show import ShowOptions  # noqa: PLC0415

        options = ShowOptions(
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
            changed_plugin=bool(ctx.meta.get(CHANGED_PLUGIN)),
        )
        for path in self._show(options):
            click.echo(path)


def _options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--env"],
            type=click.Choice(task_set_ids()),
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

"""How errors reach the user: one clear message where the user can mend it, else the traceback."""

import contextlib
import errno
import pathlib
from collections.abc import Iterator
from typing import Any

import click

from learning.errors import UserError
from learning.logging.run_folder import CONFIG_FILE, SNAPSHOTS_FOLDER

INTERRUPTED = 130
"""Exit code after Ctrl-C, as a shell counts it: 128 + SIGINT."""


class CommandGroup(click.Group):
    """Click group that prints `UserError`s without a traceback and exits with their code.

    An exception of another kind keeps its traceback: it is a fault of the program.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the sub-commands, methods first, in the order of their definition."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the sub-command.

        Raises:
            click.UsageError: There is no such sub-command; the message names all.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            allowed = ", ".join(self.list_commands(ctx))
            message = f"{error.format_message()}\nAllowed are: {allowed}"
            raise click.UsageError(message, ctx) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the sub-command.

        Raises:
            click.ClickException: There was a `UserError`, or the disk is full.
            click.exceptions.Exit: There was a Ctrl-C; the code is 130.
        """
        try:
            return super().invoke(ctx)
        except UserError as error:
            shown = click.ClickException(str(error))
            shown.exit_code = error.exit_code  # type: ignore[misc]  # click reads the instance's
            raise shown from error
        except KeyboardInterrupt:
            # Before click catches it, which would print "Aborted!" and exit with 1.
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise click.ClickException(
                f"the disk is full ({error.filename or 'while writing'}). Nothing saved so far is "
                "lost: make room, then go on with `python run.py resume DIR`."
            ) from error


@contextlib.contextmanager
def saying_how_to_resume(run_dir: pathlib.Path) -> Iterator[None]:
    """Tell on Ctrl-C how to go on with the run in `run_dir`; the interrupt goes on upwards."""
    try:
        yield
    except KeyboardInterrupt:
        snapshots = run_dir / SNAPSHOTS_FOLDER
        advice = f"Go on with: python run.py resume {run_dir}"
        if not (run_dir / CONFIG_FILE).is_file():
            advice = "Nothing was written yet: give the same command again."
        elif not (snapshots.is_dir() and any(snapshots.iterdir())):
            advice += " (there is no snapshot yet, so that it begins anew)"
        click.echo(f"\nInterrupted. {advice}", err=True)
        raise

"""`--plugin FILE` and `--changed_plugin`, before the sub-command."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import click

from learning.errors import ConfigError

CHANGED_PLUGIN = "changed plugin"
"""Key of the context's `meta`: whether a plug-in may have changed since a run began."""


def load_plugins(
    ctx: click.Context, param: click.Parameter, paths: tuple[pathlib.Path, ...]
) -> tuple[pathlib.Path, ...]:
    """Load the files that the command line names, as soon as they have been read.

    Raises:
        click.UsageError: A file is missing or fails, or a name in it is taken; it says which.
    """
    del param
    if paths:
        # Only here, since plug-ins bring torch with them.
        from learning.config.plugin_loading import load_plugin  # noqa: PLC0415

        try:
            for path in paths:
                load_plugin(path)
        except ConfigError as error:
            raise click.UsageError(str(error), ctx) from error
    return paths


def remember_changed_plugin(ctx: click.Context, param: click.Parameter, changed: bool) -> bool:
    """Keep the flag for the sub-command."""
    del param
    ctx.meta[CHANGED_PLUGIN] = changed
    return changed


def require_plugins_of(paths: Sequence[pathlib.Path], command: str) -> None:
    """Refuse runs whose plug-ins have not been named, since their methods are not known here.

    Args:
        paths: Places of runs, see `find_runs`.
        command: What the user wants to do with them: "plot".

    Raises:
        ConfigError: Naming the plug-in.
        RecordError: A place holds no run.
    """
    from learning.analysis.run_search import find_runs  # noqa: PLC0415
    from learning.config.plugins import require_plugins  # noqa: PLC0415
    from learning.logging.run_description import read_description  # noqa: PLC0415

    changed = bool(click.get_current_context().meta.get(CHANGED_PLUGIN))
    for source in find_runs(paths):
        if source.is_dir():
            files = read_description(source).plugins
            require_plugins(files, changed=changed, command=f"{command} {source}")


PLUGIN = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=pathlib.Path),
    callback=load_plugins,
    # As `--help` is, so that help after it lists what a plug-in brings.
    is_eager=True,
    expose_value=False,
    help="Python file whose mixtures, architectures, data sharings, objectives, methods and task "
    "sets join the tables (docs/extending.md); repeatable.",
)

CHANGED = click.option(
    "--changed_plugin",
    is_flag=True,
    callback=remember_changed_plugin,
    expose_value=False,
    help="With resume, eval, plot, export and render: accept a plug-in that is not what it was "
    "when the run began.",
)

"""`run.py --version`: which revision of this program, and what it computes with."""
# ruff: noqa: PLC0415 (torch is slow to import, and wanted by nobody who asks for something else)

from __future__ import annotations

import click


def _say(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if not value or ctx.resilient_parsing:
        return
    import platform

    from learning.logging.versions import PROJECT, git_revision, package_versions

    git = git_revision(PROJECT)
    revision = "unknown (no git repository)"
    if git is not None:
        revision = git["revision"] + (", with changes" if git["dirty"] else "")
    click.echo(f"revision {revision}\nPython {platform.python_version()}")
    for package, version in package_versions().items():
        if version is not None:
            click.echo(f"{package} {version}")
    ctx.exit()


VERSION = click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_say,
    help="Print the revision of this program and the versions of its packages, and stop.",
)

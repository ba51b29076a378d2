"""`run.py export PATH... --out FOLDER`: runs become the small CSV files of a results folder."""
# ruff: noqa: PLC0415 (heavy imports wait until the command is given, so that --help is quick)

from __future__ import annotations

import pathlib

import click

from learning.command_line.analysis import PLACE
from learning.command_line.plugin_options import require_plugins_of


@click.command("export")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=PLACE)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    help="Folder of the CSV files; it may hold some already.",
)
@click.option("--label", help="What all these runs are called.  [default: their name or method]")
@click.option("--env", "envs", multiple=True, help="Only runs of this task set; repeatable.")
@click.option("--replace", is_flag=True, help="Write files anew that are there with other numbers.")
@click.option(
    "--skip_damaged", is_flag=True, help="Leave damaged runs out, with a note, and go on."
)
def export(
    paths: tuple[pathlib.Path, ...],
    *,
    out: pathlib.Path,
    label: str | None,
    envs: tuple[str, ...],
    replace: bool,
    skip_damaged: bool,
) -> None:
    """Write the runs in PATH... as small CSV files, <label>_seed<seed>.csv, to keep and to show.

    They hold the evaluated rows; runs.json beside them says what was run and how. `table`,
    `compare` and `plot` read such a folder.
    """
    from learning.analysis.exporting import export_runs
    from learning.analysis.reading import of_task_sets, read_runs

    reading = read_runs(paths, on_damage="skip" if skip_damaged else "error")
    require_plugins_of([run.source for run in reading.runs], "export")
    done = export_runs(of_task_sets(reading.runs, envs), out, label=label, replace=replace)
    for note in reading.notes:
        click.echo(note, err=True)
    for path, what in done.items():
        click.echo(f"{what}: {path}")

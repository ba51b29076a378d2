"""The sub-commands `table` and `compare`: numbers about methods from the records of runs."""
# ruff: noqa: PLC0415 (pandas and SciPy wait until a command needs them, so that --help is quick)

from __future__ import annotations

import pathlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from learning.analysis.asking import Question
    from learning.sweeps.places import Places

PLACE = click.Path(exists=True, path_type=pathlib.Path)
FORMATS = ("text", "markdown", "latex", "csv", "json")
_MEASURES = ("success", "any_subgoal", "return")
_QUESTION = (
    click.option(
        "--metric",
        type=click.Choice(_MEASURES),
        help="What is measured, of every task.  [default: success; of a grid, what its paper's "
        "numbers are]",
    ),
    click.option(
        "--column",
        help="Any column of progress.csv instead; `<task>` in it stands for every task's name.",
    ),
    click.option(
        "--who",
        type=click.Choice(("own", "mixture")),
        default="own",
        show_default=True,
        help="Who acts in the evaluation.",
    ),
    click.option(
        "--at",
        type=click.IntRange(min=0),
        multiple=True,
        help="Env steps, in total over the tasks: the last evaluation at or before them.  "
        "[default: the last that all runs reached; of a grid, those of its paper's numbers]",
    ),
    click.option(
        "--window",
        metavar="START:END",
        multiple=True,
        help="The mean of the evaluations from START to END env steps.",
    ),
    click.option(
        "--area",
        type=click.IntRange(min=1),
        multiple=True,
        help="The area under the curve up to so many env steps, as a mean over them.",
    ),
    click.option("--env", "envs", multiple=True, help="Only runs of this task set; repeatable."),
    click.option(
        "--runs",
        type=click.Path(file_okay=False, path_type=pathlib.Path),
        default=pathlib.Path("runs"),
        show_default=True,
        help="Folder that the runs of a grid are below, as `sweep --out`.",
    ),
    click.option(
        "--force",
        is_flag=True,
        help="Put runs of different protocols or precision together, and say so.",
    ),
    click.option(
        "--skip_damaged", is_flag=True, help="Leave damaged runs out, with a note, and go on."
    ),
    click.option(
        "--resamples",
        type=click.IntRange(min=2000),
        default=5000,
        show_default=True,
        help="How often the bootstrap resamples the runs.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Seed of the resampling.",
    ),
)
_OUT = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="Write it to this file instead of the terminal.",
)


def with_question(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that `read_question` reads."""
    for option in reversed(_QUESTION):
        command = option(command)
    return command


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=PLACE)
@click.option("--label", "labels", multiple=True, help="Only this row; repeatable, in this order.")
@click.option(
    "--threshold",
    "thresholds",
    type=float,
    multiple=True,
    help="Env steps until the mean over the tasks is there, and the share of seeds that get there.",
)
@click.option("--format", "written", type=click.Choice(FORMATS), default="text", show_default=True)
@with_question
@_OUT
def table(
    paths: tuple[pathlib.Path, ...],
    *,
    labels: tuple[str, ...],
    thresholds: tuple[float, ...],
    written: str,
    runs: pathlib.Path,
    out: pathlib.Path | None,
    **asked: Any,
) -> None:
    """Print a table of the runs in PATH...: a row a method, a column a number of env steps.

    PATH is a run's folder, a folder that holds such, CSV files as in results/, or a grid's TOML
    file, which stands for its runs, with its labels and its paper's numbers. Runs of one
    method are its seeds: mean, interquartile mean, 95 % interval over runs, and every seed.
    """
    from learning.analysis import table_data, table_text
    from learning.analysis.asking import ask_table

    question, found = read_question(paths, runs, **asked)
    result = ask_table(
        found.places, question, labels=labels, thresholds=thresholds, papers=found.papers
    )
    writers = {
        "text": table_text.text,
        "markdown": table_text.markdown,
        "latex": table_text.latex,
        "csv": table_data.to_csv,
        "json": table_data.to_json,
    }
    _give(writers[written](result), out)
    if written == "csv":
        for note in result.notes:
            click.echo(note, err=True)


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=PLACE)
@click.option(
    "--format", "written", type=click.Choice(("text", "json")), default="text", show_default=True
)
@with_question
@_OUT
def compare(
    a: str,
    b: str,
    paths: tuple[pathlib.Path, ...],
    *,
    written: str,
    runs: pathlib.Path,
    out: pathlib.Path | None,
    **asked: Any,
) -> None:
    """Compare methods A and B among the runs in PATH..., or the runs in folders A and B.

    PATH is what it is in `table`; of a grid, A and B are labels.
    The difference with its interval, the probability that a run of A is above one of B, and what
    so many seeds can tell.
    """
    if sum(len(asked[each]) for each in ("at", "window", "area")) > 1:
        raise click.UsageError("compare looks at one point: give one --at, --window or --area")
    from learning.analysis import comparison_text
    from learning.analysis.asking import ask_comparison

    question, found = read_question(paths, runs, **asked)
    result = ask_comparison(a, b, found.places, question)
    write = {"text": comparison_text.text, "json": comparison_text.to_json}[written]
    _give(write(result), out)


def read_question(
    paths: Sequence[pathlib.Path],
    runs: pathlib.Path,
    *,
    metric: str | None,
    column: str | None,
    who: str,
    at: tuple[int, ...],
    window: tuple[str, ...],
    area: tuple[int, ...],
    envs: tuple[str, ...],
    force: bool,
    skip_damaged: bool,
    resamples: int,
    seed: int,
) -> tuple[Question, Places]:
    """Return what the options ask, and what the paths stand for.

    Raises:
        click.UsageError: They do not go together, or a window is not written as one.
        RecordError: A window is empty.
    """
    if metric is not None and column is not None:
        raise click.UsageError("--metric and --column are two ways to say it: give one")
    if column is not None and who != "own":
        raise click.UsageError("--column is the run's own: --who belongs to --metric")
    from learning.analysis.asking import Question
    from learning.analysis.points import Area, At, Window

    windows = []
    for text in window:
        start, colon, end = text.partition(":")
        if not (colon and start.isdigit() and end.isdigit()):
            raise click.UsageError(f"--window={text}: START:END wanted, two numbers of env steps")
        windows.append(Window(int(start), int(end)))
    found = _places(paths, runs)
    question = Question(
        measure=column or metric or found.metric,
        who=who,
        points=(*map(At, at), *windows, *map(Area, area)),
        envs=envs,
        force=force,
        skip_damaged=skip_damaged,
        n_resamples=resamples,
        seed=seed,
    )
    return question, found


def _places(paths: Sequence[pathlib.Path], runs: pathlib.Path) -> Places:
    """Return what the paths stand for."""
    from learning.sweeps.places import Places

    if all(path.suffix != ".toml" for path in paths):
        return Places(places=tuple(paths))
    # Resolving a grid's runs needs torch, which other places do without.
    from learning.sweeps.grid_places import as_places

    return as_places(paths, runs)


def _give(text: str, out: pathlib.Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    from learning.logging.files import write_text

    out.parent.mkdir(parents=True, exist_ok=True)
    write_text(out, text)
    click.echo(out)

"""`run.py eval DIR`: what a snapshot does now, in episodes of its own."""
# ruff: noqa: PLC0415 (heavy imports wait until the command is given, so that --help is quick)

from __future__ import annotations

import csv
import io
import json
import pathlib
from collections.abc import Mapping
from typing import Any

import click

from learning.command_line.plugin_options import CHANGED_PLUGIN
from learning.command_line.tables import columns_table, evaluation_rows, pairs_text

FOLDER = click.Path(exists=True, file_okay=False, path_type=pathlib.Path)


@click.command("eval")
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
    from learning.logging.files import write_text

    asked: dict[str, Any] = {
        "snapshot": snapshot,
        "num_evaluation_episodes": num_evaluation_episodes,
        "seed": seed,
        "changed_plugin": bool(click.get_current_context().meta.get(CHANGED_PLUGIN)),
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
        what = _what(run_dir, snapshot, num_evaluation_episodes)
        columns = garage_experiments.evaluate(run_dir, **asked)
        shown = f"{_head(what)}\n\n{columns_table(columns)}"
        rows = [what | row for row in evaluation_rows(columns)]
        as_json = out is not None and out.suffix == ".json"
        written = json.dumps(rows, indent=2) + "\n" if as_json else _csv(rows)
    click.echo(shown)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_text(out, written)
        click.echo(f"\n{out}")


def _what(run_dir: pathlib.Path, snapshot: str | None, episodes: int | None) -> dict[str, Any]:
    """Return which evaluation it is: the epoch, and the episodes of one policy over the tasks."""
    from learning.logging.run_description import read_description
    from learning.sweeps.folder_state import snapshot_names

    values = read_description(run_dir).values
    names = snapshot_names(run_dir)
    name = snapshot or (names[-1] if names else "")
    epoch = name.removeprefix("epoch_")
    return {
        "epoch": int(epoch) if epoch.isdigit() else None,
        "episodes_over_tasks": episodes or values.get("num_evaluation_episodes"),
    }


def _head(what: Mapping[str, Any]) -> str:
    return (
        f"After epoch {what['epoch']}, {what['episodes_over_tasks']} episodes of every policy, in "
        "total over the tasks"
    )


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()

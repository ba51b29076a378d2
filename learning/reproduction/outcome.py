"""What came out of a grid: ours beside the paper's, a verdict a claim, and the files of both."""

from __future__ import annotations

import dataclasses
import pathlib
import textwrap
from collections.abc import Sequence

from learning.analysis import table_data, table_text
from learning.analysis.asking import Question, read_places, table_of
from learning.analysis.judging import judge_claims
from learning.analysis.reading import Reading
from learning.analysis.tables import Table
from learning.analysis.verdicts import Verdict
from learning.logging.files import write_json, write_text
from learning.sweeps.grid_places import labelled_runs
from learning.sweeps.study import Study

_WIDTH = 100


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out.

    Attributes:
        study: What was asked for.
        question: How its runs were looked at.
        reading: The runs.
        table: Ours beside the paper's.
        verdicts: A verdict a claim.
    """

    study: Study
    question: Question
    reading: Reading
    table: Table
    verdicts: tuple[Verdict, ...]


def outcome_of(study: Study, *, force: bool) -> Outcome:
    """Read the runs of a study, as far as they are, and judge its claims.

    Args:
        study: What was asked for.
        force: Whether runs of different protocols or precision may meet.

    Raises:
        RecordError: No run has an evaluation, or they may not meet.
    """
    question = Question(measure=study.metric, force=force, skip_damaged=True)
    reading = read_places([labelled_runs(study)], question)
    if study.budget < 1:
        reading = dataclasses.replace(reading, notes=(_budget_note(study), *reading.notes))
    return Outcome(
        study=study,
        question=question,
        reading=reading,
        table=table_of(reading, question, papers=study.papers),
        verdicts=judge_claims(reading, study.claims, papers=study.papers, question=question),
    )


def outcome_text(outcome: Outcome) -> str:
    """Return the outcome for people: the table, and the verdicts under it."""
    parts = [f"{outcome.study.grid.title}\n", table_text.text(outcome.table)]
    return "\n".join([*parts, verdicts_text(outcome.verdicts)])


def _budget_note(study: Study) -> str:
    return f"cut to {study.budget:g} of each run's env steps, up to the next evaluation"


def verdicts_text(verdicts: Sequence[Verdict]) -> str:
    """Return a paragraph a claim: verdict, claim, reason."""
    if not verdicts:
        return "The grid claims nothing: it has no [[claims]].\n"
    lines = []
    for each in verdicts:
        lines += textwrap.wrap(f"{each.verdict.upper()}: {each.claim}", _WIDTH)
        lines += textwrap.wrap(each.because, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines) + "\n"


def write_outcome(outcome: Outcome, folder: pathlib.Path) -> list[pathlib.Path]:
    """Write the outcome's files.

    Args:
        outcome: What came out.
        folder: Where to; what stands there by the same names is replaced.

    Returns:
        The files: `table.txt` (with the verdicts), `table.md`, `table.csv` and `verdicts.json`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    markdown = table_text.markdown(outcome.table) + "\n" + _markdown_verdicts(outcome.verdicts)
    texts = {
        "table.txt": outcome_text(outcome),
        "table.md": f"# {outcome.study.grid.title}\n\n{markdown}",
        "table.csv": table_data.to_csv(outcome.table),
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    write_json(
        folder / "verdicts.json",
        {
            "grid": outcome.study.grid.name,
            "verdicts": [dataclasses.asdict(each) for each in outcome.verdicts],
        },
    )
    return [*(folder / name for name in texts), folder / "verdicts.json"]


def _markdown_verdicts(verdicts: Sequence[Verdict]) -> str:
    rows = [
        "| verdict | claim | because |",
        "|---|---|---|",
        *(f"| {each.verdict} | {each.claim} | {each.because} |" for each in verdicts),
    ]
    return "\n".join(rows) + "\n" if verdicts else ""

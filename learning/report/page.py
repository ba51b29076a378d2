"""The page: what was run, what came of it, how sure that is."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from learning.analysis.asking import Question, lacking_notes
from learning.analysis.comparison import Comparison
from learning.analysis.comparison_text import verdict as sentence
from learning.analysis.measures import MEASURES, bounds
from learning.analysis.reading import Reading
from learning.analysis.run_record import RunRecord
from learning.analysis.table_lines import LEGEND, WORDS, cell_lines, interval_text, number
from learning.analysis.tables import FEW_SEEDS, Table, make_table
from learning.analysis.verdicts import Verdict
from learning.logging.columns import TOTAL_ENV_STEPS
from learning.logging.files import write_text
from learning.plotting.shares import Shares
from learning.report.behaviour_block import behaviour_block
from learning.report.blocks import Block
from learning.report.comparisons import MOST_PAIRS, comparisons
from learning.report.curve_block import WORDS_OF, curve_block
from learning.report.failures import failures, other_notes
from learning.report.places import Places
from learning.report.provenance import Facts, option_facts, protocol_facts, provenance
from learning.report.sections import Asked, Section, make_sections
from learning.report.training_rows import TrainingRows, read_training_rows
from learning.sweeps.grid_file import Grid
from learning.sweeps.paper_numbers import PaperNumber
from learning.sweeps.sweep_state import RunProgress

FOLDER = pathlib.Path(__file__).parent
TEMPLATE, STYLE, SCRIPT = "page.html.jinja", "page.css", "page.js"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShownTable:
    """A table of a section.

    Attributes:
        caption: What it shows.
        table: The table.
        notes: What a reader of it must know.
    """

    caption: str
    table: Table
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShownRun:
    """A run in the list of all.

    Attributes:
        record: The run.
        name: What its folder is called.
        env_steps: Env steps of its last evaluation.
        rows: What its rows say.
    """

    record: RunRecord
    name: str
    env_steps: int
    rows: TrainingRows


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShownSection:
    """A task set on the page.

    Attributes:
        section: Its runs.
        id: Its id on the page.
        curves: The curves.
        behaviour: Who acted for whom; None where no run records it.
        tables: What is asked, and then the other measures.
        comparisons: Pairs of methods, with a sentence each.
        left_out: Whether there are more pairs than those.
        options: Options in which the methods differ.
        protocol: The protocol card.
    """

    section: Section
    id: str
    curves: Block | None
    behaviour: Block | None
    tables: tuple[ShownTable, ...]
    comparisons: tuple[tuple[Comparison, str], ...]
    left_out: bool
    options: Facts
    protocol: Facts


def write_report(
    reading: Reading,
    out: pathlib.Path,
    *,
    title: str,
    question: Question = Question(),  # noqa: B008 (it is frozen)
    grid: Grid | None = None,
    papers: Sequence[PaperNumber] = (),
    verdicts: Sequence[Verdict] = (),
    states: Mapping[str, RunProgress] | None = None,
) -> None:
    """Write a page that needs nothing but itself.

    Args:
        reading: The runs. Where a grid's labels or the papers' are wanted, they have them.
        out: The file; its folder is made where it is missing.
        title: Title of the page.
        question: What is asked: measure and actor of the first table and of the comparisons, where
            tables look, which task sets.
        grid: The grid that the runs are of.
        papers: The papers' numbers; they meet the runs by label and task set.
        verdicts: What the runs say of claims.
        states: Folder -> what became of its run in a sweep.

    Raises:
        RecordError: Runs of different protocols or precision meet without force, no run has what is
            asked, or a run is damaged.
    """
    places = Places(run.source for run in reading.runs)
    order = reading.labels
    ordered = sorted(reading.runs, key=lambda run: order.index(run.label))
    sections = make_sections(ordered, question)
    chosen = [run for section in sections for run in section.runs]
    runs = [_shown_run(run, places) for run in chosen]
    labels = [label for label in order if any(run.label == label for run in chosen)]
    rows = {run.record.source: run.rows for run in runs}
    shown = [
        _shown_section(
            place,
            section,
            labels=labels,
            rows=rows,
            papers=papers,
            question=question,
            places=places,
        )
        for place, section in enumerate(sections)
    ]
    page = _render(
        title=title,
        sections=shown,
        runs=runs,
        labels=labels,
        grid=grid,
        verdicts=verdicts,
        failures=failures(reading, states or {}, places),
        notes=[places.clean(note) for note in other_notes(reading)],
        provenance=provenance(chosen, places),
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    write_text(out, page)


def _shown_run(run: RunRecord, places: Places) -> ShownRun:
    return ShownRun(
        record=run,
        name=places.name(run.source),
        env_steps=int(run.columns[TOTAL_ENV_STEPS][-1]),
        rows=read_training_rows(run),
    )


def _shown_section(
    place: int,
    section: Section,
    *,
    labels: Sequence[str],
    rows: Mapping[pathlib.Path, TrainingRows],
    papers: Sequence[PaperNumber],
    question: Question,
    places: Places,
) -> ShownSection:
    here = [each for each in papers if each.env == section.env]
    points = section.points(question)
    pairs = comparisons(section, question, points[-1]) if points else []
    asked = (question.measure, question.who)
    order = [asked, *(key for key in section.curves if key != asked)]
    clean = dataclasses.replace(section, notes=tuple(map(places.clean, section.notes)))
    n = len(section.labels)
    return ShownSection(
        section=clean,
        id=f"set-{place}",
        curves=curve_block(f"curves-{place}", section, labels, here, question)
        if section.curves
        else None,
        behaviour=_behaviour(f"behaviour-{place}", section, rows),
        tables=tuple(
            _shown_table(section, key, question) for key in order if key in section.curves
        ),
        comparisons=tuple((each, sentence(each)) for each in pairs),
        left_out=n * (n - 1) // 2 > MOST_PAIRS,
        options=option_facts(section.labels, section.runs, places),
        protocol=protocol_facts(section.runs, places),
    )


def _shown_table(section: Section, asked: Asked, question: Question) -> ShownTable:
    measure, who = asked
    curves = list(section.curves[asked])
    table = make_table(
        curves,
        section.points(question),
        measure=measure,
        who=who,
        bounds=bounds(measure),
        n_resamples=question.n_resamples,
        seed=question.seed,
    )
    words = f"{WORDS_OF[measure]}, {WORDS[who]}" if measure in MEASURES else measure
    return ShownTable(
        caption=f"{section.title}: {words}, at env steps in total over the tasks",
        table=table,
        notes=(*lacking_notes(section.runs, curves, measure, who), *table.notes),
    )


def _behaviour(
    name: str, section: Section, rows: Mapping[pathlib.Path, TrainingRows]
) -> Block | None:
    shares: dict[str, list[Shares]] = {}
    for run in section.runs:
        each = rows[run.source].shares
        if each is not None:
            shares.setdefault(run.label, []).append(each)
    return behaviour_block(name, section, shares) if shares else None


def _render(**values: Any) -> str:
    """Return the page's text."""
    # Only a page needs them.
    import jinja2  # noqa: PLC0415
    from plotly.offline import get_plotlyjs  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "cell_lines": cell_lines,
        "number": number,
        "interval_text": interval_text,
        "legend": LEGEND,
        "few_seeds": FEW_SEEDS,
        "duration": _duration,
    }
    plotly, script = get_plotlyjs(), (FOLDER / SCRIPT).read_text(encoding="utf-8")
    return environment.get_template(TEMPLATE).render(
        **values,
        style=(FOLDER / STYLE).read_text(encoding="utf-8"),
        plotly=plotly,
        script=script,
        # No other script runs than these two, whatever a name on the page holds.
        script_hashes=[_hash(plotly), _hash(script)],
    )


def _hash(script: str) -> str:
    """Return a script's hash as a content security policy has it."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"

"""From paths and options to a table or a comparison: what the two commands share."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence

from learning.analysis.bootstrap import RESAMPLES
from learning.analysis.comparability import require_comparable
from learning.analysis.comparison import Comparison, compare
from learning.analysis.curves import RunCurve, run_curves
from learning.analysis.frames import runs_frame
from learning.analysis.labelled_runs import Place
from learning.analysis.measures import MEASURES, TASK, bounds
from learning.analysis.papers import PaperNumber, papers_points
from learning.analysis.points import At, Point, common_end
from learning.analysis.reading import Reading, labelled, of_task_sets, read_runs
from learning.analysis.run_record import RunRecord
from learning.analysis.scores import gather, require_one_set_of_tasks
from learning.analysis.tables import Table, make_table
from learning.errors import RecordError


@dataclasses.dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of runs.

    Attributes:
        measure: A key of `MEASURES`, or a column of progress.csv, `<task>` for every task's.
        who: Who acts, `own` or `mixture`.
        points: Where to look; none: at the last env steps that all runs reached.
        envs: Task sets; none: all.
        force: Whether runs of different protocols or precision may meet.
        skip_damaged: Whether damaged runs are left out with a note.
        n_resamples: How often the runs are resampled.
        seed: Seed of the resampling.
    """

    measure: str = "success"
    who: str = "own"
    points: tuple[Point, ...] = ()
    envs: tuple[str, ...] = ()
    force: bool = False
    skip_damaged: bool = False
    n_resamples: int = RESAMPLES
    seed: int = 0


def ask_table(
    places: Sequence[Place],
    question: Question,
    *,
    labels: Sequence[str] = (),
    thresholds: Sequence[float] = (),
    papers: Sequence[PaperNumber] = (),
) -> Table:
    """Return the table of the runs in some places.

    Args:
        places: See `find_runs`.
        question: What is asked.
        labels: Whose rows, in this order; none: all.
        thresholds: A column each: env steps until the mean over the tasks is there.
        papers: What papers report. Where nothing else is asked, the table looks at their env steps
            that all runs have reached.

    Raises:
        RecordError: See `read_runs`, `table_of`.
    """
    reading = read_places(places, question)
    return table_of(reading, question, labels=labels, thresholds=thresholds, papers=papers)


def table_of(
    reading: Reading,
    question: Question,
    *,
    labels: Sequence[str] = (),
    thresholds: Sequence[float] = (),
    papers: Sequence[PaperNumber] = (),
) -> Table:
    """Return the table of runs that have been read; see `ask_table`.

    Raises:
        RecordError: See `require_comparable`, `run_curves`; or a label is not there.
    """
    runs, notes = list(reading.runs), list(reading.notes)
    order = reading.labels
    runs = [run for label in labels or order for run in labelled(runs, label)]
    notes += require_comparable(runs, force=question.force)
    curves, said = measured_curves(runs, question)
    curves.sort(key=lambda curve: list(labels or order).index(curve.label))
    points = question.points
    if not points and not thresholds:
        points = papers_points(curves, papers, question.measure) or (At(common_end(curves)),)
    table = make_table(
        curves,
        points,
        measure=question.measure,
        who=question.who,
        thresholds=thresholds,
        papers=papers,
        bounds=bounds(question.measure),
        n_resamples=question.n_resamples,
        seed=question.seed,
    )
    return dataclasses.replace(table, notes=(*notes, *said, *table.notes))


def ask_comparison(a: str, b: str, places: Sequence[Place], question: Question) -> Comparison:
    """Compare two labels among the runs in some places, or the runs of two places.

    Args:
        a: Label among the runs in `places`; without `places`, one whose runs have one label.
        b: The same for the other method.
        places: See `find_runs`; may be empty.
        question: What is asked; one point at most.

    Raises:
        RecordError: See `ask_table`; or the runs are of several task sets.
    """
    if places:
        reading = read_places(places, question)
        runs, notes = list(reading.runs), list(reading.notes)
        sides = {name: labelled(runs, name) for name in (a, b)}
    else:
        sides, notes = {}, []
        for place in (a, b):
            if not pathlib.Path(place).exists():
                raise RecordError(
                    f"{place} is not there: give two places, or two labels and then places"
                )
            reading = read_places([pathlib.Path(place)], question)
            found, said = list(reading.runs), list(reading.notes)
            labels = dict.fromkeys(run.label for run in found)
            if len(labels) > 1:
                raise RecordError(
                    f"{place} holds runs of {', '.join(labels)}: name two labels, and then {place}"
                )
            sides[place] = found
            notes += said
    if len(sides) == 1:
        raise RecordError(f"{a} is to be compared with itself: name two")
    both = [run for side in sides.values() for run in side]
    if len({run.source.resolve() for run in both}) < len(both):
        raise RecordError(f"{a} and {b} hold the same run: choose places without a common run")
    envs = dict.fromkeys(run.env for run in both)
    if len(envs) > 1:
        raise RecordError(f"the runs are of {', '.join(envs)}: choose one with --env")
    notes += require_comparable(both, force=question.force)
    curves = {}
    for name, side in sides.items():
        curves[name], said = measured_curves(side, question)
        notes += said
    everyone = [curve for each in curves.values() for curve in each]
    require_one_set_of_tasks(everyone)
    point = question.points[0] if question.points else At(common_end(everyone))
    return compare(
        gather(curves[a], point),
        gather(curves[b], point),
        a=a,
        b=b,
        env=everyone[0].env,
        measure=question.measure,
        who=question.who,
        point=f"at {point.name}" if isinstance(point, At) else point.name,
        notes=tuple(notes),
        bounds=bounds(question.measure),
        n_resamples=question.n_resamples,
        seed=question.seed,
    )


def read_places(places: Sequence[Place], question: Question) -> Reading:
    """Read runs as a question says, those of its task sets.

    Raises:
        RecordError: See `read_runs`; or a task set has no run.
    """
    reading = read_runs(places, on_damage="skip" if question.skip_damaged else "error")
    return dataclasses.replace(reading, runs=tuple(of_task_sets(reading.runs, question.envs)))


def measured_curves(
    runs: Sequence[RunRecord], question: Question
) -> tuple[list[RunCurve], list[str]]:
    """Return the curves, and a note on each run that has none.

    Raises:
        RecordError: No run has one.
    """
    known = question.measure in MEASURES
    each = known or TASK in question.measure
    frame = runs_frame(
        runs,
        tasks="each" if each else "mean",
        columns=() if known else (question.measure,),
    )
    curves = run_curves(frame, question.measure, question.who)
    return curves, lacking_notes(runs, curves, question.measure, question.who)


def lacking_notes(
    runs: Sequence[RunRecord], curves: Sequence[RunCurve], measure: str, who: str
) -> list[str]:
    """Return a note on each run that has no curve.

    Args:
        runs: Runs.
        curves: Their curves of this measure and actor.
        measure: What is measured.
        who: Who acts.
    """
    there = {curve.run for curve in curves}
    notes = []
    for label in dict.fromkeys(run.label for run in runs):
        lacking = [
            str(run.seed) for run in runs if run.label == label and str(run.source) not in there
        ]
        if lacking:
            notes.append(
                f"left out: {label} with seed {', '.join(lacking)} has no numbers of "
                f"{measure} with {who} acting"
            )
    return notes

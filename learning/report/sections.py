"""The runs of one task set: their curves by what is measured and who acts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from learning.analysis.asking import Question, lacking_notes
from learning.analysis.comparability import require_comparable
from learning.analysis.curves import RunCurve, run_curves
from learning.analysis.frames import Tasks, runs_frame
from learning.analysis.measures import ACTORS, MEASURES, TASK
from learning.analysis.points import At, Point, common_end
from learning.analysis.run_record import RunRecord
from learning.errors import RecordError

if TYPE_CHECKING:
    import pandas as pd

MAIN_POINTS = 3
"""Number of env steps of a table that is asked for none: the common end, and parts of it."""

Asked = tuple[str, str]
"""A measure, and who acts."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Section:
    """The runs of one task set.

    Attributes:
        env: Id of the task set.
        title: What it is called on the page.
        tasks: Names of the tasks.
        labels: Labels of its runs, in the order of the page.
        runs: The runs.
        curves: Measure and actor -> curves of the runs that have them; what is asked first.
        notes: What a reader of its numbers must know.
    """

    env: str
    title: str
    tasks: tuple[str, ...]
    labels: tuple[str, ...]
    runs: tuple[RunRecord, ...]
    curves: Mapping[Asked, Sequence[RunCurve]]
    notes: tuple[str, ...]

    def runs_of(self, label: str) -> list[RunRecord]:
        """Return the runs of a label."""
        return [run for run in self.runs if run.label == label]

    def points(self, question: Question) -> tuple[Point, ...]:
        """Return where tables look: as asked, or at parts of what all runs reached."""
        if question.points or not self.curves:
            return question.points
        end = common_end(list(next(iter(self.curves.values()))))
        parts = [round(end * part / MAIN_POINTS) for part in range(1, MAIN_POINTS)]
        begun = max(curve.steps[0] for curve in next(iter(self.curves.values())))
        return tuple(At(steps) for steps in (*(each for each in parts if each >= begun), end))


def make_sections(runs: Sequence[RunRecord], question: Question) -> list[Section]:
    """Return a section for each task set, in the order of the runs.

    Runs of one task set with different tasks, as a user's own may have, do not meet.

    Args:
        runs: Runs.
        question: What is asked.

    Raises:
        RecordError: Runs may not meet, see `require_comparable`; or none has what is asked.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[RunRecord]] = {}
    for run in runs:
        if not question.envs or run.env in question.envs:
            groups.setdefault((run.env, run.tasks), []).append(run)
    envs = [env for env, _ in groups]
    for env in question.envs:
        if env not in envs:
            there = ", ".join(dict.fromkeys(run.env for run in runs))
            raise RecordError(f"no run of {env}: there are runs of {there}")
    sections = []
    for (env, tasks), group in groups.items():
        title = env if envs.count(env) == 1 else f"{env} ({', '.join(tasks)})"
        sections.append(_section(env, title, tasks, group, question))
    asked = (question.measure, question.who)
    if not any(asked in section.curves for section in sections):
        raise RecordError(f"no run has numbers of {question.measure} with {question.who} acting")
    return sections


def _section(
    env: str,
    title: str,
    tasks: tuple[str, ...],
    runs: Sequence[RunRecord],
    question: Question,
) -> Section:
    notes = require_comparable(runs, force=question.force)
    asked = (question.measure, question.who)
    frame = runs_frame(runs)
    usual = [(measure, who) for measure in MEASURES for who in ACTORS]
    curves = {each: _curves(runs, frame, each) for each in dict.fromkeys([asked, *usual])}
    if curves[asked]:
        notes += lacking_notes(runs, curves[asked], *asked)
    else:
        notes.append(f"no run has numbers of {question.measure} with {question.who} acting")
    return Section(
        env=env,
        title=title,
        tasks=tasks,
        labels=tuple(dict.fromkeys(run.label for run in runs)),
        runs=tuple(runs),
        curves={key: each for key, each in curves.items() if each},
        notes=tuple(notes),
    )


def _curves(runs: Sequence[RunRecord], frame: pd.DataFrame, asked: Asked) -> list[RunCurve]:
    """Return the curves of the runs that have what is asked; none where no run has it.

    Args:
        runs: Runs.
        frame: Their usual measures.
        asked: Measure and actor.
    """
    measure, who = asked
    try:
        if measure not in MEASURES:
            tasks: Tasks = "each" if TASK in measure else "mean"
            frame = runs_frame(runs, tasks=tasks, columns=(measure,))
        found = run_curves(frame, measure, who)
    except RecordError:
        return []
    order = list(dict.fromkeys(run.label for run in runs))
    return sorted(found, key=lambda curve: order.index(curve.label))

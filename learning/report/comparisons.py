"""Methods beside one another, as many pairs as a reader takes in."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from learning.analysis.asking import Question
from learning.analysis.comparison import Comparison, compare
from learning.analysis.measures import bounds
from learning.analysis.points import At, Point
from learning.analysis.scores import gather
from learning.report.sections import Section

MOST_PAIRS = 10
"""Number of pairs above which every method is compared with the first one only."""


def comparisons(section: Section, question: Question, point: Point) -> list[Comparison]:
    """Return the comparisons of a task set's methods in what is asked, at one point.

    Pairs of which one has no run with a number there are left out; the table says why.

    Args:
        section: The task set's runs.
        question: What is asked.
        point: Where.
    """
    curves = section.curves.get((question.measure, question.who), ())
    scores = {
        label: gather([curve for curve in curves if curve.label == label], point)
        for label in section.labels
        if any(curve.label == label for curve in curves)
    }
    there = [label for label, each in scores.items() if each.seeds]
    return [
        compare(
            scores[a],
            scores[b],
            a=a,
            b=b,
            env=section.env,
            measure=question.measure,
            who=question.who,
            point=f"at {point.name}" if isinstance(point, At) else point.name,
            bounds=bounds(question.measure),
            n_resamples=question.n_resamples,
            seed=question.seed,
        )
        for a, b in pairs(there)
    ]


def pairs(labels: Sequence[str]) -> list[tuple[str, str]]:
    """Return all pairs, or where they are too many, each label's with the first."""
    every = list(itertools.combinations(labels, 2))
    return every if len(every) <= MOST_PAIRS else [(labels[0], each) for each in labels[1:]]

"""Asks runs about claims: finds the curves and the place on them, and judges."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from learning.analysis.asking import Question, measured_curves
from learning.analysis.bootstrap import interval
from learning.analysis.claims import Claim, DifferenceClaim, ValueClaim
from learning.analysis.comparability import require_comparable
from learning.analysis.comparison import Estimate, compare
from learning.analysis.curves import RunCurve
from learning.analysis.measures import bounds
from learning.analysis.papers import PaperNumber, find_number
from learning.analysis.points import Area, At, Point, Window, common_end, covers
from learning.analysis.reading import Reading
from learning.analysis.scores import Scores, gather
from learning.analysis.statistics import mean
from learning.analysis.tables import missing_runs
from learning.analysis.verdicts import Verdict, judge_difference, judge_value
from learning.errors import RecordError


class _NoNumberError(Exception):
    """The runs hold nothing about a claim; the message says why."""


def judge_claims(
    reading: Reading,
    claims: Sequence[Claim],
    *,
    papers: Sequence[PaperNumber] = (),
    question: Question | None = None,
) -> tuple[Verdict, ...]:
    """Judge claims by runs.

    Args:
        reading: The runs.
        claims: What is claimed of their labels.
        papers: What papers report.
        question: Who acts, whether runs may meet that differ, and the resampling; the rest of it
            does not count.

    Returns:
        A verdict a claim, in their order.

    Raises:
        RecordError: The runs of a claim may not meet; see `require_comparable`.
    """
    asked = question or Question()
    return tuple(_judge(reading, claim, papers, asked) for claim in claims)


def _judge(
    reading: Reading, claim: Claim, papers: Sequence[PaperNumber], question: Question
) -> Verdict:
    judge = _of_difference if isinstance(claim, DifferenceClaim) else _of_value
    try:
        return judge(reading, claim, papers, question)  # type: ignore[arg-type]  # as chosen above
    except _NoNumberError as error:
        return Verdict(claim.text, "cannot tell", str(error))


def _of_difference(
    reading: Reading, claim: DifferenceClaim, papers: Sequence[PaperNumber], question: Question
) -> Verdict:
    labels = (claim.better, claim.worse)
    curves = _curves(reading, labels, claim, question)
    of_papers = [
        {
            each.env_steps: each.value
            for each in papers
            if (each.label, each.env, each.metric) == (label, claim.env, claim.metric)
        }
        for label in labels
    ]
    point = _point(claim, [*curves[0], *curves[1]], of_papers[0].keys() & of_papers[1].keys())
    better, worse = (
        _scores(label, each, point) for label, each in zip(labels, curves, strict=True)
    )
    difference = compare(
        better,
        worse,
        a=claim.better,
        b=claim.worse,
        env=claim.env,
        measure=claim.metric,
        who=question.who,
        point=point.name,
        bounds=bounds(claim.metric),
        n_resamples=question.n_resamples,
        seed=question.seed,
    ).mean
    paper = None
    if isinstance(point, At) and all(point.steps in each for each in of_papers):
        paper = of_papers[0][point.steps] - of_papers[1][point.steps]
    return judge_difference(
        claim.text,
        difference,
        better,
        worse,
        paper=paper,
        margin=claim.margin,
        where=_where(point),
    )


def _of_value(
    reading: Reading, claim: ValueClaim, papers: Sequence[PaperNumber], question: Question
) -> Verdict:
    paper = find_number(
        papers,
        label=claim.label,
        env=claim.env,
        env_steps=claim.env_steps,
        metric=claim.metric,
    )
    if paper is None:
        raise _NoNumberError(f"the paper has no number of {claim.label} at {claim.env_steps}")
    (curves,) = _curves(reading, (claim.label,), claim, question)
    point = At(claim.env_steps)
    scores = _scores(claim.label, curves, point)
    ours = Estimate(
        float(mean(scores.values)),
        interval(
            scores.values,
            mean,
            bounds=bounds(claim.metric),
            n_resamples=question.n_resamples,
            seed=question.seed,
        ),
    )
    return judge_value(
        claim.text, ours, scores, paper=paper.value, within=claim.within, where=_where(point)
    )


def _curves(
    reading: Reading, labels: Sequence[str], claim: Claim, question: Question
) -> list[list[RunCurve]]:
    """Return the curves of each label."""
    groups = [
        [run for run in reading.runs if (run.label, run.env) == (label, claim.env)]
        for label in labels
    ]
    for label, group in zip(labels, groups, strict=True):
        if not group:
            raise _NoNumberError(f"no run of {label} on {claim.env} has an evaluation yet")
    require_comparable([run for group in groups for run in group], force=question.force)
    asked = dataclasses.replace(question, measure=claim.metric)
    try:
        return [measured_curves(group, asked)[0] for group in groups]
    except RecordError as error:
        raise _NoNumberError(str(error)) from error


def _point(claim: DifferenceClaim, curves: Sequence[RunCurve], of_papers: set[int]) -> Point:
    look = claim.look
    if look.window is not None:
        return Window(*look.window)
    steps = look.env_steps
    if look.area:
        return Area(common_end(list(curves)) if steps is None else steps)
    if steps is None:
        reached = [each for each in of_papers if all(covers(curve, each) for curve in curves)]
        steps = max(reached, default=common_end(list(curves)))
    return At(steps)


def _scores(label: str, curves: Sequence[RunCurve], point: Point) -> Scores:
    scores = gather(curves, point)
    if not scores.seeds:
        reasons = "; ".join(missing_runs(scores.missing))
        raise _NoNumberError(f"no run of {label} has a number {_where(point)}: {reasons}")
    return scores


def _where(point: Point) -> str:
    if isinstance(point, At):
        return f"at {point.steps:,} env steps"
    if isinstance(point, Area):
        return f"over training up to {point.budget:,} env steps (area under the curve)"
    return f"({point.name} env steps)"

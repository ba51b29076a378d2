"""Numbers that papers report, to stand beside ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from learning.analysis.curves import RunCurve
from learning.analysis.points import At, covers


@dataclasses.dataclass(frozen=True, kw_only=True)
class PaperNumber:
    """A number that a paper reports.

    Attributes:
        label: What the grid calls the method.
        env: Id of the task set.
        env_steps: Environment steps of training, in total over the tasks.
        metric: `success`, `any_subgoal` or `return`.
        value: The mean over seeds and tasks; success is a share.
        source: Where it is from, and how it was read.
    """

    label: str
    env: str
    env_steps: int
    metric: str
    value: float
    source: str


def find_number(
    papers: Sequence[PaperNumber], *, label: str, env: str, env_steps: int, metric: str
) -> PaperNumber | None:
    """Return the number that a paper has for a method at just these env steps, or None."""
    wanted = (label, env, env_steps, metric)
    for each in papers:
        if (each.label, each.env, each.env_steps, each.metric) == wanted:
            return each
    return None


def papers_metric(papers: Sequence[PaperNumber]) -> str:
    """Return what the papers' numbers measure, where they are of one metric; else `success`."""
    metrics = {each.metric for each in papers}
    return metrics.pop() if len(metrics) == 1 else "success"


def papers_points(
    curves: Sequence[RunCurve], papers: Sequence[PaperNumber], metric: str
) -> tuple[At, ...]:
    """Return the env steps at which a paper has numbers and that all runs have reached.

    Args:
        curves: The runs.
        papers: The papers' numbers; those of other labels and task sets do not count.
        metric: What is measured.
    """
    known = {(curve.label, curve.env) for curve in curves}
    steps = {
        each.env_steps
        for each in papers
        if each.metric == metric and (each.label, each.env) in known
    }
    return tuple(At(each) for each in sorted(steps) if all(covers(curve, each) for curve in curves))

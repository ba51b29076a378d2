"""Whether a claim held, by the intervals over runs: `held`, `not held` or `cannot tell`.

The rule is in docs/statistics.md, with its reasons.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

import numpy as np
from scipy import special

from learning.analysis.bootstrap import CONFIDENCE
from learning.analysis.comparison import Estimate
from learning.analysis.scores import Scores
from learning.analysis.statistics import Array
from learning.analysis.table_lines import interval_text, number

FEWEST = 3
"""Runs of a method below which nothing is judged."""

MOST_SEEDS = 1000
"""Number of seeds above which no number of seeds is told."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes:
        claim: The claim, a sentence.
        verdict: Whether it held here.
        because: Why, in a sentence with numbers.
    """

    claim: str
    verdict: Literal["held", "not held", "cannot tell"]
    because: str


def judge_difference(
    claim: str,
    difference: Estimate,
    better: Scores,
    worse: Scores,
    *,
    paper: float | None,
    margin: float,
    where: str,
) -> Verdict:
    """Judge that one method is better than another, or with a margin, at least as good.

    Args:
        claim: The claim.
        difference: Ours, better minus worse, of the means over runs and tasks.
        better: Scores of the runs of what is claimed to be better.
        worse: Scores of those of the other.
        paper: The paper's own difference there; None: not known.
        margin: By how much the first may be below the second.
        where: Where on the curves, in words.
    """
    few = _too_few(claim, (len(better.seeds), len(worse.seeds)), where)
    if few is not None:
        return few
    low, high = difference.interval.low, difference.interval.high
    said = f"the difference {where} is {_estimate(difference)}"
    said += "" if paper is None else f", the paper's {number(paper)}"
    if low == high:
        return Verdict(
            claim,
            "cannot tell",
            f"{said}; all runs of a method have one value, so that the interval says nothing",
        )
    allowed = f" the margin {number(-margin)}" if margin else " 0"
    if low > -margin:
        smaller = paper is not None and not margin and high < paper
        but = "; in the claimed direction, but smaller than the paper's" if smaller else ""
        return Verdict(claim, "held", f"{said}: its interval lies above{allowed}{but}")
    if high < -margin:
        return Verdict(claim, "not held", f"{said}: its interval lies below{allowed}")
    if paper is not None and not margin and high < paper:
        direction = "in the claimed direction but " if difference.value > 0 else ""
        return Verdict(
            claim,
            "not held",
            f"{said}: its interval holds 0 and leaves the paper's difference out; ours is "
            f"{direction}smaller with certainty",
        )
    spreads = _spread(better), _spread(worse)
    wanted = {
        "a difference of this size": difference.value + margin,
        "one of the paper's": paper + margin if paper is not None and not margin else 0.0,
    }
    needed = "; ".join(
        f"{_seeds_text(seeds_needed(size, *spreads))} would be needed to tell {what}"
        for what, size in wanted.items()
        if size
    )
    return Verdict(
        claim,
        "cannot tell",
        f"{said}: its interval holds{allowed}"
        + (f"; at this spread about {needed}" * bool(needed)),
    )


def judge_value(
    claim: str, ours: Estimate, scores: Scores, *, paper: float, within: float, where: str
) -> Verdict:
    """Judge that a method reaches a paper's number.

    Args:
        claim: The claim.
        ours: Our mean over runs and tasks.
        scores: Scores of our runs.
        paper: The paper's number.
        within: Half the width of our interval above which it tells nothing.
        where: Where on the curve, in words.
    """
    few = _too_few(claim, (len(scores.seeds),), where)
    if few is not None:
        return few
    low, high = ours.interval.low, ours.interval.high
    said = f"ours {where} is {_estimate(ours)}, the paper's {number(paper)}"
    if low == high:
        return Verdict(
            claim,
            "cannot tell",
            f"{said}; all runs have one value, so that the interval says nothing",
        )
    if ours.excludes(paper):
        return Verdict(claim, "not held", f"{said}, which our interval leaves out")
    if (high - low) / 2 <= within:
        return Verdict(claim, "held", f"{said}, which our interval holds")
    needed = _seeds_text(seeds_needed(within, _spread(scores), 0.0))
    return Verdict(
        claim,
        "cannot tell",
        f"{said}: our interval holds it and much else; for one of +-{number(within)}, at this "
        f"spread about {needed} would be needed",
    )


def seeds_needed(size: float, spread_a: float, spread_b: float) -> int | None:
    """Return with how many seeds each a difference would leave 0 out of its interval, roughly.

    The least n >= `FEWEST` with t(0.975, f) sqrt((a^2 + b^2) / n) < |size|, where f are the degrees
    of freedom of Welch and Satterthwaite for equal n.

    Args:
        size: The difference.
        spread_a: Standard deviation of one method's runs.
        spread_b: That of the other's; 0: there is no other.

    Returns:
        Seeds of each method; None: more than `MOST_SEEDS`.
    """
    total = spread_a**2 + spread_b**2
    if not total:
        return FEWEST
    share = total**2 / (spread_a**4 + spread_b**4)
    for n in range(FEWEST, MOST_SEEDS + 1):
        student = float(special.stdtrit(share * (n - 1), (1 + CONFIDENCE) / 2))
        if student * math.sqrt(total / n) < abs(size):
            return n
    return None


def _too_few(claim: str, counts: tuple[int, ...], where: str) -> Verdict | None:
    if min(counts) >= FEWEST:
        return None
    against = " against ".join(map(str, counts))
    return Verdict(
        claim,
        "cannot tell",
        f"{against} runs {where}: with fewer than {FEWEST} seeds of a method nothing is judged",
    )


def _spread(scores: Scores) -> float:
    means: Array = scores.values.mean(axis=1)
    return float(np.std(means, ddof=1))


def _estimate(estimate: Estimate) -> str:
    return f"{number(estimate.value)} {interval_text(estimate.interval)}"


def _seeds_text(seeds: int | None) -> str:
    return f"more than {MOST_SEEDS} seeds each" if seeds is None else f"{seeds} seeds each"

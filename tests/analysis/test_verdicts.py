"""Verdicts on claims, worked out by hand, and what runs they are about."""

import dataclasses

import numpy as np
import pytest

from learning.analysis.bootstrap import NO_INTERVAL, Interval
from learning.analysis.claims import DifferenceClaim, Look, ValueClaim
from learning.analysis.comparison import Estimate
from learning.analysis.judging import judge_claims
from learning.analysis.papers import PaperNumber
from learning.analysis.reading import Reading, read_runs
from learning.analysis.scores import Scores
from learning.analysis.verdicts import judge_difference, judge_value, seeds_needed
from learning.errors import RecordError
from tests.plotting.make_runs import make_run

JACO = "JacoReachMT5-v1"


def scores(*values):
    """Runs of one task."""
    n = len(values)
    return Scores(values=np.array(values)[:, None], seeds=tuple(range(n)), missing=())


# Two methods whose runs have a standard deviation of 0.1 each.
A, B = scores(0.5, 0.6, 0.7), scores(0.3, 0.4, 0.5)


def judged(low, value, high, *, paper=None, margin=0.0, a=A, b=B):
    return judge_difference(
        "A is better.",
        Estimate(value, Interval(low, high)),
        a,
        b,
        paper=paper,
        margin=margin,
        where="at 9 env steps",
    )


@pytest.mark.parametrize(
    ("numbers", "paper", "margin", "verdict", "said"),
    [
        ((0.1, 0.2, 0.3), None, 0, "held", "0.200 [0.100, 0.300]: its interval lies above 0"),
        ((0.1, 0.2, 0.3), 0.25, 0, "held", "the paper's 0.250: its interval lies above 0"),
        ((0.1, 0.2, 0.3), 0.4, 0, "held", "in the claimed direction, but smaller than the paper's"),
        ((-0.3, -0.2, -0.1), 0.1, 0, "not held", "its interval lies below 0"),
        ((-0.1, 0.05, 0.2), 0.3, 0, "not held", "in the claimed direction but smaller"),
        ((-0.1, -0.05, 0.2), 0.3, 0, "not held", "ours is smaller with certainty"),
        ((-0.1, 0.05, 0.4), 0.3, 0, "cannot tell", "its interval holds 0"),
        ((-0.1, 0.05, 0.2), None, 0, "cannot tell", "its interval holds 0"),
        # The paper's own difference is the other way round: there is nothing to be smaller than.
        ((-0.1, 0.05, 0.2), -0.1, 0, "cannot tell", "its interval holds 0"),
        ((-0.04, 0.01, 0.06), None, 0.05, "held", "lies above the margin -0.050"),
        ((-0.3, -0.2, -0.1), None, 0.05, "not held", "lies below the margin -0.050"),
        ((-0.1, 0, 0.02), 0.3, 0.05, "cannot tell", "holds the margin -0.050"),
    ],
)
def test_a_difference_is_judged_by_its_interval(numbers, paper, margin, verdict, said):
    found = judged(*numbers, paper=paper, margin=margin)
    assert (found.claim, found.verdict) == ("A is better.", verdict)
    assert said in found.because
    assert "certainty" not in found.because or verdict == "not held"


def test_few_seeds_and_no_spread_tell_nothing():
    few = judged(0.1, 0.2, 0.3, b=scores(0.1, 0.2))
    assert few.verdict == "cannot tell"
    assert "3 against 2 runs at 9 env steps: with fewer than 3 seeds" in few.because
    one = judge_difference(
        "c", Estimate(0.2, NO_INTERVAL), scores(1.0), B, paper=0.1, margin=0, where="there"
    )
    assert one.verdict == "cannot tell"
    same = judged(0.2, 0.2, 0.2, a=scores(0.5, 0.5, 0.5), b=scores(0.3, 0.3, 0.3))
    assert same.verdict == "cannot tell"
    assert "all runs of a method have one value" in same.because


def test_seeds_that_would_be_needed():
    """t(0.975, 2n - 2) sqrt(0.02 / n): for n = 3, 2.776 * 0.0816 = 0.227; for 4, 0.173."""
    assert seeds_needed(0.2, 0.1, 0.1) == 4
    assert seeds_needed(0.23, 0.1, 0.1) == 3
    assert seeds_needed(-0.2, 0.1, 0.1) == 4
    # One method alone, t(0.975, n - 1) 0.1 / sqrt(n): 2.571 * 0.0408 = 0.105 for 6; 0.092 for 7.
    assert seeds_needed(0.1, 0.1, 0.0) == 7
    assert seeds_needed(0.0001, 0.1, 0.1) is None
    assert seeds_needed(0.1, 0.0, 0.0) == 3
    said = judged(-0.1, 0.2, 0.5, paper=0.4).because
    assert "about 4 seeds each would be needed to tell a difference of this size" in said
    assert "3 seeds each would be needed to tell one of the paper's" in said
    assert "more than 1000 seeds each" in judged(-0.1, 0.0001, 0.5).because


@pytest.mark.parametrize(
    ("low", "high", "verdict", "said"),
    [
        (0.55, 0.65, "held", "which our interval holds"),
        (0.62, 0.8, "not held", "which our interval leaves out"),
        (0.3, 0.9, "cannot tell", "at this spread about 7 seeds each would be needed"),
        (0.6, 0.6, "cannot tell", "all runs have one value"),
    ],
)
def test_a_value_is_judged_by_its_interval(low, high, verdict, said):
    ours = Estimate((low + high) / 2, Interval(low, high))
    found = judge_value("c", ours, A, paper=0.6, within=0.1, where="at 9 env steps")
    assert found.verdict == verdict
    assert said in found.because


def reading_of(tmp_path, labels, **shape):
    """Runs of labels, four seeds each, whose evaluations are at 2000 and 4000 env steps."""
    for label, noise in labels.items():
        for seed in range(4):
            make_run(tmp_path / label / str(seed), name=label, seed=seed, noise=noise, **shape)
    return read_runs([tmp_path])


def number(label, steps, value):
    return PaperNumber(
        label=label, env=JACO, env_steps=steps, metric="success", value=value, source="s"
    )


def claim_of(better, worse, **look):
    margin = look.pop("margin", 0.0)
    return DifferenceClaim(
        text="c",
        better=better,
        worse=worse,
        env=JACO,
        metric="success",
        look=Look(**look),
        margin=margin,
    )


def test_where_a_claim_looks(tmp_path):
    reading = reading_of(tmp_path, {"a": 0.1, "b": 0.2})
    papers = [number("a", 2100, 0.9), number("b", 2100, 0.4), number("a", 3000, 0.9)]

    def because(papers=(), **look):
        (verdict,) = judge_claims(reading, [claim_of("a", "b", **look)], papers=papers)
        return verdict.because

    # Of the paper's env steps only those count at which it has both.
    assert "at 2,100 env steps" in because(papers)
    assert "the paper's 0.500" in because(papers)
    assert "at 4,000 env steps" in because()
    assert "at 3,000 env steps" in because(papers, env_steps=3000)
    assert "paper" not in because(papers, env_steps=3000)
    assert "area under the curve" in because(papers, area=True)
    assert "(mean 1000 to 4000 env steps)" in because(window=(1000, 4000))
    assert "no run of a has a number at 90,000" in because(env_steps=90000)
    (verdict,) = judge_claims(reading, [claim_of("a", "nobody")])
    assert (verdict.verdict, verdict.because) == (
        "cannot tell",
        f"no run of nobody on {JACO} has an evaluation yet",
    )


def test_a_claim_of_a_value_asks_the_paper_s_number(tmp_path):
    reading = reading_of(tmp_path, {"a": 0.05})
    claim = ValueClaim(text="c", label="a", env=JACO, metric="success", env_steps=2000, within=0.3)
    # Half of training: (0.5 + 0.5 ** 1.2) / 2 = 0.468.
    (held,) = judge_claims(reading, [claim], papers=[number("a", 2000, 0.468)])
    (missed,) = judge_claims(reading, [claim], papers=[number("a", 2000, 0.9)])
    (nothing,) = judge_claims(reading, [claim])
    assert (held.verdict, missed.verdict) == ("held", "not held")
    assert nothing.because == "the paper has no number of a at 2000"


def test_runs_of_other_protocols_are_not_judged(tmp_path):
    reading = reading_of(tmp_path, {"a": 0.1, "b": 0.2})
    first = reading.runs[0]
    other = dataclasses.replace(first, protocol={**first.protocol, "horizon": 7})
    with pytest.raises(RecordError, match="horizon"):
        judge_claims(Reading((other, *reading.runs[1:]), ()), [claim_of("a", "b")])

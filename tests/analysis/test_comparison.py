"""Two methods beside one another, and what is said of them."""

import json

import numpy as np
import pytest
from scipy import stats

from learning.analysis.comparison import compare
from learning.analysis.comparison_text import text, to_json, verdict
from learning.analysis.scores import Scores
from learning.errors import RecordError


def scores_of(values, missing=()):
    values = np.array(values, float)
    return Scores(values=values, seeds=tuple(range(len(values))), missing=missing)


def comparison_of(x, y, **options):
    names = {"a": "qmp", "b": "mtsac", "env": "E", "measure": "success", "who": "own"}
    return compare(scores_of(x), scores_of(y), point="at 100", **names, **options)


def test_the_numbers_by_hand():
    x, y = [[0.8, 0.6], [0.4, 1.0], [0.9, 0.5]], [[0.4, 0.6], [0.2, 0.2]]
    found = comparison_of(x, y)
    assert found.mean.value == pytest.approx(0.7 - 0.35)
    # IQM of .4 .5 .6 .8 .9 1.0, one left out at either end; of .2 .2 .4 .6, one.
    assert found.iqm.value == pytest.approx(0.7 - 0.3)
    # Task 0: 5.5 of 6 pairs, for .4 ties with .4; task 1: .6 ties, .5 is below .6: 4.5 of 6.
    assert found.improvement.value == pytest.approx((5.5 + 4.5) / 12)
    shares = [
        stats.mannwhitneyu(np.array(x)[:, t], np.array(y)[:, t]).statistic / 6 for t in (0, 1)
    ]
    assert found.improvement.value == pytest.approx(np.mean(shares))
    assert found.separated
    assert found.smallest_p == pytest.approx(0.2)
    assert 0 <= found.improvement.interval.low <= found.improvement.interval.high <= 1


def test_the_difference_of_shares_stays_between_minus_one_and_one():
    found = comparison_of([[0.1], [0.9]], [[0.2], [0.9]], bounds=(0.0, 1.0))
    assert (found.mean.interval.low, found.mean.interval.high) == (-1, 1)


def test_swapping_the_two_turns_the_numbers_round():
    random = np.random.default_rng(0)
    x, y = random.random((5, 3)), random.random((4, 3))
    one, other = comparison_of(x, y), comparison_of(y, x)
    assert one.mean.value == pytest.approx(-other.mean.value)
    assert one.improvement.value == pytest.approx(1 - other.improvement.value)
    assert one.smallest_p == other.smallest_p


def test_three_seeds_that_overlap_cannot_tell():
    said = verdict(comparison_of([[0.5], [0.7], [0.9]], [[0.4], [0.6], [0.8]]))
    assert "cannot tell the two apart" in said
    assert "is 0.1, so that no such test can reach 0.05" in said
    assert "Fewer than 5 seeds" in said
    assert "not paired" in said


def test_many_seeds_far_apart_can():
    x = np.linspace(0.8, 0.9, 8)[:, None]
    assert "qmp is above mtsac: the interval" in verdict(comparison_of(x, x - 0.5))
    said = verdict(comparison_of(x - 0.5, x))
    assert "mtsac is above qmp" in said
    assert "completely separated" in said
    assert "P(A > B) is at its end" in said
    assert "Fewer" not in said


def test_a_single_run_says_nothing_of_chance():
    said = text(comparison_of([[0.9]], [[0.1], [0.2], [0.3]]))
    assert "nothing can be said of chance" in said
    assert "[no interval]" in said


def test_equal_runs_say_nothing_of_chance():
    assert "intervals say nothing" in verdict(comparison_of([[1.0]] * 5, [[0.0]] * 5))


def test_missing_runs_are_said_and_a_method_without_a_number_is_an_error():
    names = {"a": "q", "b": "m", "env": "E", "measure": "success", "who": "own", "point": "at 9"}
    gone = ((7, "its last evaluation is at 5"),)
    found = compare(scores_of([[1.0], [0.0]], gone), scores_of([[1.0], [0.5]]), **names)
    assert "missing: q, seed 7: its last evaluation is at 5" in found.notes
    with pytest.raises(RecordError, match="no run of m has a number at 9: seed 7"):
        compare(scores_of([[1.0]]), scores_of(np.empty((0, 1)), gone), **names)


def test_json_holds_the_numbers_and_the_words():
    found = comparison_of([[0.9]], [[0.1], [0.2]])
    content = json.loads(to_json(found))
    assert content["mean"] == {"value": pytest.approx(0.75), "low": None, "high": None}
    assert content["scores_b"] == {"0": 0.1, "1": 0.2}
    assert content["verdict"] == verdict(found)

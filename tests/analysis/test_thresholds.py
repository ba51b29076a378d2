"""Env steps to a threshold: a run that never gets there is censored, not dropped."""

import math

import pytest
from scipy import stats

from learning.analysis.thresholds import arrivals, clopper_pearson
from tests.analysis.curves_by_hand import make_curve


def test_the_first_evaluation_whose_mean_over_tasks_is_there():
    found = arrivals([make_curve([10, 20, 30], [0, 0.9, 0.2], [0, 0.1, 1])], 0.5)
    assert [str(each) for each in found.arrivals] == ["20"]
    assert (found.share, found.median) == (1, 20)


def test_runs_that_never_get_there_count_as_later_than_any():
    curves = [
        make_curve([10, 20, 30], values, seed=seed)
        for seed, values in enumerate(([0, 1, 1], [0, 0, 1], [0, 0, 0], [0, math.nan, 0]))
    ]
    found = arrivals(curves[:3], 1)
    assert [str(each) for each in found.arrivals] == ["20", "30", ">30"]
    assert (found.share, found.median, found.early) == (pytest.approx(2 / 3), 30, ())
    assert arrivals(curves, 1).median == math.inf
    assert arrivals(curves[2:], 1).share == 0


def test_a_run_that_ended_before_others_got_there_is_named():
    curves = [make_curve([10, 20], [0, 1]), make_curve([10], [0], seed=2)]
    assert arrivals(curves, 1).early == (2,)


@pytest.mark.parametrize(("k", "n"), [(0, 3), (2, 3), (3, 3), (4, 10)])
def test_the_interval_of_the_share_is_scipys(k, n):
    wanted = stats.binomtest(k, n).proportion_ci()
    assert clopper_pearson(k, n) == pytest.approx((wanted.low, wanted.high))

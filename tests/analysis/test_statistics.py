"""The statistics against SciPy, by hand, and by slow loops."""

import numpy as np
import pytest
from scipy import stats

from learning.analysis.statistics import improvements, iqm, mean, smallest_p

RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (1, 5), (3, 5), (5, 10), (10, 50)])
def test_the_interquartile_mean_is_scipys_trimmed_mean(shape):
    scores = RANDOM.normal(size=shape)
    assert float(iqm(scores)) == pytest.approx(stats.trim_mean(scores.ravel(), 0.25))


def test_the_interquartile_mean_by_hand():
    """Of 0 .. 7, two are left out at either end: the mean of 2, 3, 4, 5."""
    assert float(iqm(np.array([[7.0, 0, 1, 5], [6, 2, 4, 3]]))) == 3.5
    assert float(iqm(np.array([[0.0, 0, 0, 0], [1, 1, 1, 100]]))) == 0.5


def test_statistics_are_taken_study_by_study():
    scores = RANDOM.normal(size=(4, 6, 3, 5))
    for statistic in (mean, iqm):
        assert statistic(scores).shape == (4, 6)
        assert statistic(scores)[2, 1] == pytest.approx(float(statistic(scores[2, 1])))


def test_the_probability_of_improvement_is_the_mean_of_mann_whitney_over_tasks():
    a, b = RANDOM.integers(4, size=(4, 3)) / 4, RANDOM.integers(4, size=(6, 3)) / 4
    shares = [
        stats.mannwhitneyu(a[:, task], b[:, task]).statistic / (len(a) * len(b))
        for task in range(3)
    ]
    assert improvements(a, b).shape == (4, 6)
    assert improvements(a, b).mean() == pytest.approx(np.mean(shares))


def test_the_probability_of_improvement_by_hand():
    """Task 0: 1 and 3 against 2: half. Task 1: 5 and 5 against 5: ties, half. Task 2: 1."""
    a, b = np.array([[1.0, 5, 9], [3, 5, 8]]), np.array([[2.0, 5, 7]])
    assert improvements(a, b).tolist() == [[0.5], [2.5 / 3]]
    assert improvements(a, b).mean() == pytest.approx((0.5 + 0.5 + 1) / 3)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 3), (3, 3), (5, 5), (4, 7)])
def test_the_smallest_p_is_that_of_complete_separation(n, m):
    separated = stats.mannwhitneyu(range(n), range(100, 100 + m), method="exact").pvalue
    assert smallest_p(n, m) == pytest.approx(separated)


def test_three_against_three_cannot_reach_a_twentieth():
    assert smallest_p(3, 3) == pytest.approx(0.1)
    assert smallest_p(4, 4) < 0.05

"""The intervals: against SciPy, by hand, and that whole runs are resampled."""

import math

import numpy as np
import pytest
from scipy import stats

from learning.analysis.bootstrap import interval, pair_interval, resampled_rows
from learning.analysis.statistics import improvements, iqm, mean

RANDOM = np.random.default_rng(4)


@pytest.mark.parametrize("statistic", [mean, iqm])
def test_the_percentile_interval_is_scipys(statistic):
    scores = RANDOM.normal(size=(8, 4))
    ours = interval(scores, statistic, method="percentile", n_resamples=20_000)

    def of_rows(rows, axis=-1):
        return statistic(scores[rows.astype(int)])

    scipys = stats.bootstrap(
        (np.arange(8),), of_rows, vectorized=True, method="percentile", n_resamples=20_000, rng=1
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((scipys.low, scipys.high), abs=0.02)


def test_two_runs_by_hand():
    """Of 0 and 1 the resampled means are 0, 0.5, 1 with 1/4, 1/2, 1/4: percentiles 0 and 1.

    t(0.975, 1) = 12.7062, z = 1.95996: the factor is 12.7062 / 1.95996 * sqrt 2 = 9.1682.
    """
    scores = np.array([[0.0], [1.0]])
    plain = interval(scores, mean, method="percentile")
    assert (plain.low, plain.high) == (0, 1)
    ours = interval(scores, mean)
    assert (ours.low, ours.high) == pytest.approx((0.5 - 9.1682 / 2, 0.5 + 9.1682 / 2), abs=1e-3)
    cut = interval(scores, mean, bounds=(0, 1))
    assert (cut.low, cut.high) == (0, 1)


@pytest.mark.parametrize("n", [5, 10, 30])
def test_of_a_mean_it_is_students(n):
    scores = stats.norm.ppf((np.arange(n) + 0.5) / n)[:, None]  # as normal as n numbers can be
    ours = interval(scores, mean, n_resamples=50_000)
    students = stats.ttest_1samp(scores[:, 0], 0).confidence_interval()
    assert (ours.low, ours.high) == pytest.approx((students.low, students.high), rel=0.05)


def test_of_a_difference_of_means_it_is_welchs():
    x, y = (
        scale * stats.norm.ppf((np.arange(n) + 0.5) / n)[:, None] for n, scale in ((6, 3), (10, 1))
    )
    ours = pair_interval(6, 10, lambda a, b: mean(x[a]) - mean(y[b]), n_resamples=50_000)
    welchs = stats.ttest_ind(x[:, 0], y[:, 0], equal_var=False).confidence_interval()
    assert (ours.low, ours.high) == pytest.approx((welchs.low, welchs.high), rel=0.05)


def test_whole_runs_are_resampled():
    """Fifty tasks that say the same of a run say no more than one."""
    runs = RANDOM.normal(size=(5, 1))
    one, many = (interval(np.repeat(runs, n, axis=1), mean) for n in (1, 50))
    assert (many.low, many.high) == pytest.approx((one.low, one.high))


def test_the_runs_of_two_methods_are_not_paired():
    """Equal scores seed by seed: paired resampling would give a difference of 0 each time."""
    x = RANDOM.normal(size=(5, 3))
    found = pair_interval(5, 5, lambda a, b: mean(x[a]) - mean(x[b]))
    assert found.low < -0.1 < 0.1 < found.high


def test_the_probability_of_improvement_ends_at_its_ends():
    x = RANDOM.normal(size=(4, 3))
    pairs = improvements(x + 0.5, x)
    found = pair_interval(
        4, 4, lambda a, b: pairs[a[:, :, None], b[:, None]].mean(axis=(1, 2)), bounds=(0, 1)
    )
    assert 0 <= found.low < pairs.mean() <= found.high <= 1


def test_a_single_run_has_no_interval_and_equal_runs_have_one_without_width():
    assert math.isnan(interval(np.ones((1, 3)), mean).low)
    assert math.isnan(pair_interval(1, 5, lambda a, b: np.zeros(len(a))).high)
    flat = np.full((4, 3), 0.1)
    assert interval(flat, mean).low == pytest.approx(0.1)
    found = pair_interval(4, 4, lambda a, b: mean(flat[a]) - mean(flat[b]))
    assert (found.low, found.high) == (0, 0)


def test_a_seed_gives_the_same_interval():
    scores = RANDOM.normal(size=(6, 2))
    assert interval(scores, iqm, seed=5) == interval(scores, iqm, seed=5)
    assert interval(scores, iqm, seed=5) != interval(scores, iqm, seed=6)
    assert (resampled_rows(3, 1000, 0).min(), resampled_rows(3, 1000, 0).max()) == (0, 2)

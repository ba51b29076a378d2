"""How often the intervals hold the truth in simulated studies; more: benchmarks/coverage.py."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.coverage import (
    WAYS,
    Study,
    bootstrap_t,
    by_runs,
    coverage_of_iqm,
    coverage_of_mean,
    coverage_of_pair,
    percentile,
    rows,
    students_t,
    task_by_task,
)


@pytest.mark.parametrize("n_runs", [5, 10])
@pytest.mark.parametrize("world", ["normal", "solved"])
def test_the_bootstrap_over_runs_holds_the_truth_in_95_of_100_studies(world, n_runs):
    study = Study(world=world, n_runs=n_runs, n_tasks=5)
    found = coverage_of_mean(study, by_runs, n_studies=2000, n_resamples=500)
    assert 0.93 <= found <= 0.97


@pytest.mark.parametrize("n_runs", [5, 10])
def test_neither_the_plain_percentiles_nor_the_task_wise_bootstrap_do(n_runs):
    study = Study(world="normal", n_runs=n_runs)
    plain = coverage_of_mean(study, percentile, n_studies=500, n_resamples=500)
    by_task = coverage_of_mean(study, task_by_task, n_studies=500, n_resamples=500)
    assert by_task < 0.7 < plain < 0.93


def test_without_an_effect_of_the_run_the_task_wise_bootstrap_is_wide_enough():
    """It is the correlation of a run's tasks that it does not know of."""
    apart, together = (
        coverage_of_mean(
            Study(world="normal", n_runs=20, n_tasks=5, rho=rho),
            task_by_task,
            n_studies=500,
            n_resamples=500,
        )
        for rho in (0.0, 0.5)
    )
    assert together < 0.8
    assert apart > 0.9


def test_iqm_difference_and_probability_of_improvement():
    study = Study(world="normal", n_runs=10, n_tasks=5)
    how = {"n_studies": 500, "n_resamples": 500}
    assert 0.92 <= coverage_of_iqm(study, **how) <= 0.98
    difference, improvement = coverage_of_pair(study, difference=0.1, **how)
    assert 0.92 <= difference <= 0.98
    assert 0.92 <= improvement <= 0.98


@pytest.mark.parametrize("world", ["normal", "solved", "skewed"])
def test_a_world_has_the_mean_and_the_correlation_it_says(world):
    study = Study(world=world, n_runs=2000, n_tasks=4)
    scores = study.draw(1, np.random.default_rng(1))[0]
    assert scores.mean() == pytest.approx(study.true_mean(), abs=0.02)
    correlation = np.corrcoef(scores[:, 1], scores[:, 2])[0, 1]
    # Cut into solved and not solved, what is correlated by rho is so by 2/pi arcsin(rho), nearly.
    wanted = 2 / np.pi * np.arcsin(0.5) if world == "solved" else 0.5
    assert correlation == pytest.approx(wanted, abs=0.06)


def test_task_by_task_is_narrower_than_by_runs():
    scores = np.repeat(np.linspace(0, 1, 5)[:, None], 10, axis=1)
    found = task_by_task(scores, n_resamples=2000, seed=0)
    assert found.high - found.low < 0.25  # by runs: 0.6


def test_the_table_has_a_row_a_world_statistic_and_way():
    table = rows([3], n_studies=3, n_resamples=100)
    assert len(table) == 3 * (len(WAYS) + 1) + 2 * 2
    assert {row["statistic"] for row in table} == {"mean", "IQM", "A - B", "P(A > B)"}


def test_student_s_t_is_scipys_and_the_bootstrap_t_is_near_it():
    scores = stats.norm.ppf((np.arange(12) + 0.5) / 12)[:, None]
    wanted = stats.ttest_1samp(scores[:, 0], 0).confidence_interval()
    found = students_t(scores, n_resamples=1, seed=0)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    found = bootstrap_t(scores, n_resamples=20_000, seed=0)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), rel=0.15)

"""What curves draw, by hand."""

import math

import numpy as np
import pytest

from learning.analysis.bootstrap import interval, mean_intervals
from learning.analysis.points import At, MissingScoreError, last_rows
from learning.analysis.statistics import mean
from learning.report.lines import lines_of, outline, steps_of, values_at
from tests.analysis.curves_by_hand import make_curve


def test_intervals_along_a_curve_are_those_of_its_points():
    scores = np.random.default_rng(3).random((5, 4, 3))  # [runs, points, tasks]
    low, high = mean_intervals(scores.mean(axis=2), bounds=(0, 1), n_resamples=2000, seed=7)
    for point in range(4):
        alone = interval(scores[:, point], mean, bounds=(0, 1), n_resamples=2000, seed=7)
        assert (low[point], high[point]) == pytest.approx((alone.low, alone.high))


def test_a_single_run_has_no_interval_and_a_gap_has_none():
    low, high = mean_intervals(np.ones((1, 3)))
    assert np.isnan([low, high]).all()
    low, high = mean_intervals(np.array([[1.0, math.nan], [3.0, 2.0]]))
    assert np.isnan([low, high]).tolist() == [[False, True], [False, True]]


def test_rows_are_those_that_a_table_reads():
    curve = make_curve([100, 200, 400], [0.1, 0.2, 0.4])
    steps = np.array([50.0, 100, 399, 400, 599, 600, 900])
    for step, row in zip(steps, last_rows(curve, steps), strict=True):
        if row < 0:
            with pytest.raises(MissingScoreError):
                At(int(step)).scores(curve)
        else:
            assert At(int(step)).scores(curve) == curve.values[row]
    assert last_rows(curve, steps).tolist() == [-1, 0, 1, 2, 2, -1, -1]


def test_every_run_has_its_last_number_at_a_step():
    first = make_curve([100, 200], [0.0, 1.0], [0.5, 0.5])
    second = make_curve([150, 250], [0.4, 0.8], [0.0, math.nan])
    steps = steps_of([first.steps, second.steps], most=10)
    assert steps.tolist() == [100, 150, 200, 250]
    values = values_at([first, second, None], steps, n_tasks=2)
    np.testing.assert_allclose(values[0, :, 0], [0.25, 0.25, 0.75, 0.75])
    np.testing.assert_allclose(values[1, :, 1], [math.nan, 0.4, 0.4, 0.8])
    np.testing.assert_allclose(values[1, :, 0], [math.nan, 0.2, 0.2, math.nan])
    assert np.isnan(values[2]).all()
    lines = lines_of(values[:2, :, 0], bounds=(0, 1), n_resamples=2000, seed=0)
    np.testing.assert_allclose(lines.mean, [math.nan, 0.225, 0.475, math.nan])


def test_of_many_evaluations_some_are_drawn_with_both_ends():
    steps = steps_of([np.arange(0.0, 1001.0)], most=5)
    assert steps.tolist() == [0, 250, 500, 750, 1000]


def test_a_band_is_in_pieces_between_gaps():
    steps, gap = np.array([1.0, 2, 3, 4]), math.nan
    x, y = outline(steps, np.array([0.1, 0.2, gap, 0.4]), np.array([0.5, 0.6, gap, 0.8]))
    np.testing.assert_array_equal(x, [1, 2, 2, 1, gap, 4, 4])
    np.testing.assert_array_equal(y, [0.1, 0.2, 0.6, 0.5, gap, 0.4, 0.8])
    assert len(outline(steps, np.full(4, gap), np.full(4, gap))[0]) == 0

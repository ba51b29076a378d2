"""How the curves of seeds meet: their steps, their mean, their interval."""

import numpy as np
import pytest

from learning.plotting.seed_curves import common_steps, mean_curve


def steps_of(*seeds):
    return common_steps([np.array(each, float) for each in seeds]).tolist()


def test_equal_schedules_meet_at_their_steps():
    assert steps_of([10, 20, 30]) == [10, 20, 30]
    assert steps_of([10, 20, 30], [10, 20, 30]) == [10, 20, 30]


def test_seeds_a_few_steps_apart_meet_at_the_later_one():
    assert steps_of([10, 20, 30], [11, 22, 33], [12, 20, 31]) == [12, 22, 33]


def test_seeds_half_a_distance_apart_do_not_become_one():
    steps = steps_of(range(10, 101, 10), range(15, 101, 10))
    assert len(steps) >= 8


def test_the_mean_goes_as_far_as_all_seeds_do():
    assert steps_of([10, 20, 30, 40], [20, 30]) == [20, 30]
    assert steps_of([10, 20], [70, 80]) == []
    assert steps_of([10], [10, 20]) == [10]


def test_nothing_is_interpolated():
    """At 22 the first seed has what it had at 20, not something on the way to 30."""
    first = (np.array([10.0, 20.0, 30.0]), np.array([0.0, 0.4, 1.0]))
    second = (np.array([12.0, 22.0, 32.0]), np.array([0.2, 0.6, 0.8]))
    curve = mean_curve([first, second], "success")
    assert curve.steps.tolist() == [12, 22, 32]
    np.testing.assert_allclose(curve.values, [0.1, 0.5, 0.9])
    assert curve.low is None


def test_five_seeds_have_an_interval_inside_of_what_a_share_can_be():
    seeds = [(np.array([10.0, 20.0]), np.array([0.5, value])) for value in (0, 0.1, 0.5, 0.9, 1)]
    curve = mean_curve(seeds, "success")
    np.testing.assert_allclose(curve.values, [0.5, 0.5])
    assert (curve.low[0], curve.high[0]) == (0.5, 0.5)
    assert 0 <= curve.low[1] < 0.2
    assert 0.8 < curve.high[1] <= 1
    wide = mean_curve([(steps, 100 * values) for steps, values in seeds], "return")
    assert wide.high[1] == pytest.approx(100 * curve.high[1]) or curve.high[1] == 1

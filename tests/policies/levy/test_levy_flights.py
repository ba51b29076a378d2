"""The numbers of MT-Levy against SciPy, slow loops and values worked out by hand."""

import numpy as np
import pytest
import scipy.stats

from learning.policies.levy.levy_flights import (
    draw_candidates,
    jump_candidates,
    jump_lengths,
    levy_exponents,
    lomax_durations,
)
from learning.policies.levy.success_ratios import ended_episodes, moved_ratios
from tests.policies.levy.make_levy import make_episodes


def test_exponents_by_hand():
    # 1 + 10 ** (10 rho).
    ratios = np.array([0.0, 0.05, 0.1])
    exponents = levy_exponents(ratios, offset=1.0, threshold=0.1)
    np.testing.assert_allclose(exponents, [2.0, 1.0 + np.sqrt(10.0), 11.0], rtol=1e-12)
    # 0.5 + 4 ** (rho / 0.25).
    exponents = levy_exponents(np.array([0.0, 0.125, 0.25, 0.5]), offset=0.5, threshold=0.25)
    np.testing.assert_allclose(exponents, [1.5, 2.5, 4.5, 16.5], rtol=1e-12)
    assert np.isinf(levy_exponents(np.array([1.0]), offset=1.0, threshold=1e-3)).all()


@pytest.mark.parametrize("exponent", [2.0, 4.1623, 11.0])
def test_durations_are_lomax_distributed(exponent):
    uniform = np.random.default_rng(3).random(20_000)
    durations = lomax_durations(uniform, np.full(20_000, exponent), 10**9)
    law = scipy.stats.lomax(exponent)
    assert scipy.stats.kstest(durations, law.cdf).pvalue > 0.01
    # The test tells exponents apart.
    assert scipy.stats.kstest(durations, scipy.stats.lomax(1.1 * exponent).cdf).pvalue < 1e-6
    # A uniform number is the probability of a shorter duration.
    np.testing.assert_allclose(durations[:9], law.ppf(uniform[:9]), rtol=1e-9)


def test_durations_are_clipped_and_those_of_no_exploration_are_zero():
    uniform = np.array([0.0, 0.5, 1.0 - 1e-12])
    assert lomax_durations(uniform, np.full(3, 2.0), 15).tolist() == [0.0, np.sqrt(2.0) - 1.0, 15.0]
    assert lomax_durations(uniform, np.full(3, np.inf), 15).tolist() == [0.0, 0.0, 0.0]


def count_down(duration):
    """MT-Levy's counter: repeat while more than one is left, count down by one a step."""
    if duration <= 1:
        return 0
    steps, left = 1, duration - 1
    while left > 1:
        steps, left = steps + 1, left - 1
    return steps


def test_lengths_are_those_of_a_counter_that_counts_down():
    durations = np.r_[np.random.default_rng(1).uniform(0, 16, 500), 0, 1, 1.5, 2, 2.5, 3, 15]
    expected = [count_down(duration) for duration in durations]
    assert jump_lengths(durations).tolist() == expected
    # 1 is no jump; 1.5 and 2 are one step, 2.5 and 3 two, and the cap of 15 is 14.
    assert expected[-6:] == [0, 1, 1, 2, 2, 14]


def test_shares_of_jumps_and_repeats_by_hand():
    """P(X > 1) = 2**-alpha and P(X > 2) = 3**-alpha."""
    uniform = (np.arange(90_000) + 0.5) / 90_000
    lengths = jump_lengths(lomax_durations(uniform, np.full(90_000, 2.0), 15))
    assert (lengths > 0).mean() == pytest.approx(1 / 4, abs=1e-4)
    assert (lengths > 1).mean() == pytest.approx(1 / 9, abs=1e-4)
    assert lengths.max() == 14


def test_candidates_are_those_of_a_slow_loop():
    rng = np.random.default_rng(5)
    for _ in range(20):
        ratios = rng.choice([0.0, 0.05, 0.1, 0.1001, 0.9], 7)
        order = np.array(
            [np.r_[task, rng.permutation(np.delete(np.arange(7), task))] for task in range(7)]
        )
        near = np.zeros((7, 7), dtype=bool)
        np.put_along_axis(near, order[:, :4], values=True, axis=1)
        candidates = jump_candidates(near, ratios, 0.1)
        for task in range(7):
            expected = {task} | {j for j in order[task][:4] if ratios[j] > 0.1}
            assert set(np.flatnonzero(candidates[task])) == expected


def test_each_candidate_is_as_likely():
    candidates = np.array([[1, 0, 1, 1, 0], [0, 0, 0, 1, 0], [1, 1, 1, 1, 1]], dtype=bool)
    n = 30_000
    uniform = np.random.default_rng(2).random((3, n))
    for row, numbers in zip(candidates, uniform, strict=True):
        drawn = draw_candidates(np.repeat(row[None], n, axis=0), numbers)
        shares = np.bincount(drawn, minlength=5) / n
        np.testing.assert_allclose(shares, row / row.sum(), atol=4 * (0.25 / n) ** 0.5)
        assert (shares[~row] == 0).all()
    last = draw_candidates(candidates, np.full(3, np.nextafter(1.0, 0.0)))
    assert last.tolist() == [3, 3, 4]


def test_ratios_move_as_in_a_loop():
    rng = np.random.default_rng(4)
    ratios, expected = rng.random(5), None
    expected = ratios.copy()
    tasks, successes = rng.integers(0, 4, 50), rng.integers(0, 2, 50).astype(float)
    for task, success in zip(tasks, successes, strict=True):
        expected[task] = 0.97 * expected[task] + 0.03 * success
    moved = moved_ratios(ratios, tasks, successes, 0.03)
    np.testing.assert_allclose(moved, expected, rtol=1e-12)
    assert moved[4] == ratios[4], "a task without episodes keeps its ratio"
    nothing = moved_ratios(ratios, tasks[:0], successes[:0], 0.03)
    np.testing.assert_array_equal(nothing, ratios)


def test_eleven_successes_pass_a_tenth():
    ratios = np.zeros(1)
    for n_episodes in range(1, 12):
        ratios = moved_ratios(ratios, np.zeros(1, int), np.ones(1), 0.01)
        assert ratios[0] == pytest.approx(1 - 0.99**n_episodes)
        assert (ratios[0] > 0.1) == (n_episodes == 11)


def test_only_ended_episodes_count():
    batch = make_episodes([(0, 1, True), (1, 1, False), (2, 0, True), (0, 0, True), (1, 1, False)])
    tasks, successes = ended_episodes(batch)
    assert tasks.tolist() == [0, 2, 0]
    assert successes.tolist() == [1.0, 0.0, 0.0]

"""Mixtures with fixed weights: how often each policy acts, and what the reacher's weights are."""

import numpy as np
import pytest

from environments import make_task_set
from learning.errors import ConfigError
from learning.policies.fixed_mixture import DomainMixture, FixedMixture, UniformMixture
from tests.small_learner import (
    N_TASKS,
    SmallTaskSet,
    make_parts,
    make_policies,
    one_hot_observations,
)

WEIGHTS = np.array([[2.0, 1.0, 1.0], [0.0, 3.0, 0.0], [1.0, 0.0, 1.0]])


def make_mixture(weights=WEIGHTS, **options):
    parts = make_parts(make_policies(), random=np.random.default_rng(0))
    return FixedMixture(parts, FixedMixture.Options(**options), weights=weights)


def shares(mixture, n_rows):
    """How often each policy acts for each task, over one question with n_rows rows a task."""
    tasks = np.repeat(np.arange(N_TASKS), n_rows)
    _, infos = mixture.get_actions(one_hot_observations(tasks, np.random.default_rng(1)))
    acting = infos["acting_policy"].reshape(N_TASKS, n_rows)
    return np.array([np.bincount(row, minlength=N_TASKS) / n_rows for row in acting])


def test_policies_act_as_often_as_the_weights_say():
    n_rows = 20_000
    expected = WEIGHTS / WEIGHTS.sum(axis=1, keepdims=True)
    # Four standard deviations of a share.
    np.testing.assert_allclose(shares(make_mixture(), n_rows), expected, atol=2 / n_rows**0.5)


def test_a_policy_of_weight_zero_never_acts():
    acted = shares(make_mixture(), 20_000)
    assert (acted[WEIGHTS == 0] == 0).all()


class _AlmostOne(np.random.Generator):
    """Draws the largest number below one, above every cumulated weight that rounding cut."""

    def random(self, *args, **kwargs):
        return np.full_like(super().random(*args, **kwargs), np.nextafter(1.0, 0.0))


def test_what_rounding_leaves_over_goes_to_a_policy_of_positive_weight():
    mixture = make_mixture(np.array([[1.0, 1.0, 0.0]] * 3))
    mixture._cumulative = mixture._cumulative - 1e-15
    mixture.random = _AlmostOne(np.random.PCG64(0))
    _, infos = mixture.get_actions(one_hot_observations([0, 1, 2], np.random.default_rng(1)))
    assert infos["acting_policy"].tolist() == [1, 1, 1]


def test_a_choice_is_held():
    mixture = make_mixture(np.ones((3, 3)), policy_sampling_freq=4)
    observations = one_hot_observations([0, 1, 2], np.random.default_rng(1))
    acting = [mixture.get_actions(observations)[1]["acting_policy"] for _ in range(400)]
    blocks = np.reshape(acting, (100, 4, 3))
    assert (blocks == blocks[:, :1]).all()
    assert (blocks[1:, 0] != blocks[:-1, 0]).any()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones((2, 3)), "not T x T"),
        (np.zeros((3, 3)), "at least 0, one of each row above 0"),
        (np.full((3, 3), -1.0), "at least 0"),
        (np.full((3, 3), np.inf), "must be finite"),
    ],
)
def test_weights_that_are_none(weights, message):
    with pytest.raises(ConfigError, match=message):
        make_mixture(weights)


class _KnowingTaskSet(SmallTaskSet):
    def domain_weights(self):
        return WEIGHTS


class _IgnorantTaskSet(SmallTaskSet):
    def domain_weights(self):
        return None


@pytest.mark.parametrize(
    ("mixture", "given", "task_set", "weights"),
    [
        (UniformMixture, {}, _IgnorantTaskSet(), np.ones((3, 3))),
        (DomainMixture, {}, _KnowingTaskSet(), WEIGHTS),
        (
            DomainMixture,
            {"domain_weights": tuple(WEIGHTS.T.ravel().tolist())},
            _KnowingTaskSet(),
            WEIGHTS.T,
        ),
    ],
)
def test_whose_weights_a_mixture_has(mixture, given, task_set, weights):
    """It draws what a fixed mixture of these weights draws; those given win."""
    parts = make_parts(make_policies(), random=np.random.default_rng(0), task_set=task_set)
    ours = shares(mixture(parts, mixture.Options(**given)), 2_000)
    np.testing.assert_array_equal(ours, shares(make_mixture(weights), 2_000))


def test_without_weights_the_domain_mixture_says_what_to_give():
    parts = make_parts(task_set=_IgnorantTaskSet())
    with pytest.raises(ConfigError, match="give --domain_weights FILE with 3 x 3 numbers"):
        DomainMixture(parts, DomainMixture.Options())


def test_the_reachers_weights_count_shared_segments():
    # T0: start-0, 0-1, 1-2.  T1: start-0, 0-1, 1-3.  T2: start-1, 1-3, 3-2.
    # T3: start-1, 1-2, 2-0.  T4 stays.
    expected = [
        [3, 2, 0, 1, 0],
        [2, 3, 1, 0, 0],
        [0, 1, 3, 1, 0],
        [1, 0, 1, 3, 0],
        [0, 0, 0, 0, 1],
    ]
    assert make_task_set("JacoReachMT5-v1").domain_weights().tolist() == expected
    assert make_task_set("MazeLarge-10-v0").domain_weights() is None

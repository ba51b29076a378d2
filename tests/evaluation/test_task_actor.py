"""Acting in one environment at a time: with the mean actions of who acts, never at random."""

import numpy as np
import pytest

from learning.evaluation.task_actor import TaskActor
from tests.small_learner import (
    N_TASKS,
    OBSERVATION_SIZE,
    TASK_NAMES,
    make_policies,
    make_q_switch,
)

OBSERVATIONS = np.random.default_rng(0).normal(size=(6, OBSERVATION_SIZE))


def means(policy, task, n_steps=6):
    """What the policy itself says of these observations."""
    one_hot = np.eye(N_TASKS)[task]
    rows = [np.concatenate((each, one_hot), dtype="f4", casting="same_kind")
            for each in OBSERVATIONS[:n_steps]]  # fmt: skip
    return np.array([policy.get_action(row)[1]["mean"] for row in rows])


@pytest.mark.parametrize("task", range(N_TASKS))
@pytest.mark.parametrize("make", [make_policies, make_q_switch])
def test_actions_are_the_means_of_who_acts(make, task):
    actor = TaskActor(make(), TASK_NAMES, epoch=3, seed=0)
    assert (actor.epoch, actor.task_names) == (3, TASK_NAMES)
    actor.begin(task)
    actions = np.array([actor.act(observation) for observation in OBSERVATIONS])
    np.testing.assert_allclose(actions, means(make(), task), rtol=1e-6)


def test_nothing_is_held_from_the_episode_before():
    """A mixture that holds its choice for four steps begins each episode with a new one."""
    actor = TaskActor(make_q_switch(policy_sampling_freq=4), TASK_NAMES, epoch=0, seed=0)
    for n_steps in (1, 6):
        actor.begin(1)
        actions = np.array([actor.act(observation) for observation in OBSERVATIONS[-n_steps:]])
    fresh = TaskActor(make_q_switch(policy_sampling_freq=4), TASK_NAMES, epoch=0, seed=0)
    fresh.begin(1)
    expected = [fresh.act(observation) for observation in OBSERVATIONS]
    np.testing.assert_array_equal(actions, expected)


def test_an_episode_must_have_begun():
    actor = TaskActor(make_policies(), TASK_NAMES, epoch=0, seed=0)
    with pytest.raises(RuntimeError, match="begin"):
        actor.act(OBSERVATIONS[0])


@pytest.mark.parametrize("make", [make_policies, make_q_switch])
def test_actions_are_not_those_of_the_start_of_training(make):
    """Steps are counted by who gathers data: the own policies beside a mixture have seen none."""
    actor = TaskActor(make(uniform_steps=5), TASK_NAMES, epoch=3, seed=0)
    actor.begin(1)
    actions = np.array([actor.act(observation) for observation in OBSERVATIONS])
    np.testing.assert_allclose(actions, means(make(), 1), rtol=1e-6)

"""Uniformly random actions at the start of a run, and never in an evaluation."""

import copy

import numpy as np
import pytest

import garage_experiments
from learning.config.resolving import resolve
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.samplers.lock_step_sampler import LockStepSampler
from tests.policies.levy.make_levy import make_episodes
from tests.small_learner import N_TASKS, make_policies, make_q_switch, one_hot_observations


def observe(policy, n_steps):
    """Let a policy take note of so many steps, two an episode."""
    policy.observe(make_episodes([(0, 1, True)] * (n_steps // 2)))


@pytest.mark.parametrize("make", [make_policies, make_q_switch])
def test_actions_are_uniform_while_it_is_said_so(make):
    policy = make(uniform_steps=5)
    observations = one_hot_observations(
        np.repeat(np.arange(N_TASKS), 4000), np.random.default_rng(0)
    )
    # Five steps a task are 15.
    observe(policy, 14)
    assert policy.acts_uniformly
    actions, infos = policy.get_actions(observations)
    assert infos["acting_policy"].tolist() == np.repeat(np.arange(N_TASKS), 4000).tolist()
    # Deciles of a uniform distribution, within four standard deviations of a share of 12,000.
    for column in actions.T:
        shares = np.histogram(column, bins=10, range=(-1, 1))[0] / len(column)
        np.testing.assert_allclose(shares, 0.1, atol=4 * (0.09 / len(column)) ** 0.5)
    observe(policy, 2)
    assert not policy.acts_uniformly
    assert abs(policy.get_actions(observations)[0]).mean() != pytest.approx(0.5, abs=0.01)


def test_evaluation_never_acts_uniformly():
    policy, uniform = make_policies(), make_policies(uniform_steps=5)
    observations = one_hot_observations([0, 1, 2], np.random.default_rng(0))
    with policy.acting_apart(np.random.default_rng(1)):
        _, usual = policy.get_actions(observations)
    assert uniform.acts_uniformly
    with uniform.acting_apart(np.random.default_rng(1)):
        assert not uniform.acts_uniformly
        _, infos = uniform.get_actions(observations)
    np.testing.assert_array_equal(infos["mean"], usual["mean"])
    assert uniform.acts_uniformly


@pytest.mark.parametrize("make", [make_policies, make_q_switch])
def test_what_acting_goes_by_travels_with_the_parameters_and_the_state(make):
    ours, theirs, resumed = (make(uniform_steps=5) for _ in range(3))
    shallow = copy.copy(ours)
    observe(ours, 16)
    theirs.set_param_values(copy.deepcopy(ours.get_param_values()))
    state = ours.get_acting_state()
    resumed.set_acting_state(state)
    for policy in (ours, shallow, theirs, resumed):
        assert int(policy.acting_values["env_steps"]) == 16
        assert not policy.acts_uniformly
    # What was handed over is no part of the policy that it came from.
    observe(theirs, 4)
    observe(resumed, 6)
    observe(ours, 2)
    assert int(state.array("env_steps")) == 16
    counts = [int(each.acting_values["env_steps"]) for each in (ours, theirs, resumed)]
    assert counts == [18, 20, 22]


def test_a_run_acts_uniformly_for_so_many_steps_a_task(tmp_path, monkeypatch):
    seen, means = [], []
    obtain, act = LockStepSampler.obtain_samples, TaskBatchedPolicy.get_actions

    def watch(self, *arguments, **keywords):
        means.clear()
        batch = obtain(self, *arguments, **keywords)
        # Where actions are uniform, the infos hold no distribution.
        uniform = (np.concatenate(means) == 0).all(axis=1)
        assert uniform.all() or not uniform.any()
        assert len(uniform) == len(batch.actions)
        seen.append((len(uniform) // 5, bool(uniform.all())))
        return batch

    def watch_actions(self, observations):
        actions, infos = act(self, observations)
        means.append(infos["mean"])
        return actions, infos

    monkeypatch.setattr(LockStepSampler, "obtain_samples", watch)
    monkeypatch.setattr(TaskBatchedPolicy, "get_actions", watch_actions)
    config = resolve(
        "dnc_sac",
        "JacoReachMT5-v1",
        n_epochs=4,
        batch_size=10,
        gradient_steps_per_itr=5,
        min_buffer_size=6,
        uniform_steps=9,
        buffer_batch_size=4,
        hidden_sizes=(8, 8),
        num_evaluation_episodes=5,
        torch_threads=1,
        log_dir=str(tmp_path / "run"),
    )
    garage_experiments.run_experiment(config)
    assert seen == [(6, True), (2, True), (2, True), (2, False)]

"""Uniformly random actions at the start of a run, and never in an evaluation."""

import numpy as np
import pytest

import garage_experiments
from learning.config.resolving import resolve
from learning.samplers.lock_step_sampler import LockStepSampler
from tests.small_learner import N_TASKS, make_policies, make_q_switch, one_hot_observations


@pytest.mark.parametrize("make", [make_policies, make_q_switch])
def test_actions_are_uniform_while_it_is_said_so(make):
    policy = make()
    observations = one_hot_observations(
        np.repeat(np.arange(N_TASKS), 4000), np.random.default_rng(0)
    )
    policy.acts_uniformly.fill_(True)
    actions, infos = policy.get_actions(observations)
    assert infos["acting_policy"].tolist() == np.repeat(np.arange(N_TASKS), 4000).tolist()
    # Deciles of a uniform distribution, within four standard deviations of a share of 12,000.
    for column in actions.T:
        shares = np.histogram(column, bins=10, range=(-1, 1))[0] / len(column)
        np.testing.assert_allclose(shares, 0.1, atol=4 * (0.09 / len(column)) ** 0.5)
    policy.acts_uniformly.fill_(False)
    assert abs(policy.get_actions(observations)[0]).mean() != pytest.approx(0.5, abs=0.01)


def test_evaluation_never_acts_uniformly():
    policy = make_policies()
    observations = one_hot_observations([0, 1, 2], np.random.default_rng(0))
    with policy.acting_apart(np.random.default_rng(1)):
        _, usual = policy.get_actions(observations)
    policy.acts_uniformly.fill_(True)
    with policy.acting_apart(np.random.default_rng(1)):
        _, infos = policy.get_actions(observations)
    np.testing.assert_array_equal(infos["mean"], usual["mean"])
    assert policy.acts_uniformly


def test_a_run_acts_uniformly_for_so_many_steps_a_task(tmp_path, monkeypatch):
    seen = []
    obtain = LockStepSampler.obtain_samples

    def watch(self, *arguments, **keywords):
        batch = obtain(self, *arguments, **keywords)
        # Where actions are uniform, the infos hold no distribution.
        uniform = (batch.agent_infos["mean"] == 0).all(axis=1)
        assert uniform.all() or not uniform.any()
        seen.append((len(uniform) // 5, bool(uniform.all())))
        return batch

    monkeypatch.setattr(LockStepSampler, "obtain_samples", watch)
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

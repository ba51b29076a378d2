"""The mixture is an ordinary garage policy: garage's samplers, workers and evaluation take it."""

import numpy as np
import pytest

from learning.garage_bridge.garage_compat import (
    DefaultWorker,
    FragmentWorker,
    LocalSampler,
    MultiprocessingSampler,
    VecWorker,
    obtain_evaluation_episodes,
)
from learning.samplers.garage_environment import GarageEnvironment
from tests.policies.counting_switch import make_counting_switch
from tests.samplers.fake_task_set import make_counting
from tests.small_learner import make_q_switch

N_TASKS = 3


def environments():
    return [
        GarageEnvironment(
            "Counting-v0", {"n_tasks": N_TASKS}, task, seed=task, task_set_factory=make_counting
        )
        for task in range(N_TASKS)
    ]


def check(batch, switch, *, true_observations=True):
    """The infos say whose policy acted, and the means are that policy's.

    garage's VecWorker records views of an array that it then overwrites (vec_worker.py, `_prev_obs`
    in `step_episode`), so its observations are not those that were acted on.
    """
    tasks = batch.env_infos["task_id"]
    assert set(tasks) == set(range(N_TASKS))
    acting = batch.agent_infos["acting_policy"]
    assert ((acting >= 0) & (acting < N_TASKS)).all()
    assert (acting != tasks).any(), "no policy ever acted for another task"
    if not true_observations:
        return
    _, infos = switch.get_actions(batch.observations)
    np.testing.assert_array_equal(infos["acting_policy"], acting)
    np.testing.assert_allclose(infos["mean"], batch.agent_infos["mean"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("worker_class", "worker_args"),
    [
        (DefaultWorker, {}),
        (VecWorker, {"n_envs": 2}),
        (FragmentWorker, {"n_envs": 2, "timesteps_per_call": 5}),
    ],
)
def test_local_sampler(worker_class, worker_args):
    switch = make_counting_switch()
    sampler = LocalSampler(
        switch,
        environments(),
        max_episode_length=7,
        n_workers=N_TASKS,
        worker_class=worker_class,
        worker_args=worker_args,
        seed=1,
    )
    batch = sampler.obtain_samples(0, 60, switch.get_param_values())
    sampler.shutdown_worker()
    check(batch, switch, true_observations=worker_class is not VecWorker)


def test_multiprocessing_sampler():
    switch = make_counting_switch()
    sampler = MultiprocessingSampler(
        switch, environments(), max_episode_length=7, n_workers=N_TASKS, seed=1
    )
    batch = sampler.obtain_exact_episodes(2, switch.get_param_values())
    sampler.shutdown_worker()
    check(batch, switch)


def test_evaluation_takes_the_chosen_policys_mean():
    switch = make_counting_switch()
    for task, environment in enumerate(environments()):
        batch = obtain_evaluation_episodes(switch, environment, max_episode_length=7, num_eps=2)
        np.testing.assert_array_equal(batch.actions, batch.agent_infos["mean"])
        assert set(batch.env_infos["task_id"]) == {task}


def test_a_single_row_equals_the_batch():
    switch, twin = make_q_switch(), make_q_switch()
    observation = np.r_[0.1, -0.4, 0.3, 1.0, 0.0, 1.0, 0.0].astype(np.float32)
    action, infos = switch.get_action(observation)
    actions, batch_infos = twin.get_actions(observation[None])
    np.testing.assert_array_equal(action, actions[0])
    assert infos["acting_policy"] == batch_infos["acting_policy"][0]
    np.testing.assert_array_equal(infos["mean"], batch_infos["mean"][0])

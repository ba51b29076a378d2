"""MT-Levy's mixture goes on bit by bit, apart from evaluation, and in garage's own samplers."""

import copy
import dataclasses

import numpy as np
import pytest

from learning.garage_bridge.garage_compat import DefaultWorker, EnvSpec, LocalSampler, VecWorker
from learning.policies.levy.levy_mixture import LevyMixture
from learning.policies.levy.success_ratios import ended_episodes
from learning.samplers.garage_environment import GarageEnvironment
from learning.samplers.local_sampler import LocalTaskSampler
from learning.snapshots.state import State
from tests.policies.counting_switch import make_counting_parts
from tests.policies.levy.make_levy import HORIZON, make_episodes, make_levy
from tests.policies.levy.test_levy_mixture import act
from tests.samplers.fake_task_set import make_counting


def through_a_snapshot(state):
    """The state as a snapshot's reader hands it back: nested in others, copies of arrays."""
    whole = State()
    whole.put("acting", state)
    whole = State(arrays={k: v.copy() for k, v in whole.arrays.items()}, values=whole.values)
    return whole.part("acting")


@pytest.mark.parametrize("hold", ["action", "policy"])
def test_goes_on_bit_by_bit(hold):
    options = {"hold": hold, "ratios": [0.0, 0.02, 0.5]}
    mixture, other = make_levy(**options), make_levy(hold=hold, seed=77)
    for n_steps in range(1, 30):
        # A snapshot in every place of a jump.
        act(mixture, 1, seed=n_steps)
        if n_steps == 9:
            mixture.observe(make_episodes([(1, 1, True)]))
        other.set_acting_state(through_a_snapshot(mixture.get_acting_state()))
        twin = make_levy(hold=hold)
        twin.set_acting_state(mixture.get_acting_state())
        first, second = act(other, 20), act(twin, 20)
        for key, values in first.items():
            np.testing.assert_array_equal(values, second[key])
    assert twin.success_ratios.tolist() == mixture.success_ratios.tolist() == [0.0, 0.0298, 0.5]


def test_goes_on_as_if_it_had_not_been_saved():
    saved, unbroken = make_levy(), make_levy()
    act(saved, 25)
    state = through_a_snapshot(saved.get_acting_state())
    resumed = make_levy(seed=5)
    resumed.set_acting_state(state)
    act(unbroken, 25)
    first, second = act(resumed, 50, seed=1), act(unbroken, 50, seed=1)
    for key, values in first.items():
        np.testing.assert_array_equal(values, second[key])
    # The saved moment lay within a jump.
    assert first["jump_step"][0].max() > 1


def test_acting_apart_leaves_no_trace():
    mixture, twin = make_levy(), make_levy()
    for step in range(20):
        act(mixture, 1, seed=step)
        act(twin, 1, seed=step)
        with mixture.acting_apart(np.random.default_rng(step)):
            apart = act(mixture, 3, tasks=[0, 1, 2, 2])
        assert apart["jump_step"][0].max() <= 1, "evaluation began within a jump of training"
    first, second = act(mixture, 20), act(twin, 20)
    for key, values in first.items():
        np.testing.assert_array_equal(values, second[key])
    assert first["jump_step"][0].max() > 1, "no jump was interrupted: the test shows nothing"


def counting_levy():
    """For the samplers' counting tasks, of which the last two succeed."""
    parts = make_counting_parts()
    spec = parts.env_spec
    # As long a jump as at MT-Levy's own horizon.
    longer = EnvSpec(spec.observation_space, spec.action_space, max_episode_length=HORIZON)
    mixture = LevyMixture(
        dataclasses.replace(parts, env_spec=longer, random=np.random.default_rng(3)),
        LevyMixture.Options(neighbors="all", levy_exponent="fixed"),
    )
    assert mixture._longest == 15
    return mixture


def check_jumps(batch):
    """Within fragments, jumps count up and hold their actions."""
    jump_step, actions = batch.agent_infos["jump_step"], batch.actions
    starts = np.cumsum(batch.lengths) - batch.lengths
    inner = np.setdiff1d(np.arange(1, len(actions)), starts)
    repeats = inner[jump_step[inner] > 1]
    assert len(repeats) > 20
    np.testing.assert_array_equal(jump_step[repeats], jump_step[repeats - 1] + 1)
    np.testing.assert_array_equal(actions[repeats], actions[repeats - 1])
    for task in range(3):
        acting = set(batch.agent_infos["acting_policy"][batch.env_infos["task_id"] == task])
        assert acting == {task, 1, 2}
    return jump_step[starts]


@pytest.mark.parametrize(
    ("worker_class", "worker_args"),
    [(DefaultWorker, {}), (VecWorker, {"n_envs": 2})],
)
def test_in_garages_local_sampler(worker_class, worker_args):
    mixture = counting_levy()
    parameters = copy.deepcopy(mixture.get_param_values())
    parameters["acting/success_ratios"][1:] = 0.5
    sampler = LocalSampler(
        mixture,
        [
            GarageEnvironment(
                "Counting-v0", {"n_tasks": 3}, task, seed=task, task_set_factory=make_counting
            )
            for task in range(3)
        ],
        max_episode_length=7,
        n_workers=3,
        worker_class=worker_class,
        worker_args=worker_args,
        seed=1,
    )
    batch = sampler.obtain_samples(0, 400, parameters)
    sampler.shutdown_worker()
    assert check_jumps(batch).max() <= 1, "a jump reached into another episode"
    assert mixture.success_ratios.tolist() == [0.0, 0.5, 0.5]


def test_in_our_local_sampler_copies_share_the_ratios():
    mixture = counting_levy()
    sampler = LocalTaskSampler(
        mixture, "Counting-v0", {"n_tasks": 3}, seeds=[0, 1, 2], task_set_factory=make_counting
    )
    mixture.success_ratios[1:] = 0.5
    batch = sampler.obtain_samples(0, 400, mixture.get_param_values())
    sampler.shutdown_worker()
    assert check_jumps(batch).max() <= 1
    before = mixture.success_ratios.copy()
    mixture.observe(batch)
    _, successes = ended_episodes(batch)
    assert 0 < successes.mean() < 1
    assert (mixture.success_ratios != before).all()

"""LockStepSampler against a plain loop over single environments."""

import numpy as np
import pytest
import torch

from environments.task_env import INFO_KEYS
from learning.garage_bridge.garage_compat import StepType
from learning.policies.levy.levy_mixture import LevyMixture
from learning.samplers.agent_update import apply_agent_update
from learning.samplers.garage_environment import make_env_spec
from learning.samplers.lock_step_sampler import LockStepSampler
from learning.samplers.vector_environment import VectorEnvironment
from tests.policies.counting_switch import make_counting_parts, make_counting_switch
from tests.samplers.fake_task_set import OBSERVATION_SIZE, make_counting
from tests.samplers.scripted import ScriptedPolicy, column, slow_loop
from tests.small_learner import make_policies

N_TASKS = 4
SEEDS = (21, 22, 23, 24)
FIRST, MID, TERMINAL, TIMEOUT = StepType


@pytest.fixture
def make():
    """Makes samplers and closes them."""
    samplers = []

    def make_sampler(policy=None, n_workers=0, **options):
        environments = VectorEnvironment(
            "Counting-v0", options, n_workers=n_workers, task_set_factory=make_counting
        )
        spec = make_env_spec(environments.task_set)
        seeds = SEEDS[: environments.n_tasks]
        samplers.append(
            LockStepSampler(policy or ScriptedPolicy(), environments, env_spec=spec, seeds=seeds)
        )
        return samplers[-1]

    yield make_sampler
    for sampler in samplers:
        sampler.shutdown_worker()


def by_task(batch, values):
    """[N, ...] as [T, n, ...]."""
    assert (np.bincount(batch.env_infos["task_id"]) == len(values) // N_TASKS).all()
    return values.reshape(N_TASKS, -1, *values.shape[1:])


@pytest.mark.parametrize("n_workers", [0, 2, 3])
def test_equals_a_slow_loop(make, n_workers):
    sampler = make(n_workers=n_workers)
    batches = [sampler.obtain_samples(0, size, None) for size in (40, 4, 17, 60)]
    # ceil(size / 4) lock steps each.
    assert [batch.lengths.sum() for batch in batches] == [40, 4, 20, 60]
    n_steps = 31
    for task, seed in enumerate(SEEDS):
        alone = slow_loop(task, seed, n_steps)
        one_hot = np.tile(np.eye(N_TASKS, dtype=np.float32)[task], (n_steps, 1))

        def of_task(values_of, task=task):
            return np.concatenate([by_task(b, values_of(b))[task] for b in batches])

        np.testing.assert_array_equal(
            of_task(lambda b: b.observations), np.hstack([column(alone, "observation"), one_hot])
        )
        np.testing.assert_array_equal(
            of_task(lambda b: b.next_observations),
            np.hstack([column(alone, "next_observation"), one_hot]),
        )
        np.testing.assert_array_equal(of_task(lambda b: b.actions), column(alone, "action"))
        np.testing.assert_array_equal(of_task(lambda b: b.rewards), column(alone, "reward"))
        for index, key in enumerate(INFO_KEYS):
            np.testing.assert_array_equal(
                of_task(lambda b, key=key: b.env_infos[key]), column(alone, "infos")[:, index]
            )
        kinds = []
        for before, step in zip([None, *alone], alone, strict=False):
            begins = before is None or before["terminated"] or before["truncated"]
            kind = FIRST if begins else MID
            if step["terminated"]:
                kind = TERMINAL
            elif step["truncated"]:
                kind = TIMEOUT
            kinds.append(kind)
        assert of_task(lambda b: b.step_types).tolist() == kinds
    for batch in batches:
        np.testing.assert_array_equal(batch.agent_infos["mean"], -batch.actions)
        np.testing.assert_array_equal(
            batch.agent_infos["acting_policy"], batch.env_infos["task_id"] + 10
        )


def test_episodes_are_cut_at_their_ends_and_at_the_batch_end(make):
    """By hand: lengths 3, 5, 7 (terminal on the limit), 7 (limit); batches of 8 and 3 steps."""
    sampler = make()
    batch = sampler.obtain_samples(0, 8 * N_TASKS, None)
    assert batch.lengths.tolist() == [3, 3, 2, 5, 3, 7, 1, 7, 1]
    ends = np.cumsum(batch.lengths) - 1
    assert batch.step_types[ends].tolist() == [
        *(TERMINAL, TERMINAL, MID),
        *(TERMINAL, MID),
        *(TERMINAL, FIRST),
        *(TIMEOUT, FIRST),
    ]
    # The number of steps in the last observation is that before the reset: the length.
    assert batch.last_observations[:, 1].tolist() == [3, 3, 2, 5, 3, 7, 1, 7, 1]
    batch = sampler.obtain_samples(1, 3 * N_TASKS, None)
    assert batch.lengths.tolist() == [1, 2, 2, 1, 3, 3]
    assert batch.last_observations[:, 1].tolist() == [3, 2, 5, 1, 4, 4]
    assert batch.step_types.tolist() == [
        *(TERMINAL, FIRST, MID),
        *(MID, TERMINAL, FIRST),
        *(MID, MID, MID),
        *(MID, MID, MID),
    ]
    assert batch.step_types.dtype == StepType


def test_a_batch_of_single_steps(make):
    sampler = make()
    batches = [sampler.obtain_samples(0, 1, None) for _ in range(4)]
    assert [batch.lengths.tolist() for batch in batches] == [[1] * N_TASKS] * 4
    assert batches[0].step_types.tolist() == [FIRST] * 4
    assert batches[2].step_types.tolist() == [TERMINAL, MID, MID, MID]
    assert batches[3].step_types.tolist() == [FIRST, MID, MID, MID]


def test_the_policy_is_told_whose_episodes_ended(make):
    policy = ScriptedPolicy()
    sampler = make(policy)
    sampler.obtain_samples(0, 5 * N_TASKS, None)
    sampler.obtain_samples(0, 2 * N_TASKS, None)
    assert [reset.tolist() for reset in policy.resets] == [
        [True, True, True, True],  # before the first step
        [True, False, False, False],  # after step 3
        [False, True, False, False],  # after step 5
        [True, False, False, False],  # after step 6, in the second call
        [False, False, True, True],  # after step 7
    ]


def test_earlier_batches_keep_their_numbers(make):
    sampler = make()
    batch = sampler.obtain_samples(0, 40, None)
    observations, last = batch.observations.copy(), batch.last_observations.copy()
    sampler.obtain_samples(0, 40, None)
    np.testing.assert_array_equal(batch.observations, observations)
    np.testing.assert_array_equal(batch.last_observations, last)


def test_agent_updates(make):
    live = {"w": torch.zeros(3), "acting/n": np.zeros(2)}
    policy = ScriptedPolicy(live)
    sampler = make(policy)
    sampler.obtain_samples(0, 4, None)
    sampler.obtain_samples(0, 4, {"w": live["w"].detach(), "acting/n": live["acting/n"]})
    assert policy.updates == []  # its own tensors and numbers
    other = {"w": live["w"], "acting/n": live["acting/n"].copy()}
    sampler.obtain_samples(0, 4, other)
    assert policy.updates == [other]
    successor = ScriptedPolicy(live)
    sampler.obtain_samples(0, 4, successor)
    assert [reset.tolist() for reset in successor.resets] == [[True] * 4]
    assert len(policy.resets) == 2  # the start, and task 0's third step
    with pytest.raises(TypeError, match="a state dict or a policy"):
        sampler.obtain_samples(0, 4, 3)
    with pytest.raises(ValueError, match="cannot be replaced"):
        sampler.obtain_samples(0, 4, None, env_update=object())
    with pytest.raises(ValueError, match="at least 1"):
        sampler.obtain_samples(0, 0, None)


def test_an_update_by_a_real_policys_parameters():
    """Its own are left alone; those of another copy are taken, weights and numbers."""
    policies, other = make_policies(seed=0), make_policies(seed=1)
    other.acting_values["env_steps"][...] = 7
    weight = policies.architecture.layers[0].weight
    before, version = weight.detach().clone(), weight._version
    assert apply_agent_update(policies, policies.get_param_values()) is policies
    assert weight._version == version
    assert apply_agent_update(policies, other.get_param_values()) is policies
    assert not torch.equal(weight, before)
    assert torch.equal(weight, other.architecture.layers[0].weight)
    assert int(policies.acting_values["env_steps"]) == 7


def test_only_the_infos_that_something_reads_are_recorded(make):
    """Where the policy says which; of one that does not say, all are."""

    class Terse(ScriptedPolicy):
        recorded_infos = ("acting_policy",)

    class Silent(ScriptedPolicy):
        recorded_infos = ()

    whole = make().obtain_samples(0, 40, None)
    terse = make(Terse()).obtain_samples(0, 40, None)
    assert set(whole.agent_infos) == {"mean", "log_std", "acting_policy"}
    assert set(terse.agent_infos) == {"acting_policy"}
    acting = terse.agent_infos["acting_policy"]
    np.testing.assert_array_equal(acting, whole.agent_infos["acting_policy"])
    np.testing.assert_array_equal(terse.actions, whole.actions)
    assert make(Silent()).obtain_samples(0, 40, None).agent_infos == {}


@pytest.mark.parametrize(
    ("make_policy", "infos"),
    [
        (lambda: make_counting_switch(N_TASKS).policies, {"acting_policy"}),
        (lambda: make_counting_switch(N_TASKS), {"acting_policy"}),
        (
            lambda: LevyMixture(
                make_counting_parts(N_TASKS),
                LevyMixture.Options(neighbors="all", levy_cap=1.0),
            ),
            {"acting_policy", "jump_step"},
        ),
    ],
    ids=["own", "qswitch", "levy"],
)
def test_what_is_recorded_of_real_policies(make, make_policy, infos):
    """And it is what their batches are observed by."""
    policy = make_policy()
    batch = make(policy).obtain_samples(0, 40, None)
    assert set(batch.agent_infos) == infos
    policy.observe(batch)
    assert int(policy.acting_values["env_steps"]) == 40


def test_infos_with_changing_keys_are_an_error(make):
    class Moody(ScriptedPolicy):
        def get_actions(self, observations):
            actions, infos = super().get_actions(observations)
            return actions, infos if observations[0, 1] == 0 else {"mean": actions}

    with pytest.raises(ValueError, match="the same at every step"):
        make(Moody()).obtain_samples(0, 8, None)


@pytest.mark.parametrize(("n_workers", "n_workers_after"), [(0, 2), (2, 0)])
def test_going_on_from_a_state(make, n_workers, n_workers_after):
    sampler = make(n_workers=n_workers)
    sampler.obtain_samples(0, 50, None)
    state = sampler.get_state()
    expected = sampler.obtain_samples(0, 60, None)
    again = make(n_workers=n_workers_after)
    again.set_state(state)
    batch = again.obtain_samples(0, 60, None)
    for name in ("observations", "last_observations", "actions", "rewards", "lengths"):
        np.testing.assert_array_equal(getattr(batch, name), getattr(expected, name))
    assert batch.step_types.tolist() == expected.step_types.tolist()
    for key, values in expected.env_infos.items():
        np.testing.assert_array_equal(batch.env_infos[key], values)


def test_the_state_before_the_start(make):
    state = make().get_state()
    assert list(state) == ["started"]
    sampler = make()
    sampler.set_state(state)
    expected = make().obtain_samples(0, 20, None)
    batch = sampler.obtain_samples(0, 20, None)
    np.testing.assert_array_equal(batch.observations, expected.observations)
    with pytest.raises(ValueError, match="not the state of a LockStepSampler"):
        sampler.set_state({})


def test_times_are_read_once(make):
    sampler = make()
    sampler.obtain_samples(0, 20, None)
    times = sampler.read_times()
    assert set(times) == {"time_environment", "time_policy"}
    assert min(times.values()) > 0
    assert sampler.read_times() == {"time_environment": 0.0, "time_policy": 0.0}


def test_the_spec_appends_the_one_hot():
    spec = make_env_spec(make_counting())
    assert spec.observation_space.shape == (OBSERVATION_SIZE + N_TASKS,)
    assert spec.action_space.low.tolist() == [-1, -1]
    assert spec.max_episode_length == 7

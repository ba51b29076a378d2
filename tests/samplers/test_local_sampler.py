"""LocalTaskSampler: whole episodes, as many of every task, equal to a plain loop."""

import numpy as np
import pytest

from learning.samplers.local_sampler import LocalTaskSampler
from learning.samplers.task_environment_error import TaskStateError
from tests.samplers.fake_task_set import make_counting
from tests.samplers.scripted import ScriptedPolicy, column, slow_loop

N_TASKS = 4
SEEDS = (31, 32, 33, 34)
LENGTHS = (3, 5, 7, 7)


def make(policy=None):
    return LocalTaskSampler(
        policy or ScriptedPolicy(), "Counting-v0", {}, seeds=SEEDS, task_set_factory=make_counting
    )


class HoldingPolicy(ScriptedPolicy):
    """Counts the steps since its reset, by row, in an array that is changed in place."""

    def __init__(self):
        super().__init__()
        self.steps = np.zeros(1, np.int64)

    def reset(self, do_resets=None):
        self.steps = np.zeros(1, np.int64)

    def get_actions(self, observations):
        actions, infos = super().get_actions(observations)
        infos["acting_policy"] = self.steps.copy()
        self.steps += 1
        return actions, infos


def test_equals_a_slow_loop():
    sampler = make()
    # A round of one episode each is 22 steps.
    batches = [sampler.obtain_samples(0, size, None) for size in (23, 1)]
    assert [batch.lengths.tolist() for batch in batches] == [
        [3, 3, 5, 5, 7, 7, 7, 7],
        [3, 5, 7, 7],
    ]
    assert sampler.total_env_steps == 66
    for task, seed in enumerate(SEEDS):
        alone = slow_loop(task, seed, 3 * LENGTHS[task])
        for name, key in (("actions", "action"), ("rewards", "reward")):
            values = [getattr(b, name)[b.env_infos["task_id"] == task] for b in batches]
            np.testing.assert_array_equal(
                np.concatenate(values).astype(np.float32), column(alone, key)
            )


def test_every_worker_has_its_own_acting_state():
    sampler = make(HoldingPolicy())
    for _ in range(2):
        batch = sampler.obtain_samples(0, 22, None)
        expected = np.concatenate([np.arange(length) for length in LENGTHS])
        np.testing.assert_array_equal(batch.agent_infos["acting_policy"], expected)
    sampler.obtain_samples(0, 22, HoldingPolicy())
    agents = [worker.agent for worker in sampler._workers]
    assert len({id(agent) for agent in agents}) == N_TASKS
    assert len({id(agent.steps) for agent in agents}) == N_TASKS


def test_parameters_are_shared_with_the_workers():
    weights = {}
    policy = ScriptedPolicy(weights)
    sampler = make(policy)
    assert all(worker.agent.weights is policy.weights for worker in sampler._workers)
    sampler.obtain_samples(0, 1, {"other": 1})
    assert policy.updates == [{"other": 1}]


def test_going_on_from_a_state():
    sampler = make()
    fresh = sampler.get_state()
    assert list(fresh) == ["started"]
    sampler.obtain_samples(0, 50, None)
    state = sampler.get_state()
    expected = sampler.obtain_samples(0, 50, None)
    again = make()
    again.obtain_samples(0, 1, None)
    again.set_state(state)
    batch = again.obtain_samples(0, 50, None)
    for name in ("observations", "last_observations", "actions", "rewards", "lengths"):
        np.testing.assert_array_equal(getattr(batch, name), getattr(expected, name))
    unstarted = make()
    unstarted.set_state(fresh)
    np.testing.assert_array_equal(
        unstarted.obtain_samples(0, 1, None).rewards, make().obtain_samples(0, 1, None).rewards
    )
    with pytest.raises(ValueError, match="not the state of a LocalTaskSampler"):
        again.set_state({})
    del state["environments/3/actions"]
    with pytest.raises(TaskStateError, match="count-3"):
        again.set_state(state)


def test_global_random_generators_are_left_alone():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    make().obtain_samples(0, 1, None)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="2 seeds for 4 tasks"):
        LocalTaskSampler(
            ScriptedPolicy(), "Counting-v0", {}, seeds=(1, 2), task_set_factory=make_counting
        )
    with pytest.raises(ValueError, match="at least 1"):
        make().obtain_samples(0, 0, None)


def test_times_are_read_once():
    sampler = make()
    sampler.obtain_samples(0, 1, None)
    assert min(sampler.read_times().values()) > 0
    assert sampler.read_times() == {"time_environment": 0.0, "time_policy": 0.0}

"""VectorEnvironment against single environments stepped in a plain loop."""

import numpy as np
import pytest

from learning.samplers.task_environment_error import TaskStateError
from learning.samplers.vector_environment import VectorEnvironment
from tests.samplers.fake_task_set import make_counting
from tests.samplers.scripted import column, scripted_action, slow_loop

N_TASKS = 4
SEEDS = [11, 12, 13, 14]
N_STEPS = 40
WORKERS = (0, 1, 2, 3)


def make(n_workers, **options):
    return VectorEnvironment(
        "Counting-v0",
        {"n_tasks": N_TASKS, **options},
        n_workers=n_workers,
        task_set_factory=make_counting,
    )


def actions_of(environments):
    rows = zip(environments.observations, range(N_TASKS), strict=True)
    return np.array([scripted_action(observation, task) for observation, task in rows])


def run(environments, n_steps):
    """What every step gave, as copies: dicts of arrays [n, T, ...]."""
    records = []
    for _ in range(n_steps):
        observations = environments.observations.copy()
        step = environments.step(actions_of(environments))
        records.append(
            {
                "observation": observations,
                "next_observation": step.next_observations.copy(),
                "reward": step.rewards.copy(),
                "terminated": step.terminated.copy(),
                "truncated": step.truncated.copy(),
                "infos": step.infos.copy(),
            }
        )
    return {key: np.array([record[key] for record in records]) for key in records[0]}


@pytest.mark.parametrize("n_workers", WORKERS)
def test_equals_single_environments_bit_for_bit(n_workers):
    with make(n_workers) as environments:
        observations = environments.reset(SEEDS)
        assert observations.dtype == np.float32
        record = run(environments, N_STEPS)
    for task, seed in enumerate(SEEDS):
        alone = slow_loop(task, seed, N_STEPS)
        for key, values in record.items():
            np.testing.assert_array_equal(values[:, task], column(alone, key), err_msg=key)


def test_episode_ends_by_task():
    """Task 0 ends after 3 steps, 1 after 5, 2 on the time limit (7) by itself, 3 by the limit."""
    with make(0) as environments:
        environments.reset(SEEDS)
        record = run(environments, 14)
    ended = [np.flatnonzero(record["terminated"][:, task]).tolist() for task in range(N_TASKS)]
    timed_out = [np.flatnonzero(record["truncated"][:, task]).tolist() for task in range(N_TASKS)]
    assert ended == [[2, 5, 8, 11], [4, 9], [6, 13], []]
    assert timed_out == [[], [], [6, 13], [6, 13]]
    # Before the automatic reset the step count is the episode's length, after it 0.
    assert record["next_observation"][[2, 5], 0, 1].tolist() == [3, 3]
    assert record["observation"][[3, 6], 0, 1].tolist() == [0, 0]


@pytest.mark.parametrize("n_workers", [0, 3])
def test_inactive_rows_are_left_alone(n_workers):
    with make(n_workers) as environments:
        environments.reset(SEEDS)
        run(environments, 3)
        # Worker 0 of 3 has task 0 alone and is not asked at all.
        active = np.array([False, True, False, True])
        before = environments.observations.copy()
        step = environments.step(actions_of(environments), active)
        kept = step.next_observations[~active].copy()
        step = environments.step(actions_of(environments), active)
        np.testing.assert_array_equal(environments.observations[~active], before[~active])
        np.testing.assert_array_equal(step.next_observations[~active], kept)
        assert step.infos[:, -1].tolist() == [3, 5, 3, 5]
        rest = run(environments, 5)
    for task, steps in enumerate([3, 5, 3, 5]):
        alone = slow_loop(task, SEEDS[task], steps + 5)[steps:]
        np.testing.assert_array_equal(rest["reward"][:, task], column(alone, "reward"))


@pytest.mark.parametrize(("n_workers", "n_workers_after"), [(0, 2), (2, 0), (3, 1)])
def test_state_in_the_middle_of_episodes_goes_on_identically(n_workers, n_workers_after):
    with make(n_workers) as environments:
        environments.reset(SEEDS)
        run(environments, 16)
        state = {key: value.copy() for key, value in environments.get_state().items()}
        expected = run(environments, 20)
    assert {key.split("/")[0] for key in state} == {"0", "1", "2", "3"}
    assert all(isinstance(value, np.ndarray) for value in state.values())
    with make(n_workers_after) as environments:
        environments.reset([1, 2, 3, 4])
        run(environments, 3)
        environments.set_state(state)
        record = run(environments, 20)
    for key, values in expected.items():
        np.testing.assert_array_equal(record[key], values, err_msg=key)


def test_state_needs_no_reset_before():
    with make(0) as environments:
        environments.reset(SEEDS)
        run(environments, 4)
        state = environments.get_state()
        observations = environments.observations.copy()
    with make(2) as environments:
        environments.set_state(state)
        np.testing.assert_array_equal(environments.observations, observations)


@pytest.mark.parametrize("n_workers", [0, 2])
def test_a_damaged_state_is_an_error_after_which_another_serves(n_workers):
    with make(n_workers) as environments:
        environments.reset(SEEDS)
        state = environments.get_state()
        expected = run(environments, 10)
        damaged = {key: value for key, value in state.items() if key != "2/actions"}
        with pytest.raises(TaskStateError, match=r"count-2[\s\S]*lacks \['actions'\]") as caught:
            environments.set_state(damaged)
        assert isinstance(caught.value, ValueError)
        environments.set_state(state)
        np.testing.assert_array_equal(run(environments, 10)["reward"], expected["reward"])


def test_a_state_of_other_tasks_is_an_error():
    with make(0, n_tasks=3) as environments, pytest.raises(ValueError, match="0 to 2"):
        environments.set_state(dict.fromkeys(("0/a", "1/a", "2/a", "3/a"), np.zeros(1)))


@pytest.mark.parametrize("n_workers", [-1, 5])
def test_number_of_workers_is_checked(n_workers):
    with pytest.raises(ValueError, match=r"n_workers must be 0 \(this process\) to 4"):
        make(n_workers)


def test_number_of_seeds_is_checked():
    with make(0) as environments, pytest.raises(ValueError, match="3 seeds for 4 tasks"):
        environments.reset([1, 2, 3])


@pytest.mark.parametrize("n_workers", [0, 2])
def test_closing_twice_and_using_afterwards(n_workers):
    environments = make(n_workers)
    environments.reset(SEEDS)
    environments.close()
    environments.close()
    with pytest.raises(RuntimeError, match="has been closed"):
        environments.step(np.zeros((N_TASKS, 2), np.float32))


def test_workers_import_neither_torch_nor_garage():
    with make_probe(2) as environments:
        observations = environments.reset(SEEDS)
    assert observations.sum() == 0


def make_probe(n_workers):
    from tests.samplers.fake_task_set import make_probing

    return VectorEnvironment(
        "Probe-v0", {"n_tasks": N_TASKS}, n_workers=n_workers, task_set_factory=make_probing
    )

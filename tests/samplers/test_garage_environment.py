"""GarageEnvironment against the task it adapts, and inside garage's own machinery."""

import copy
import subprocess
import sys
from pathlib import Path

import cloudpickle
import numpy as np
import pytest

from environments.task_env import INFO_KEYS
from learning.garage_bridge.garage_compat import (
    DefaultWorker,
    LocalSampler,
    MultiprocessingSampler,
    StepType,
    obtain_evaluation_episodes,
)
from learning.samplers.garage_environment import GarageEnvironment, make_env_spec
from tests.samplers.fake_task_set import make_counting
from tests.samplers.scripted import ScriptedPolicy, column, scripted_action, slow_loop

N_TASKS = 4
FIRST, MID, TERMINAL, TIMEOUT = StepType


def make(task, seed=5):
    return GarageEnvironment("Counting-v0", {}, task, seed=seed, task_set_factory=make_counting)


def run(environment, task, n_steps, observation=None):
    """Steps, with resets where episodes end: (observation, EnvStep) of each, and the last."""
    records = []
    if observation is None:
        observation, _ = environment.reset()
    for _ in range(n_steps):
        step = environment.step(scripted_action(observation, task))
        records.append((observation, step))
        observation = environment.reset()[0] if step.last else step.observation
    return records, observation


@pytest.mark.parametrize("task", range(N_TASKS))
def test_equals_the_task(task):
    records, _ = run(make(task), task, 20)
    alone = slow_loop(task, 5, 20)
    one_hot = np.eye(N_TASKS, dtype=np.float32)[task]
    for (observation, step), expected in zip(records, alone, strict=True):
        assert observation.dtype == step.observation.dtype == np.float32
        np.testing.assert_array_equal(observation, [*expected["observation"], *one_hot])
        np.testing.assert_array_equal(step.observation, [*expected["next_observation"], *one_hot])
        assert np.float32(step.reward) == expected["reward"]
        assert [step.env_info[key] for key in INFO_KEYS] == expected["infos"].tolist()
        assert set(step.env_info) == {*INFO_KEYS, "task_id"}
        assert step.env_info["task_id"] == task


@pytest.mark.parametrize(
    ("task", "kinds"),
    [
        (0, [FIRST, MID, TERMINAL]),
        (2, [FIRST, MID, MID, MID, MID, MID, TERMINAL]),  # terminated on the time limit
        (3, [FIRST, MID, MID, MID, MID, MID, TIMEOUT]),
    ],
)
def test_step_types(task, kinds):
    environment = make(task)
    records, _ = run(environment, task, len(kinds))
    assert [step.step_type for _, step in records] == kinds
    with pytest.raises(RuntimeError, match="must be called before"):
        unfinished = make(task)
        unfinished.step(np.zeros(2, np.float32))


@pytest.mark.parametrize(
    "copier", [copy.deepcopy, lambda e: cloudpickle.loads(cloudpickle.dumps(e))]
)
def test_copies_go_on_like_the_original(copier):
    fresh = make(1)
    np.testing.assert_array_equal(copier(fresh).reset()[0], fresh.reset()[0])
    environment = make(3)
    _, observation = run(environment, 3, 10)
    twin = copier(environment)
    expected, _ = run(environment, 3, 15, observation)
    records, _ = run(twin, 3, 15, observation)
    for (seen, step), (expected_seen, expected_step) in zip(records, expected, strict=True):
        np.testing.assert_array_equal(seen, expected_seen)
        assert step.step_type == expected_step.step_type
        assert step.reward == expected_step.reward


def test_a_copy_at_an_episodes_end_must_be_reset_too():
    environment = make(0)
    environment.reset()
    for _ in range(3):
        environment.step(np.zeros(2, np.float32))
    twin = copy.deepcopy(environment)
    with pytest.raises(RuntimeError, match="must be called before"):
        twin.step(np.zeros(2, np.float32))
    np.testing.assert_array_equal(twin.reset()[0], environment.reset()[0])


def sample_with(sampler_class, n_workers):
    """Two episodes of each of the first tasks, from one of garage's samplers."""
    sampler = sampler_class(
        ScriptedPolicy(),
        [make(task, seed=30 + task) for task in range(n_workers)],
        max_episode_length=7,
        seed=1,
        n_workers=n_workers,
        worker_class=DefaultWorker,
    )
    try:
        return sampler.obtain_exact_episodes(2, None)
    finally:
        sampler.shutdown_worker()


def test_in_garages_local_sampler():
    batch = sample_with(LocalSampler, N_TASKS)
    for task, length in enumerate([3, 5, 7, 7]):
        rows = batch.env_infos["task_id"] == task
        alone = slow_loop(task, 30 + task, 2 * length)
        np.testing.assert_array_equal(batch.actions[rows], column(alone, "action"))
        end = TIMEOUT if task == 3 else TERMINAL
        assert (batch.step_types[rows] == end).tolist() == ([False] * (length - 1) + [True]) * 2


def check_multiprocessing_sampler():
    """garage's sampler drops episodes when its queue is full, so any of a task's will do."""
    batch = sample_with(MultiprocessingSampler, 2)
    assert batch.lengths.tolist() == [3, 3, 5, 5]
    for task, length in enumerate([3, 5]):
        alone = column(slow_loop(task, 30 + task, 200 * length), "action")
        known = {episode.tobytes() for episode in alone.reshape(200, length, 2)}
        rows = batch.env_infos["task_id"] == task
        for episode in batch.actions[rows].reshape(2, length, 2):
            assert episode.tobytes() in known


def test_in_garages_multiprocessing_sampler():
    """In a process of its own, since forking the test process draws a warning."""
    code = f"import {__name__} as test; test.check_multiprocessing_sampler()"
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert finished.returncode == 0, finished.stderr


def test_in_garages_evaluation():
    batch = obtain_evaluation_episodes(
        ScriptedPolicy(), make(1), max_episode_length=7, num_eps=2, deterministic=False
    )
    assert batch.lengths.tolist() == [5, 5]
    np.testing.assert_array_equal(batch.actions, column(slow_loop(1, 5, 10), "action"))


def test_the_spec_takes_every_observation():
    spec = make_env_spec(make_counting())
    assert spec.observation_space.contains(np.full(7, 1e9, np.float32))
    environment = make(0)
    assert environment.spec == spec
    assert environment.observation_space == spec.observation_space
    assert environment.action_space == spec.action_space
    assert environment.render_modes == []

"""The reward by every task's rule, from the environments through the samplers into the store."""

import copy

import numpy as np
import pytest

from environments import make_task_set
from learning.garage_bridge.env_infos import REWARDS_OF_ALL_TASKS
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.uds import source_tasks
from learning.samplers.garage_environment import GarageEnvironment, make_env_spec
from learning.samplers.local_sampler import LocalTaskSampler
from learning.samplers.lock_step_sampler import LockStepSampler
from learning.samplers.task_environment_error import TaskEnvironmentError
from learning.samplers.vector_environment import VectorEnvironment
from tests.samplers.fake_task_set import make_counting


class WavePolicy:
    """Actions follow from the observation, so that every sampler sees the same episodes."""

    def __init__(self, action_size):
        self._phases = np.arange(action_size)

    def get_actions(self, observations):
        waves = np.sin(7 * observations.sum(axis=1)[:, None] + self._phases)
        return waves.astype(np.float32), {}

    def get_action(self, observation):
        actions, infos = self.get_actions(observation[None])
        return actions[0], infos

    def reset(self, do_resets=None):
        pass

    def get_param_values(self):
        return {}


def make_sampler(task_set, *, n_workers, relabels=True):
    """A lock-step sampler, or the local one where `n_workers` is None."""
    seeds = range(30, 30 + task_set.n_tasks)
    policy = WavePolicy(task_set.action_space.shape[0])
    if n_workers is None:
        return LocalTaskSampler(
            policy, task_set.id, task_set.options, seeds=list(seeds), relabels=relabels
        )
    environments = VectorEnvironment(
        task_set.id, task_set.options, n_workers=n_workers, relabels=relabels
    )
    return LockStepSampler(
        policy, environments, env_spec=make_env_spec(task_set), seeds=list(seeds)
    )


def replayed(task_set, task, actions):
    """What `rewards_of_all_tasks` gives in the task's own environment under these actions."""
    environment = task_set.make(task)
    environment.reset(seed=30 + task)
    rewards = []
    for action in actions:
        _, reward, terminated, truncated, _ = environment.step(action)
        rewards.append(environment.rewards_of_all_tasks())
        assert rewards[-1][task] == reward
        if terminated or truncated:
            environment.reset()
    return np.array(rewards, np.float32)


@pytest.mark.parametrize("n_workers", [0, 2, None])
@pytest.mark.parametrize("task_set_id", ["JacoReachMT5-v1", "MazeLarge-10-v0"])
def test_stored_rewards_equal_a_replay(task_set_id, n_workers):
    task_set = make_task_set(task_set_id)
    n_tasks = task_set.n_tasks
    sampler = make_sampler(task_set, n_workers=n_workers)
    buffer = MultiTaskReplayBuffer(
        n_tasks=n_tasks,
        observation_size=task_set.observation_space.shape[0],
        action_size=task_set.action_space.shape[0],
        capacity=1000,
        random=np.random.default_rng(0),
        stores_all_rewards=True,
    )
    # In two collections, of which the second goes on within episodes and ends some (Jaco: 200).
    actions = [np.empty((0, task_set.action_space.shape[0]), np.float32)] * n_tasks
    for n_steps in (150, 80) if n_workers is not None else (150,):
        batch = sampler.obtain_samples(0, n_tasks * n_steps, None)
        assert batch.env_infos[REWARDS_OF_ALL_TASKS].shape == (len(batch.actions), n_tasks)
        buffer.add_episodes(batch)
        for task in range(n_tasks):
            own = batch.actions[batch.env_infos["task_id"] == task]
            actions[task] = np.concatenate((actions[task], own))
    sampler.shutdown_worker()
    stored = buffer.rows_since(np.zeros(n_tasks, np.int64))
    rows = np.split(stored.rows, np.cumsum(stored.counts)[:-1])
    for task in range(n_tasks):
        expected = replayed(task_set, task, actions[task])
        np.testing.assert_array_equal(rows[task][:, -n_tasks:], expected)
    # And a relabelled batch has them: of each row's task, whoever's the transition was.
    sources = source_tasks(n_tasks, 20)
    numbers = copy.deepcopy(buffer.random).random(sources.shape)
    batch = buffer.sample_from(sources, relabel=True)
    for (task, column), source in np.ndenumerate(sources):
        row = rows[source][int(numbers[task, column] * len(rows[source]))]
        assert float(batch.rewards[task, column]) == row[-n_tasks + task]


@pytest.mark.parametrize("n_workers", [0, None])
def test_they_are_not_there_unless_asked_for(n_workers):
    task_set = make_task_set("JacoReachMT5-v1")
    sampler = make_sampler(task_set, n_workers=n_workers, relabels=False)
    batch = sampler.obtain_samples(0, 5, None)
    sampler.shutdown_worker()
    assert REWARDS_OF_ALL_TASKS not in batch.env_infos


def test_a_copy_of_the_garage_environment_gives_them_too():
    environment = GarageEnvironment("JacoReachMT5-v1", {}, 2, seed=1, relabels=True)
    environment.reset()
    twin = copy.deepcopy(environment)
    steps = [each.step(np.full(6, 0.3, np.float32)) for each in (environment, twin)]
    first, second = (step.env_info[REWARDS_OF_ALL_TASKS] for step in steps)
    assert first.shape == (5,)
    np.testing.assert_array_equal(first, second)


def test_a_task_set_that_does_not_say_them_is_an_error():
    environments = VectorEnvironment(
        "Counting-v0", {}, n_workers=0, task_set_factory=make_counting, relabels=True
    )
    environments.reset([1, 2, 3, 4])
    with pytest.raises(TaskEnvironmentError, match="the reward by task 0's rule is nan"):
        environments.step(np.zeros((4, 2), np.float32))

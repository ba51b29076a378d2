"""What holds for every task set: relabelled rewards, and a simulation that can be drawn."""

import mujoco
import numpy as np
import pytest

from environments import make_task_set, task_set_ids
from environments.resumable_env import ResumableEnv


@pytest.mark.parametrize("task_set_id", task_set_ids())
def test_rewards_of_all_tasks_are_there_where_the_set_says_so(task_set_id: str) -> None:
    task_set = make_task_set(task_set_id)
    assert len(task_set.min_reward) == task_set.n_tasks
    # Meta-World's sets define none, and each of their tasks takes a while to build.
    for task in range(task_set.n_tasks if task_set.relabels else 1):
        env = task_set.make(task)
        env.action_space.seed(task)
        env.reset(seed=task)
        for _ in range(5):
            _, reward, *_ = env.step(env.action_space.sample())
            rewards = env.rewards_of_all_tasks()
            assert (rewards is not None) == task_set.relabels
            if rewards is not None:
                assert rewards.shape == (task_set.n_tasks,)
                assert rewards.dtype == np.float64
                assert rewards[task] == reward
                assert np.isfinite(rewards).all()
        env.close()


@pytest.mark.parametrize("task_set_id", task_set_ids())
def test_the_simulation_and_a_camera_are_there(task_set_id: str) -> None:
    env = make_task_set(task_set_id).make(0)
    env.reset(seed=0)
    raw = env.unwrapped
    assert isinstance(raw, ResumableEnv)
    model, data = raw.mujoco_parts()
    assert isinstance(model, mujoco.MjModel)
    assert isinstance(data, mujoco.MjData)
    assert raw.camera().type == mujoco.mjtCamera.mjCAMERA_FREE
    assert raw.camera().distance > 0
    assert all(marker.radius > 0 for marker in raw.goal_markers())
    before = data.qpos.copy()
    env.step(env.action_space.high)
    assert not np.array_equal(raw.mujoco_parts()[1].qpos, before)
    env.close()

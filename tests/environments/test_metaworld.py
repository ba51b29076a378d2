"""Meta-World's task sets against Meta-World's own classes, and their seeding and forgetting."""

from typing import Any

import numpy as np
import pytest
from gymnasium.utils import seeding
from metaworld.env_dict import ALL_V3_ENVIRONMENTS, MT10_V3, MT25_V3, MT50_V3

from environments import TaskEnv, make_task_set
from environments.metaworld_env import MetaWorldEnv
from environments.metaworld_tasks import MT10, MT25, MT50


def make(task_name: str, reward_version: str = "v2") -> TaskEnv:
    options: dict[str, Any] = {"tasks": task_name, "reward_version": reward_version}
    return make_task_set("MetaWorldCustom-v2", **options).make(0)


def raw_of(env: TaskEnv) -> MetaWorldEnv:
    raw = env.unwrapped
    assert isinstance(raw, MetaWorldEnv)
    return raw


def fresh_from_meta_world(task_name: str, reward_version: str, goal: np.ndarray) -> Any:
    """A newly built environment with Meta-World's own code, set to the goal and reset."""
    env: Any = ALL_V3_ENVIRONMENTS[f"{task_name}-v3"](reward_function_version=reward_version)
    env._set_task_called = True
    env._partially_observable = False
    env.__dict__.pop("sawyer_observation_space", None)
    env._last_rand_vec = goal.copy()
    return env


def random_actions(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (n, 4)).astype(np.float32)


def test_names_are_meta_worlds() -> None:
    assert tuple(f"{name}-v3" for name in MT10) == tuple(MT10_V3)
    assert tuple(f"{name}-v3" for name in MT25) == tuple(MT25_V3)
    assert tuple(f"{name}-v3" for name in MT50) == tuple(MT50_V3)


@pytest.mark.parametrize("task_name", MT50)
def test_every_task_forgets_and_resumes(task_name: str) -> None:
    # After several episodes an episode is the one that a newly built environment gives, and
    # what was saved in the middle of it comes back bit for bit.
    env = make(task_name)
    for seed in (11, None, None):
        env.reset(seed=seed)
        for action in random_actions(0, 15):
            env.step(action)
    observation, _ = env.reset()
    fresh = fresh_from_meta_world(task_name, "v2", raw_of(env).simulation._last_rand_vec)
    assert np.array_equal(observation, fresh.reset()[0])
    for action in random_actions(1, 25):
        observation, reward, terminated, truncated, info = env.step(action)
        expected, expected_reward, _, _, expected_info = fresh.step(action)
        assert np.array_equal(observation, expected)
        assert (reward, info["success"]) == (expected_reward, expected_info["success"])
        assert info["any_subgoal"] == info["success"]
        assert not terminated
        assert not truncated
    state = env.get_state()
    ahead = [np.append(*env.step(action)[:2]) for action in random_actions(2, 5)]
    next_start, _ = env.reset()
    env.set_state(state)
    assert np.array_equal(ahead, [np.append(*env.step(a)[:2]) for a in random_actions(2, 5)])
    assert np.array_equal(env.reset()[0], next_start)
    env.close()


@pytest.mark.parametrize("task_name", ["reach", "push", "basketball", "door-unlock"])
def test_goals_are_those_that_meta_worlds_own_reset_draws(task_name: str) -> None:
    env = make(task_name)
    env.reset(seed=4)
    goals = raw_of(env).goals
    assert len(np.unique(goals, axis=0)) == len(goals) == 50
    fresh = fresh_from_meta_world(task_name, "v2", goals[0])
    fresh._freeze_rand_vec, fresh.seeded_rand_vec = False, True
    fresh.np_random = seeding.np_random(4)[0]
    for goal in goals[:10]:
        fresh.reset_model()
        assert np.array_equal(fresh._last_rand_vec, goal)


def test_a_seed_gives_goals_and_the_run_and_global_randomness_is_left_alone() -> None:
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # type: ignore[index,union-attr]  # noqa: NPY002
    env, other = make("push"), make("push")
    starts = [env.reset(seed=6)[0], *(env.reset()[0] for _ in range(12))]
    other.reset(seed=7)
    assert not np.array_equal(raw_of(env).goals, raw_of(other).goals)
    np.random.seed(1)  # noqa: NPY002
    again = [other.reset(seed=6)[0], *(other.reset()[0] for _ in range(12))]
    assert np.array_equal(starts, again)
    assert np.array_equal(raw_of(env).goals, raw_of(other).goals)
    # The goal, three last numbers of the observation, is visible and changes among the fifty.
    shown = np.unique(np.array(starts)[:, -3:-1], axis=0)
    assert 5 < len(shown) <= 13
    np.random.seed(0)  # noqa: NPY002
    env.reset(seed=8)
    env.step(random_actions(0, 1)[0])
    after = np.random.get_state()[1]  # type: ignore[index]  # noqa: NPY002
    assert np.array_equal(before, after)  # type: ignore[arg-type]


def test_goals_come_back_with_the_state() -> None:
    env, other = make("reach"), make("reach")
    env.reset(seed=1)
    env.reset()
    other.reset(seed=2)
    other.set_state(env.get_state())
    assert np.array_equal(raw_of(env).goals, raw_of(other).goals)
    for _ in range(5):
        assert np.array_equal(env.reset()[0], other.reset()[0])
    with pytest.raises(ValueError, match=r"shape \(50, 3\), this task's \(50, 6\)"):
        other.set_state({**env.get_state(), "run": np.zeros((50, 3))})


@pytest.mark.parametrize("task_name", ["door-open", "push", "window-close"])
def test_v1_rewards_are_meta_worlds(task_name: str) -> None:
    env, other = make(task_name, "v1"), make(task_name, "v2")
    env.reset(seed=0)
    other.reset(seed=0)
    fresh = fresh_from_meta_world(task_name, "v1", raw_of(env).simulation._last_rand_vec)
    fresh.reset()
    for action in random_actions(0, 30):
        observation, reward, *_ = env.step(action)
        assert reward == fresh.step(action)[1]
        other_observation, other_reward, *_ = other.step(action)
        assert np.array_equal(observation, other_observation)
        assert reward != other_reward


def test_the_horizon_is_500_steps_and_success_does_not_end_it() -> None:
    env = make("drawer-close")
    env.reset(seed=0)
    push = np.array([0.0, 1.0, -0.3, 0.0])
    ends = []
    for _ in range(500):
        *_, terminated, truncated, info = env.step(push)
        ends.append((terminated, truncated))
    assert ends == [(False, False)] * 499 + [(False, True)]
    assert info["episode_length"] == 500.0
    env.reset()
    env.step(push)


def test_success_by_meta_worlds_own_policy() -> None:
    from metaworld.policies import ENV_POLICY_MAP

    env, policy = make("door-close"), ENV_POLICY_MAP["door-close-v3"]()
    observation, _ = env.reset(seed=0)
    flags = []
    with pytest.warns(UserWarning, match="may be too high"):
        for _ in range(150):
            action = np.clip(policy.get_action(observation), -1, 1)
            observation, _, terminated, _, info = env.step(action)
            assert not terminated
            flags.append(info["success"])
            assert info["episode_success"] == max(flags)
    assert flags[0] == 0.0
    assert max(flags) == 1.0

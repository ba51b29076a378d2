"""Meta-World at the literature's protocols: horizon, sparse reward, number of goals, the card."""

from typing import Any

import numpy as np
import pytest
from metaworld.policies import ENV_POLICY_MAP

from environments import TaskEnv, make_task_set
from environments.metaworld_env import MetaWorldEnv

STILL = np.zeros(4, dtype=np.float32)


def make(task_name: str, **options: Any) -> TaskEnv:
    return make_task_set("MetaWorldCustom-v2", tasks=task_name, **options).make(0)


def goals_of(env: TaskEnv) -> np.ndarray:
    raw = env.unwrapped
    assert isinstance(raw, MetaWorldEnv)
    return raw.goals


@pytest.fixture(scope="module")
def closing_the_door() -> list[np.ndarray]:
    """The actions of Meta-World's own policy until the door is closed, from seed 0."""
    env, policy = make("door-close"), ENV_POLICY_MAP["door-close-v3"]()
    observation, _ = env.reset(seed=0)
    actions, success = [], 0.0
    with pytest.warns(UserWarning, match="may be too high"):
        while not success:
            actions.append(np.clip(policy.get_action(observation), -1, 1).astype(np.float32))
            observation, reward, _, _, info = env.step(actions[-1])
            assert reward > 0.0
            success = info["success"]
    assert 10 < len(actions) < 150
    return actions


def test_sparse_pays_1_at_success_and_ends_there(closing_the_door: list[np.ndarray]) -> None:
    env = make("door-close", reward="sparse")
    env.reset(seed=0)
    for action in closing_the_door[:-1]:
        _, reward, terminated, truncated, info = env.step(action)
        assert (reward, terminated, truncated, info["success"]) == (0.0, False, False, 0.0)
    state = env.get_state()
    last = env.step(closing_the_door[-1])
    assert last[1:4] == (1.0, True, False)
    assert last[4]["success"] == last[4]["episode_success"] == last[4]["episode_return"] == 1.0
    assert last[4]["episode_length"] == len(closing_the_door)
    with pytest.raises(RuntimeError, match="the episode is over"):
        env.step(STILL)
    other = make("door-close", reward="sparse")
    other.set_state(state)
    again = other.step(closing_the_door[-1])
    assert np.array_equal(again[0], last[0])
    assert again[1:] == last[1:]
    env.reset()
    assert env.step(STILL)[1:4] == (0.0, False, False)


def test_sparse_and_dense_are_one_simulation(closing_the_door: list[np.ndarray]) -> None:
    sparse, dense = make("door-close", reward="sparse"), make("door-close")
    assert np.array_equal(sparse.reset(seed=0)[0], dense.reset(seed=0)[0])
    for action in closing_the_door:
        step, other = sparse.step(action), dense.step(action)
        assert np.array_equal(step[0], other[0])
        assert step[1] == step[4]["success"] == other[4]["success"]
        assert not other[2]


def test_success_at_the_last_step_terminates_and_truncates(
    closing_the_door: list[np.ndarray],
) -> None:
    env = make("door-close", reward="sparse", horizon=len(closing_the_door))
    env.reset(seed=0)
    ends = [env.step(action)[1:4] for action in closing_the_door]
    assert ends == [(0.0, False, False)] * (len(ends) - 1) + [(1.0, True, True)]
    short = make("door-close", reward="sparse", horizon=len(closing_the_door) - 1)
    short.reset(seed=0)
    ends = [short.step(action)[1:4] for action in closing_the_door[:-1]]
    assert ends == [(0.0, False, False)] * (len(ends) - 1) + [(0.0, False, True)]


@pytest.mark.parametrize("reward", ["dense", "sparse"])
@pytest.mark.parametrize("horizon", [1, 150, 200])
def test_the_horizon_truncates(horizon: int, reward: str) -> None:
    env = make("reach", horizon=horizon, reward=reward)
    for seed in (0, None):
        env.reset(seed=seed)
        ends = [env.step(STILL)[2:4] for _ in range(horizon)]
        assert ends == [(False, False)] * (horizon - 1) + [(False, True)]
        with pytest.raises(RuntimeError, match="the episode is over"):
            env.step(STILL)


def test_one_goal_is_the_same_in_every_episode() -> None:
    env, other = make("push", n_goals=1), make("push", n_goals=1)
    start, _ = env.reset(seed=3)
    for _ in range(3):
        env.step(np.ones(4, dtype=np.float32))
        assert np.array_equal(env.reset()[0], start)
    # Evaluation goes on with the run's goal and other randomness.
    assert np.array_equal(env.reset(seed=9, options={"same_run": True})[0], start)
    assert np.array_equal(other.reset(seed=3)[0], start)
    assert not np.array_equal(other.reset(seed=4)[0], start)
    other.set_state(env.get_state())
    assert np.array_equal(other.reset()[0], start)


def test_fewer_goals_are_the_first_of_the_fifty() -> None:
    fifty, seven, one = make("push"), make("push", n_goals=7), make("push", n_goals=1)
    for env in (fifty, seven, one):
        env.reset(seed=5)
    assert goals_of(fifty).shape == (50, 6)
    assert np.array_equal(goals_of(seven), goals_of(fifty)[:7])
    assert np.array_equal(goals_of(one), goals_of(fifty)[:1])
    starts = {env.reset()[0].tobytes() for env in [seven] * 60}
    assert len(starts) == 7
    again = make("push", n_goals=7)
    again.reset(seed=5)
    assert np.array_equal(goals_of(again), goals_of(seven))
    with pytest.raises(ValueError, match=r"shape \(7, 6\), this task's \(1, 6\)"):
        one.set_state(seven.get_state())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {},
            {
                "horizon": 500,
                "reward": "dense",
                "reward_rule": "Meta-World's v2 reward function",
                "terminates_on_success": False,
                "n_goals": 50,
                "goals": "50 a task, drawn from the task's seed; one of them at random an episode",
            },
        ),
        (
            {"horizon": 150, "reward": "sparse", "n_goals": 1, "reward_version": "v1"},
            {
                "horizon": 150,
                "reward": "sparse",
                "reward_rule": "1 at success by Meta-World's v1 reward function, 0 elsewhere",
                "terminates_on_success": True,
                "n_goals": 1,
                "goals": "1 a task, drawn from the task's seed; the same in every episode",
            },
        ),
    ],
)
@pytest.mark.parametrize("n_tasks", [10, 25, 50])
def test_the_card_says_which_protocol(
    n_tasks: int, options: dict[str, Any], expected: dict[str, Any]
) -> None:
    task_set = make_task_set(f"MetaWorldMT{n_tasks}-v2", **options)
    card = task_set.protocol()
    assert {name: card[name] for name in expected} == expected
    assert card["n_tasks"] == n_tasks
    assert card["goal_observable"] is True
    assert task_set.max_episode_steps == expected["horizon"]
    assert make_task_set(task_set.id, **task_set.options).protocol() == card


def test_pictures_show_the_goal_that_is_observed() -> None:
    for task_name in ("reach", "door-open", "basketball"):
        env = make(task_name)
        observation, _ = env.reset(seed=0)
        raw = env.unwrapped
        assert isinstance(raw, MetaWorldEnv)
        (marker,) = raw.goal_markers()
        assert marker.position == pytest.approx(observation[36:39], abs=1e-12)
        model, data = raw.mujoco_parts()
        assert data.qpos.size == model.nq
        assert raw.camera().distance > 1.0
        assert raw.rewards_of_all_tasks() is None
        env.close()

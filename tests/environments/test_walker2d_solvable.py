"""What scripts can do with the walker: survive all tasks, walk both ways, meet the ceiling."""

import numpy as np
import pytest

from tests.environments import walker_gaits
from tests.environments.test_walker2d import (
    BACKWARD,
    BALANCE,
    CRAWL,
    FORWARD,
    FOUR,
    STILL,
    make,
    put,
)
from tests.environments.walker_stand import stand


@pytest.mark.parametrize("task", FOUR)
def test_success_is_the_thousandth_step_without_a_fall(task: int) -> None:
    # The posture of walker_stand.py survives by its own strength.
    env, _ = make(task)
    observation, _ = env.reset(seed=1)
    successes, ends = [], []
    for _ in range(1000):
        observation, _, terminated, truncated, info = env.step(stand(observation))
        successes.append(info["success"])
        ends.append((terminated, truncated))
    assert successes == [0.0] * 999 + [1.0]
    assert ends == [(False, False)] * 999 + [(False, True)]
    if task == BALANCE:
        assert info["episode_return"] > 900


@pytest.mark.parametrize(
    ("task", "gait", "direction"),
    [(FORWARD, walker_gaits.FORWARD, 1), (BACKWARD, walker_gaits.BACKWARD, -1)],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_walking_earns_more_than_standing(
    task: int, gait: walker_gaits.Gait, direction: int, seed: int
) -> None:
    env, raw = make(task)
    observation, _ = env.reset(seed=seed)
    length, over = 0, False
    while not over:
        observation, *_, terminated, truncated, info = env.step(gait.action(observation, length))
        length, over = length + 1, terminated or truncated
        assert info["success"] == float(truncated and not terminated)
    assert length > 800
    assert direction * raw.data.qpos[0] > 3
    # Standing still earns at most 1.1 a step.
    assert info["episode_return"] > 1300


def test_walking_upright_ends_at_the_ceiling() -> None:
    env, raw = make(CRAWL)
    observation, _ = env.reset(seed=0)
    rewards, terminated = [], False
    while not terminated:
        action = walker_gaits.FORWARD.action(observation, len(rewards))
        observation, reward, terminated, truncated, info = env.step(action)
        assert not truncated
        rewards.append(reward)
    # The torso's radius is .05, and it leans a little.
    assert 1.7 < raw.data.qpos[0] < 2.1
    assert observation[0] > 1.0
    assert rewards[-1] < -5 < 0.5 < np.mean(rewards[:-1])
    assert info["episode_success"] == 0.0


@pytest.mark.parametrize("task", FOUR)
def test_a_fall_at_the_last_step_is_no_success(task: int) -> None:
    env, raw = make(task)
    observation, _ = env.reset(seed=1)
    for _ in range(999):
        observation, *_ = env.step(stand(observation))
    put(raw, (0.0, 0.1, 1.57, 0, 0, 0, 0, 0, 0))
    _, _, terminated, truncated, info = env.step(STILL)
    assert (terminated, truncated, info["episode_success"]) == (True, True, 0.0)

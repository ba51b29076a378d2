"""TaskEnv's time limit, statistics and resuming, on an environment that can be worked by hand."""

from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box
from gymnasium.utils.env_checker import check_env

from environments import INFO_KEYS, TaskEnv
from environments.task_env import Action, Observation, ResumableEnv


class Walk(ResumableEnv):
    """Position starts at U(0, 1) plus the run's offset and moves by the action; ends at 5."""

    def __init__(self) -> None:
        self.observation_space = Box(-np.inf, np.inf, (1,), np.float64)
        self.action_space = Box(-1.0, 1.0, (1,), np.float32)
        self.offset = 0.0
        self.position = 0.0

    def draw_run(self) -> None:
        self.offset = self.np_random.normal()

    def get_run_state(self) -> np.ndarray:
        return np.array([self.offset])

    def set_run_state(self, state: np.ndarray) -> None:
        super().set_run_state(state)
        self.offset = float(state[0])

    def begin_episode(self) -> Observation:
        self.position = self.np_random.uniform() + self.offset
        return np.array([self.position])

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        self.position += float(action[0]) + 0.01 * self.np_random.normal()
        info = {"success": self.position > 4.0, "any_subgoal": self.position > 2.0}
        return np.array([self.position]), self.position, self.position > 5.0, False, info


def make(max_episode_steps: int = 8) -> TaskEnv:
    return TaskEnv(Walk(), max_episode_steps)


def put(env: TaskEnv, position: float) -> None:
    env.unwrapped.position = position  # type: ignore[attr-defined]


def test_info_keys_of_reset_and_step() -> None:
    env = make()
    _, info = env.reset(seed=0)
    assert tuple(info) == INFO_KEYS
    assert list(info.values()) == [0.0] * 6
    *_, info = env.step(np.zeros(1))
    assert tuple(info) == INFO_KEYS
    assert all(type(value) is float for value in info.values())


def test_time_limit_and_termination_are_apart_and_may_meet() -> None:
    env = make(max_episode_steps=3)
    env.reset(seed=0)
    put(env, -9.0)
    ends = [env.step(np.zeros(1))[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]
    env.reset()
    put(env, 9.0)
    assert env.step(np.zeros(1))[2:4] == (True, False)
    env.reset()
    put(env, -9.0)
    env.step(np.zeros(1))
    env.step(np.zeros(1))
    put(env, 9.0)
    assert env.step(np.zeros(1))[2:4] == (True, True)


def test_statistics() -> None:
    env = make()
    env.reset(seed=0)
    rewards, seen = [], []
    for position in (0.0, 3.0, 4.5, 0.0):
        put(env, position)
        _, reward, _, _, info = env.step(np.zeros(1))
        rewards.append(reward)
        seen.append([info[key] for key in INFO_KEYS if key != "episode_return"])
        assert info["episode_return"] == sum(rewards)
    assert seen == [
        [0.0, 0.0, 0.0, 0.0, 1.0],
        [0.0, 1.0, 0.0, 1.0, 2.0],
        [1.0, 1.0, 1.0, 1.0, 3.0],
        [0.0, 0.0, 1.0, 1.0, 4.0],
    ]
    _, info = env.reset()
    assert set(info.values()) == {0.0}


def test_a_seed_starts_a_run_and_no_seed_goes_on_with_it() -> None:
    env = make()
    first = env.reset(seed=3)[0]
    offset = env.unwrapped.offset  # type: ignore[attr-defined]
    second = env.reset()[0]
    assert env.unwrapped.offset == offset  # type: ignore[attr-defined]
    assert second != first
    assert env.reset(seed=3)[0] == first
    assert env.reset()[0] == second
    env.reset(seed=4)
    assert env.unwrapped.offset != offset  # type: ignore[attr-defined]


def test_a_seed_of_the_same_run_changes_the_episodes_alone() -> None:
    env = make()
    env.reset(seed=3)
    offset = env.unwrapped.offset  # type: ignore[attr-defined]
    starts = [env.reset(seed=8, options={"same_run": True})[0], env.reset()[0]]
    assert env.unwrapped.offset == offset  # type: ignore[attr-defined]
    other = make()
    other.reset(seed=3)
    for _ in range(5):
        other.step(np.ones(1) * 0.1)
    again = [other.reset(seed=8, options={"same_run": True})[0], other.reset()[0]]
    assert starts == again
    assert other.reset(seed=9, options={"same_run": True})[0] != starts[0]


def test_resuming_mid_episode_and_at_its_end() -> None:
    env, rng = make(), np.random.default_rng(0)
    env.reset(seed=1)
    env.step(np.ones(1))
    env.reset()
    for _ in range(3):
        env.step(rng.uniform(-1, 1, 1) - 1)
    state = env.get_state()
    ahead = [env.step(np.full(1, -0.3)) for _ in range(5)]
    after = env.reset()
    other = make()
    other.reset(seed=99)
    observation = other.set_state(state)
    assert np.array_equal(observation, state["observation"])
    assert [other.step(np.full(1, -0.3)) for _ in range(5)] == ahead
    at_the_end = other.get_state()
    assert other.reset() == after
    other.set_state(at_the_end)
    with pytest.raises(RuntimeError, match="call reset"):
        other.step(np.zeros(1))
    assert other.reset() == after


def test_errors() -> None:
    env = make()
    with pytest.raises(RuntimeError, match="before the first reset"):
        env.get_state()
    with pytest.raises(RuntimeError, match="call reset"):
        env.step(np.zeros(1))
    env.reset(seed=0)
    with pytest.raises(ValueError, match=r"shape \(1,\), got \(2,\)"):
        env.step(np.zeros(2))
    with pytest.raises(ValueError, match="not finite"):
        env.step(np.array([np.nan]))
    with pytest.raises(ValueError, match="at least 1"):
        make(max_episode_steps=0)


def test_a_state_that_does_not_replay_is_refused() -> None:
    env = make()
    env.reset(seed=0)
    env.step(np.zeros(1))
    state = env.get_state()
    with pytest.raises(ValueError, match=r"lacks \['actions'\]"):
        env.set_state({key: value for key, value in state.items() if key != "actions"})
    with pytest.raises(ValueError, match="did not lead to the saved observation"):
        env.set_state({**state, "observation": state["observation"] + 1e-15})
    with pytest.raises(ValueError, match="takes at most"):
        env.set_state({**state, "actions": np.zeros((9, 1), np.float32)})


# The space is unbounded, and check_env would rather have it bounded.
# It also advises to check the bare environment, and TaskEnv is what is to be checked.
@pytest.mark.filterwarnings("ignore:.*A Box observation space m.*infinity:UserWarning")
@pytest.mark.filterwarnings("ignore:.*is different from the unwrapped version:UserWarning")
def test_gymnasium_accepts_it() -> None:
    check_env(make(), skip_render_check=True)

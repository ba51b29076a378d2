"""The Jaco multistage reacher: the arm's measured motion, and every task's reward by hand."""

from pathlib import Path

import mujoco
import numpy as np
import pytest

from environments import TaskEnv, make_task_set
from environments.jaco_reach.env import JacoReachEnv
from environments.jaco_reach.tasks import SUB_GOALS

STILL = np.zeros(6, dtype=np.float32)
HALF = np.full(6, 0.5, dtype=np.float32)
# Postures with the hand within 4 mm of a sub-goal, and one far from all of them.
AT = {
    0: [0.750, -0.844, 0.632, 0.249, 0.615, -0.645],
    1: [-0.212, -0.254, 0.426, -0.612, 0.581, 0.054],
    2: [-0.750, -0.479, 0.256, 0.648, -0.329, 0.160],
    3: [0.486, -0.016, -0.191, 0.196, 0.303, -0.572],
}
AWAY = [0.0, -1.2, 0.0, 0.0, 0.0, 0.0]
STAY_TASK = 4


def make(task: int) -> tuple[TaskEnv, JacoReachEnv]:
    env = make_task_set("JacoReachMT5-v1").make(task)
    raw = env.unwrapped
    assert isinstance(raw, JacoReachEnv)
    return env, raw


def put(raw: JacoReachEnv, posture: list[float]) -> None:
    raw.data.qpos[:] = posture
    raw.data.qvel[:] = 0.0


def test_the_hand_moves_without_control_as_measured() -> None:
    _, raw = make(0)
    raw.reset(seed=0)
    put(raw, raw.model.qpos0.tolist())
    mujoco.mj_forward(raw.model, raw.data)
    hand = [raw.hand_position]
    for _ in range(50):
        raw.step(STILL)
        hand.append(raw.hand_position)
    measured = {
        0: (0.410, 0.119, 0.239),
        1: (0.405, 0.117, 0.221),
        3: (0.423, 0.107, 0.139),
        6: (0.421, 0.102, 0.107),
        50: (0.401, 0.091, 0.092),
    }
    for n, position in measured.items():
        assert np.abs(hand[n] - position).max() < 0.002, n


def test_joint_5_starts_outside_its_range_and_is_driven_in() -> None:
    env, raw = make(0)
    env.reset(seed=0)
    assert raw.data.qpos[4] == pytest.approx(-2.8, abs=0.01)
    for _ in range(4):
        env.step(STILL)
    assert raw.data.qpos[4] == pytest.approx(-0.70, abs=0.03)


def test_reset_noise_and_observation_layout() -> None:
    env, raw = make(2)
    starts = np.stack([env.reset(seed=seed)[0] for seed in range(200)])
    assert starts.shape == (200, 15)
    noise = np.abs(starts[:, :6] - raw.model.qpos0)
    assert noise.max() == pytest.approx(0.01, rel=0.02)
    assert noise.max() < 0.01
    assert np.abs(starts[:, 6:12]).max() == pytest.approx(0.001, rel=0.02)
    assert np.array_equal(starts[:, 12:], np.tile([1.0, 0.0, 0.0], (200, 1)))
    observation, *_ = env.step(HALF)
    assert np.array_equal(observation[:6], raw.data.qpos)
    assert np.array_equal(observation[6:12], raw.data.qvel)


def control_cost(raw: JacoReachEnv, action: np.ndarray) -> float:
    cost = 0.0
    for j in range(6):
        cost += 0.01 * action[j] ** 2
        cost += 0.001 * abs(raw.data.qvel[j]) / 6
        cost += 0.00001 * abs(raw.data.qacc[j]) / 6
    return cost


# What a step pays beside the distance and the control: away from the goals in stage 0, reaching
# the first, away in stage 1, reaching the second, reaching the third. -0.4 for each stage that is
# missing after the step; task 1: -2 a step and +200 a sub-goal.
PENALTY = [-1.2, -0.8, -0.8, -0.4, 0.0]
BONUS = [-2.0, 198.0, -2.0, 198.0, 198.0]


@pytest.mark.parametrize(
    ("task", "goals", "weight_of_distance", "expected"),
    [
        (0, (0, 1, 2), 1.0, PENALTY),
        (1, (0, 1, 3), 1.0, BONUS),
        (2, (1, 3, 2), 1.0, PENALTY),
        (3, (1, 2, 0), 0.0, PENALTY),
    ],
)
def test_rewards_stages_and_flags_of_the_reaching_tasks(
    task: int, goals: tuple[int, ...], weight_of_distance: float, expected: list[float]
) -> None:
    env, raw = make(task)
    env.reset(seed=0)
    first, second, third = goals
    postures = [AWAY, AT[first], AWAY, AT[second], AT[third]]
    goal_before = [first, first, second, second, third]
    stage_seen = [0, 0, 1, 1, 2]  # the observation's stage lags one step
    reached = [0.0, 1.0, 0.0, 1.0, 1.0]
    for n, posture in enumerate(postures):
        put(raw, posture)
        observation, reward, terminated, truncated, info = env.step(HALF)
        distance = np.linalg.norm(raw.hand_position - np.array(SUB_GOALS[goal_before[n]]))
        assert (distance < 0.05) == bool(reached[n])
        by_hand = expected[n] - weight_of_distance * distance - control_cost(raw, HALF)
        assert reward == pytest.approx(by_hand, abs=1e-9)
        assert np.array_equal(observation[12:], np.eye(3)[stage_seen[n]])
        assert info["any_subgoal"] == reached[n]
        assert info["success"] == float(n == 4)
        assert terminated == (n == 4)
        assert not truncated
    assert info["episode_any_subgoal"] == info["episode_success"] == 1.0


def test_another_tasks_goal_ends_no_stage() -> None:
    env, raw = make(0)
    env.reset(seed=0)
    for goal in (1, 2, 3):
        put(raw, AT[goal])
        _, _, _, _, info = env.step(STILL)
        assert raw.stage == 0
        assert info["any_subgoal"] == 0.0


def test_the_stay_task() -> None:
    env, raw = make(STAY_TASK)
    env.reset(seed=0)
    goal, start = raw.hand_position, raw.data.qpos.copy()
    assert np.array_equal(raw.goal, goal)
    near = 0
    for n in range(1, 100):
        put(raw, AWAY if n % 10 == 0 else start.tolist())
        observation, reward, terminated, _, info = env.step(HALF)
        distance = float(np.linalg.norm(raw.hand_position - goal))
        assert reward == pytest.approx(-distance - control_cost(raw, HALF), abs=1e-9)
        assert np.array_equal(observation[12:], np.eye(3)[near // 30])
        near += n % 10 != 0
        assert raw.stage == near // 30
        assert terminated == (near == 90)
        assert info["success"] == info["any_subgoal"] == float(near == 90)
    # 99 steps, of which every tenth was away.
    assert near == 90


def test_the_stay_goal_is_each_episodes_own() -> None:
    env, raw = make(STAY_TASK)
    env.reset(seed=0)
    first = raw.goal
    env.reset()
    assert raw.goal != first
    assert np.array_equal(raw.goal, raw.hand_position)


def test_time_limit() -> None:
    env, _ = make(3)
    env.reset(seed=0)
    ends = [env.step(STILL)[2:4] for _ in range(200)]
    assert ends == [(False, False)] * 199 + [(False, True)]


# MuJoCo also writes the warning to a file in the working directory.
def test_a_failing_simulation_costs_100_and_terminates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    env, raw = make(0)
    before, _ = env.reset(seed=0)
    raw.data.qvel[:] = 1e12
    observation, reward, terminated, truncated, info = env.step(HALF)
    assert (reward, terminated, truncated, info["success"]) == (-100.0, True, False, 0.0)
    assert np.array_equal(observation, before)
    env.reset()
    assert not env.step(HALF)[2]


@pytest.mark.parametrize("task", range(5))
def test_the_same_seed_gives_the_same_run(task: int) -> None:
    actions = np.random.default_rng(0).uniform(-1, 1, (60, 6)).astype(np.float32)
    runs = []
    for warm_up in (0, 17):
        env, _ = make(task)
        env.reset(seed=5)
        for action in actions[:warm_up]:
            env.step(action)
        steps = [env.reset(seed=7)[0]]
        steps += [np.append(*env.step(action)[:2]) for action in actions]
        steps.append(env.reset()[0])
        runs.append(np.concatenate(steps))
    assert np.array_equal(runs[0], runs[1])

"""The large maze: its layout and physics by hand, its rewards, and a driver that solves it."""

import math

import mujoco
import numpy as np
import pytest

from environments import TaskEnv, make_task_set
from environments.maze_large.env import MazeLargeEnv
from environments.maze_large.layout import LAYOUT, TASKS, is_wall, walls
from tests.environments.maze_driver import Driver, way

MASS = 4 / 3 * math.pi * 0.1**3 * 1000
STILL = np.zeros(2, dtype=np.float32)
TEN = range(10)


def make(task: int, *, sparse: bool = False) -> tuple[TaskEnv, MazeLargeEnv]:
    env = make_task_set("MazeLarge-10-v0", sparse_tasks=sparse).make(task)
    raw = env.unwrapped
    assert isinstance(raw, MazeLargeEnv)
    return env, raw


def put(raw: MazeLargeEnv, position: tuple[float, float], velocity: tuple[float, float]) -> None:
    raw.data.qpos[:] = position
    raw.data.qvel[:] = velocity


def test_the_layout_and_the_ten_tasks() -> None:
    assert len(LAYOUT) == 9
    assert {len(line) for line in LAYOUT} == {12}
    # Counted by hand, row by row.
    assert len(walls()) == 12 + 3 + 7 + 3 + 9 + 4 + 8 + 4 + 12
    starts_and_goals = {(*task.start, *task.goal) for task in TASKS}
    assert starts_and_goals == {
        (1, 3, 5, 8),
        (1, 10, 2, 4),
        (4, 1, 1, 7),
        (7, 4, 4, 10),
        (1, 3, 7, 4),
        (1, 7, 7, 10),
        (5, 4, 7, 9),
        (7, 1, 2, 6),
        (1, 2, 3, 10),
        (7, 2, 6, 8),
    }
    assert not any(is_wall(place) for task in TASKS for place in (task.start, task.goal))


def test_walls_stand_where_the_layout_has_them() -> None:
    # A point driven against a wall stops where its surface touches the wall's: in (1, 1), whose
    # middle is (.8, .8), walls are on the low sides, at .3 in both directions.
    _, raw = make(0)
    raw.reset(seed=0)
    put(raw, (1.0, 1.0), (0.0, 0.0))
    for _ in range(100):
        observation, *_ = raw.step(np.full(2, -0.2, dtype=np.float32))
    assert observation[:2] == pytest.approx([0.4, 0.4], abs=0.01)
    # The other way, down the first column's four free cells, to the wall of (6, 1) at 5.3, and
    # along the first row's, to the wall of (1, 5) at 4.3.
    for direction, end in (((0.2, 0.0), (5.2, 0.8)), ((0.0, 0.2), (0.8, 4.2))):
        put(raw, (0.8, 0.8), (0.0, 0.0))
        for _ in range(400):
            observation, *_ = raw.step(np.array(direction, dtype=np.float32))
        assert observation[:2] == pytest.approx(end, abs=0.01), direction


def test_the_motion_in_free_space() -> None:
    # Euler with the joints' damping taken implicitly:
    # (m + h d) (v' - v) = h (f - d v), and the position follows the new velocity.
    _, raw = make(0)
    raw.reset(seed=0)
    put(raw, (1.0, 1.0), (0.3, -0.2))
    action = np.array([0.5, 1.0], dtype=np.float32)
    x, v = np.array([1.0, 1.0]), np.array([0.3, -0.2])
    for _ in range(5):
        observation, *_ = raw.step(action)
        v = v + 0.01 * (100 * action.astype(float) - v) / (MASS + 0.01)
        x = x + 0.01 * v
        assert observation == pytest.approx([*x, *v], abs=1e-12)


def test_velocity_and_action_are_clipped() -> None:
    _, raw = make(0)
    raw.reset(seed=0)
    put(raw, (3.0, 3.0), (9.0, -7.0))
    observation, *_ = raw.step(STILL)
    by_hand = 5.0 - 0.01 * 5.0 / (MASS + 0.01)
    assert observation[2:] == pytest.approx([by_hand, -by_hand], abs=1e-12)
    ends = []
    for action in ([1.0, -1.0], [4.0, -50.0]):
        put(raw, (3.0, 3.0), (0.0, 0.0))
        ends.append(raw.step(np.array(action, dtype=np.float32))[0])
    assert np.array_equal(ends[0], ends[1])


def test_the_start() -> None:
    env, _ = make(3)
    starts = np.stack([env.reset(seed=seed)[0] for seed in range(500)])
    noise = starts[:, :2] - [7, 4]
    assert 0.099 < np.abs(noise).max() < 0.1
    assert noise.mean(axis=0) == pytest.approx([0, 0], abs=0.01)
    assert starts[:, 2:].std(axis=0) == pytest.approx([0.1, 0.1], rel=0.1)


# Task 0's goal is (5, 8); positions around it, their distance and what is paid.
@pytest.mark.parametrize(
    ("position", "distance"),
    [((5.0, 8.0), 0.0), ((5.0, 8.3), 0.3), ((4.8, 7.6), 0.2**0.5), ((5.0, 7.0), 1.0)],
)
@pytest.mark.parametrize("sparse", [False, True])
def test_rewards_by_hand(position: tuple[float, float], distance: float, sparse: bool) -> None:
    env, raw = make(0, sparse=sparse)
    env.reset(seed=0)
    put(raw, position, (0.0, 0.0))
    _, reward, terminated, truncated, info = env.step(STILL)
    expected = float(distance <= 0.5) if sparse else math.exp(-distance) - 1
    assert reward == pytest.approx(expected, abs=1e-12)
    assert terminated == bool(info["success"]) == bool(info["any_subgoal"]) == (distance <= 0.5)
    assert not truncated


@pytest.mark.parametrize("task", TEN)
def test_success_is_a_distance_of_at_most_a_half(task: int) -> None:
    # Half is exact in binary, and all goals are whole numbers. Some of the places are in a wall:
    # without contacts the point stays there.
    env, raw = make(task, sparse=True)
    raw.model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_CONTACT
    row, column = TASKS[task].goal
    for y, reached in ((column + 0.5, True), (np.nextafter(column + 0.5, 99.0), False)):
        env.reset(seed=0)
        put(raw, (row, y), (0.0, 0.0))
        _, reward, terminated, _, info = env.step(STILL)
        assert (reward, terminated, info["success"]) == (reached, reached, reached)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("task", TEN)
def test_every_task_is_solved_and_success_fires_at_the_goal(task: int, sparse: bool) -> None:
    env, _ = make(task, sparse=sparse)
    observation, _ = env.reset(seed=task)
    start, goal = TASKS[task].start, TASKS[task].goal
    driver, over = Driver(start, goal), False
    while not over:
        observation, _, terminated, truncated, info = env.step(driver.action(observation))
        over = terminated or truncated
        distance = float(np.linalg.norm(observation[:2] - goal))
        assert info["success"] == float(terminated) == float(distance <= 0.5)
    assert info["episode_success"] == 1.0
    # Nothing is nearer than the shortest way over the cells, at 5 m/s and .01 s a step.
    assert info["episode_length"] > (len(way(start, goal)) - 3) / 0.05


def test_time_limit() -> None:
    env, _ = make(5)
    env.reset(seed=0)
    ends = [env.step(STILL)[2:4] for _ in range(600)]
    assert ends == [(False, False)] * 599 + [(False, True)]


@pytest.mark.parametrize("sparse", [False, True])
def test_relabelling_is_what_the_other_tasks_pay_from_the_same_state(sparse: bool) -> None:
    task_set = make_task_set("MazeLarge-10-v0", sparse_tasks=sparse)
    assert task_set.relabels
    envs = [make(task, sparse=sparse) for task in TEN]
    for env, _ in envs:
        env.reset(seed=1)
    rng = np.random.default_rng(0)
    free = [(r, c) for r in range(9) for c in range(12) if not is_wall((r, c))]
    seen = 0.0
    for place in free:
        position = (place[0] - 0.1, place[1] + rng.uniform(-0.2, 0.1))
        velocity, action = rng.normal(size=2), rng.uniform(-1, 1, 2).astype(np.float32)
        for _, raw in envs:
            put(raw, position, tuple(velocity))
        paid = np.array([raw.step(action)[1] for _, raw in envs])
        for _, raw in envs:
            assert np.array_equal(raw.rewards_of_all_tasks(), paid)
        seen += float(paid.sum())
    assert seen != 0.0


@pytest.mark.parametrize("task", TEN)
def test_the_same_seed_gives_the_same_run_and_states_come_back(task: int) -> None:
    actions = np.random.default_rng(task).uniform(-1, 1, (80, 2)).astype(np.float32)
    (env, _), (other, _) = make(task), make(task)
    env.reset(seed=9)
    env.step(actions[0])
    env.reset(seed=7)
    other.reset(seed=7)
    for action in actions:
        one, two = env.step(action), other.step(action)
        assert np.array_equal(one[0], two[0])
        assert one[1:] == two[1:]
    third, _ = make(task)
    observation = third.set_state(env.get_state())
    assert np.array_equal(observation, one[0])
    for action in actions:
        one, three = env.step(action), third.step(action)
        assert np.array_equal(one[0], three[0])
    assert np.array_equal(env.reset()[0], third.reset()[0])


def test_what_is_drawn() -> None:
    _, raw = make(7)
    raw.reset(seed=0)
    model, data = raw.mujoco_parts()
    site = data.site("goal")
    assert site.xpos[:2] == pytest.approx([2, 6])
    assert model.site("goal").size[0] == 0.5
    assert data.body("particle").xpos[:2] == pytest.approx(data.qpos)
    assert raw.camera().type == mujoco.mjtCamera.mjCAMERA_FREE


def test_the_option_and_the_smallest_rewards() -> None:
    for sparse, smallest in ((False, -1.0), (True, 0.0)):
        task_set = make_task_set("MazeLarge-10-v0", sparse_tasks=sparse)
        assert task_set.min_reward == (smallest,) * 10
        assert task_set.protocol()["sparse_tasks"] is sparse
        assert not task_set.has_subgoals
    with pytest.raises(ValueError, match="sparse_tasks=1 is not allowed; allowed: true or false"):
        make_task_set("MazeLarge-10-v0", sparse_tasks=1)

"""What every task of the reacher would have paid for one task's steps."""

from pathlib import Path

import numpy as np
import pytest

from environments import make_task_set
from environments.jaco_reach.env import JacoReachEnv
from environments.jaco_reach.tasks import SUB_GOALS, TASKS
from tests.environments.test_jaco_reach import AT, AWAY, HALF, control_cost, make, put

START = [0.0, 0.0, 0.0, 0.0, -2.8, 0.0]


@pytest.mark.parametrize("own", range(5))
def test_equals_what_the_other_tasks_environments_pay(own: int) -> None:
    raws = [make(task)[1] for task in range(5)]
    for raw in raws:
        raw.reset(seed=3)  # one seed, and so one pose and one goal of the stay task
    rng = np.random.default_rng(own)
    # Through the own task's goals (the stay task's: the start), others' and free flight between.
    own_goals = [AT[i] for i in TASKS[own].sub_goals] or [START]
    n_ended = 0
    for n in range(120):
        if n % 4 == 0:
            posture = own_goals[min(raws[own].stage, len(own_goals) - 1)]
            if n % 12 != 8:
                posture = [AWAY, *AT.values()][rng.integers(5)]
            for raw in raws:
                put(raw, posture)
        stage = raws[own].stage
        for raw in raws:
            raw.stage = stage
        action = rng.uniform(-1, 1, 6).astype(np.float32)
        paid = [raw.step(action)[1] for raw in raws]
        assert raws[own].rewards_of_all_tasks().tolist() == paid
        n_ended += raws[own].stage > stage
        if raws[own].stage == 3:
            break
    assert n_ended == (3 if TASKS[own].sub_goals else 0)


def test_by_hand() -> None:
    # Task 0 in stage 0 with the hand at S1, the first goal of tasks 2 and 3 but not of 0 and 1.
    env, raw = make(0)
    env.reset(seed=0)
    start = raw.hand_position
    put(raw, AT[1])
    _, reward, *_ = env.step(HALF)
    hand, cost = raw.hand_position, control_cost(raw, HALF)
    d0, d1 = (float(np.linalg.norm(hand - np.array(SUB_GOALS[i]))) for i in (0, 1))
    assert d1 < 0.05 < d0
    at_start = float(np.linalg.norm(hand - start))
    expected = np.array([-d0 - 1.2, -d0 - 2.0, -d1 - 0.8, -0.8, -at_start]) - cost
    rewards = env.rewards_of_all_tasks()
    assert rewards == pytest.approx(expected, abs=1e-9)
    assert rewards is not None
    assert rewards[0] == reward
    # At S0: stage 0 ends for tasks 0 and 1, and task 1 pays its bonus.
    put(raw, AT[0])
    env.step(HALF)
    hand, cost = raw.hand_position, control_cost(raw, HALF)
    d0, d1 = (float(np.linalg.norm(hand - np.array(SUB_GOALS[i]))) for i in (0, 1))
    at_start = float(np.linalg.norm(hand - start))
    expected = np.array([-d0 - 0.8, -d0 + 198.0, -d1 - 1.2, -1.2, -at_start]) - cost
    assert env.rewards_of_all_tasks() == pytest.approx(expected, abs=1e-9)
    # Now in stage 1, whose goals are S1, S1, S3, S2 and the start.
    put(raw, AT[3])
    env.step(HALF)
    hand, cost = raw.hand_position, control_cost(raw, HALF)
    d1, d3 = (float(np.linalg.norm(hand - np.array(SUB_GOALS[i]))) for i in (1, 3))
    at_start = float(np.linalg.norm(hand - start))
    expected = np.array([-d1 - 0.8, -d1 - 2.0, -d3 - 0.4, -0.8, -at_start]) - cost
    assert env.rewards_of_all_tasks() == pytest.approx(expected, abs=1e-9)


def test_needs_a_step() -> None:
    env, _ = make(2)
    env.reset(seed=0)
    with pytest.raises(RuntimeError, match="there is no last step"):
        env.rewards_of_all_tasks()
    env.step(HALF)
    assert env.rewards_of_all_tasks() is not None
    env.reset()
    with pytest.raises(RuntimeError, match="there is no last step"):
        env.rewards_of_all_tasks()


def test_a_failing_simulation_costs_every_task_100(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo also writes the warning to a file there
    env, raw = make(1)
    env.reset(seed=0)
    raw.data.qvel[:] = 1e12
    env.step(HALF)
    assert raw.rewards_of_all_tasks().tolist() == [-100.0] * 5
    env.reset()
    env.step(HALF)
    assert -100.0 not in raw.rewards_of_all_tasks()


def test_the_task_set_says_so_and_shows_its_simulation() -> None:
    task_set = make_task_set("JacoReachMT5-v1")
    assert task_set.relabels
    raw = task_set.make(0).unwrapped
    assert isinstance(raw, JacoReachEnv)
    model, data = raw.mujoco_parts()
    assert model.nu == 6
    raw.reset(seed=0)
    assert np.array_equal(data.body("link_hand").xpos, raw.hand_position)
    assert raw.camera().distance > 1.0

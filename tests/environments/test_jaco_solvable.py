"""Every task of the reacher can be solved, and success fires where its last stage ends."""

import pytest

from environments import make_task_set
from environments.jaco_reach.env import JacoReachEnv
from tests.environments.jaco_planner import Planner


@pytest.mark.parametrize("task", range(5))
def test_a_planner_ends_all_three_stages(task: int) -> None:
    env = make_task_set("JacoReachMT5-v1").make(task)
    env.reset(seed=1)
    planner, raw = Planner(env, seed=1), env.unwrapped
    assert isinstance(raw, JacoReachEnv)
    ends_of_stages, successes, over = [], [], False
    while not over:
        stage = raw.stage
        _, _, terminated, truncated, info = env.step(planner.action())
        over = terminated or truncated
        successes.append(info["success"])
        if raw.stage > stage:
            ends_of_stages.append(len(successes))
    assert len(ends_of_stages) == 3
    assert successes.index(1.0) + 1 == ends_of_stages[-1] == len(successes)
    assert terminated
    assert not truncated
    assert info["episode_success"] == info["episode_any_subgoal"] == 1.0

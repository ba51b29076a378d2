"""The benchmark of environment steps: what it calls MuJoCo's own part is that, and no more."""

import csv

import click.testing
import numpy as np
import pytest

from benchmarks.environments import MujocoAlone, StepCost, main, mean_cost
from environments import make_task_set


@pytest.mark.parametrize(
    ("task_set_id", "substeps"),
    [("JacoReachMT5-v1", 4), ("MazeLarge-10-v0", 1), ("MetaWorldCustom-v2", 5)],
)
def test_mujoco_alone_goes_where_the_task_went(task_set_id, substeps):
    env = make_task_set(task_set_id).make(0)
    env.reset(seed=0)
    alone = MujocoAlone(env)
    random = np.random.default_rng(0)
    for _ in range(5):
        alone.before()
        env.step(random.uniform(-1, 1, env.action_space.shape))
        assert alone.step() >= 0.0
        _, data = env.unwrapped.mujoco_parts()
        np.testing.assert_array_equal(alone.data.qpos, data.qpos)
        np.testing.assert_array_equal(alone.data.qvel, data.qvel)
    assert alone.substeps == substeps
    env.close()


def cost(task, ours, alone, original, theirs):
    return StepCost(
        env="E", task=task, substeps=2, ours_us=ours, mujoco_us=alone, original=original,
        original_us=theirs,
    )  # fmt: skip


def test_costs_and_their_mean():
    first, second = cost("a", 30.0, 10.0, "X", 90.0), cost("b", 60.0, 20.0, "Y", 60.0)
    assert first.row() == {
        "env": "E",
        "task": "a",
        "substeps": 2,
        "ours_us": 30.0,
        "mujoco_us": 10.0,
        "python_us": 20.0,
        "ratio_to_mujoco": 3.0,
        "original": "X",
        "original_us": 90.0,
        "original_over_ours": 3.0,
    }
    # 1.5 x 10 + 20 = 35; 1.5 x 20 + 20 = 50.
    assert (first.within_limit, second.within_limit) == (True, False)
    mean = mean_cost([first, second])
    assert (mean.ours_us, mean.mujoco_us, mean.original_us) == (45.0, 15.0, 75.0)
    assert (mean.task, mean.original, mean.substeps) == ("mean", "2 environments", 2)


def test_the_table_and_the_file(tmp_path):
    out = tmp_path / "a" / "costs.csv"
    args = ["--env=MazeLarge-10-v0", "--steps=5", f"--out={out}"]
    result = click.testing.CliRunner().invoke(main, args)
    assert result.exit_code == 0, result.output
    assert "MazeLarge-10-v0 mean" in result.output
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "env",
        "task",
        "substeps",
        "ours_us",
        "mujoco_us",
        "python_us",
        "ratio_to_mujoco",
        "original",
        "original_us",
        "original_over_ours",
    ]
    assert [row["task"] for row in rows][-2:] == ["7-2-to-6-8", "mean"]
    assert {row["original"] for row in rows} == {"PointMaze_LargeDense-v3"}
    assert all(float(row["ours_us"]) > 0 for row in rows)

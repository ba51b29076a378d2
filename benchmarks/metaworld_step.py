"""What a step of Meta-World costs: Meta-World's own, this project's, and MuJoCo's share of it.

    python -m benchmarks.metaworld_step [--actions scripted] [--out FILE.csv]

The three run the same episode of each MT10 task (same goal, same actions), in short chunks by
turns, so that what else the machine does strikes all three. A cost is the median over the chunks
of the thread's CPU time; ours is `TaskEnv.step`, with time limit and statistics. MuJoCo alone is
one `mj_step` of as many substeps as Meta-World runs.
"""

import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import mujoco
import numpy as np
import numpy.typing as npt
from metaworld.env_dict import ALL_V3_ENVIRONMENTS
from metaworld.policies import ENV_POLICY_MAP

from benchmarks.result_file import write_rows
from environments import make_task_set
from environments.metaworld_tasks import MT10

COLUMNS = ("task", "metaworld_us", "ours_us", "mujoco_us", "ratio")
HORIZON = 500
CHUNK = 20

Actions = npt.NDArray[np.float32]


def metaworlds_own(task_name: str, goal: npt.NDArray[np.float64]) -> Any:
    """Return Meta-World's environment, untouched, with the goal visible and reset."""
    env: Any = ALL_V3_ENVIRONMENTS[f"{task_name}-v3"](reward_function_version="v2")
    env._set_task_called = True
    env._partially_observable = False
    # Cached by the constructor, when the goal was still hidden.
    env.__dict__.pop("sawyer_observation_space", None)
    env._last_rand_vec = goal.copy()
    env.reset()
    return env


def record(task_name: str, goal: npt.NDArray[np.float64], kind: str) -> tuple[Actions, list[Any]]:
    """Run an episode, and return its actions, [500, 4], and what they set in MuJoCo's data."""
    policy_class: Any = ENV_POLICY_MAP[f"{task_name}-v3"]
    env, policy = metaworlds_own(task_name, goal), policy_class()
    observation = env._get_obs()
    random = np.random.default_rng(0).uniform(-1, 1, (HORIZON, 4)).astype(np.float32)
    actions, set_values = [], []
    for step in range(HORIZON):
        action = random[step]
        if kind == "scripted":
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", ".*may be too high", UserWarning)
                action = policy.get_action(observation)
            action = np.clip(action, -1, 1).astype(np.float32)
        observation = env.step(action)[0]
        actions.append(action)
        set_values.append((env.data.mocap_pos.copy(), env.data.ctrl.copy()))
    return np.array(actions), set_values


def time_task(task_name: str, kind: str) -> tuple[float, float, float]:
    """Return the microseconds a step of Meta-World, of ours and of MuJoCo alone."""
    ours = make_task_set("MetaWorldCustom-v2", tasks=task_name).make(0)
    ours.reset(seed=1)
    raw: Any = ours.unwrapped
    goal = raw.simulation._last_rand_vec
    actions, set_values = record(task_name, goal, kind)
    theirs, alone = metaworlds_own(task_name, goal), metaworlds_own(task_name, goal)
    model, data, substeps = alone.model, alone.data, alone.frame_skip

    def physics(step: int) -> None:
        data.mocap_pos[:], data.ctrl[:] = set_values[step]
        mujoco.mj_step(model, data, nstep=substeps)

    runs: tuple[Callable[[int], Any], ...] = (
        lambda step: theirs.step(actions[step]),
        lambda step: ours.step(actions[step]),
        physics,
    )
    times: tuple[list[float], ...] = ([], [], [])
    for start in range(0, HORIZON, CHUNK):
        for run, seconds in zip(runs, times, strict=True):
            began = time.thread_time()
            for step in range(start, start + CHUNK):
                run(step)
            seconds.append((time.thread_time() - began) / CHUNK)
    theirs_us, ours_us, alone_us = (1e6 * statistics.median(seconds) for seconds in times)
    return theirs_us, ours_us, alone_us


@click.command()
@click.option("--actions", type=click.Choice(["random", "scripted"]), default="random")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None)
def main(actions: str, out: Path | None) -> None:
    """Print the costs of every MT10 task and their mean; write the tasks' to --out as CSV."""
    rows: dict[str, list[float]] = {}
    click.echo(f"{COLUMNS[0]:24}" + "".join(f"{column:>14}" for column in COLUMNS[1:]))
    for task_name in (*MT10, "mean"):
        if task_name == "mean":
            costs = [statistics.mean(row[i] for row in rows.values()) for i in range(3)]
        else:
            costs = list(time_task(task_name, actions))
        rows[task_name] = [*costs, costs[0] / costs[1]]
        click.echo(f"{task_name:24}" + "".join(f"{value:14.2f}" for value in rows[task_name]))
    ratio_of_means = rows.pop("mean")[3]
    mean_ratio = statistics.mean(row[3] for row in rows.values())
    click.echo(f"ratio of the mean costs {ratio_of_means:.2f}, mean of the ratios {mean_ratio:.2f}")
    if out is not None:
        write_rows(
            out,
            [
                dict(zip(COLUMNS, (name, *(round(value, 2) for value in row)), strict=True))
                for name, row in rows.items()
            ],
        )


if __name__ == "__main__":
    main()

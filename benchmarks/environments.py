"""What an environment step costs beside MuJoCo's own part of it, and beside the original's step.

    python -m benchmarks.environments [--env ID ...] [--out FILE.csv]

For every step: ours (`TaskEnv.step`, with time limit and statistics), then MuJoCo alone (`mj_step`
of as many substeps, on a copy of the data as it stood before, with the controls that ours set),
then a step of the environment that ours is made after, with the same action. So what else the
machine does strikes all three. A cost is the median over the steps of the thread's CPU time.
"""

import dataclasses
import pathlib
import statistics
import time
from collections.abc import Sequence
from typing import Any

import click
import mujoco
import numpy as np

from benchmarks.original_environments import Original, original_of
from benchmarks.result_file import write_rows
from environments import TaskEnv, make_task_set, task_set_ids
from environments.resumable_env import ResumableEnv

LIMIT_RATIO, LIMIT_US = 1.5, 20.0
"""A step is to cost at most so many times MuJoCo's own cost, and so many microseconds on top."""

_STATE = int(mujoco.mjtState.mjSTATE_INTEGRATION)
"""All that MuJoCo's next step depends on."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class StepCost:
    """The costs of a step of a task (or their means over tasks), in microseconds.

    Attributes:
        env: Id of the task set.
        task: Name of the task, or `mean`.
        substeps: Number of MuJoCo's steps in one of ours.
        ours_us: Cost of ours.
        mujoco_us: Cost of MuJoCo's own part.
        original: Environment that ours is made after; empty where it is not installed.
        original_us: Cost of the original's step; NaN where there is none.
    """

    env: str
    task: str
    substeps: float
    ours_us: float
    mujoco_us: float
    original: str
    original_us: float

    @property
    def python_us(self) -> float:
        """Cost of ours beside MuJoCo's."""
        return self.ours_us - self.mujoco_us

    @property
    def within_limit(self) -> bool:
        """Whether ours keeps the limit."""
        return self.ours_us <= LIMIT_RATIO * self.mujoco_us + LIMIT_US

    def row(self) -> dict[str, str | float]:
        """Return the CSV's row."""
        return {
            "env": self.env,
            "task": self.task,
            "substeps": self.substeps,
            "ours_us": round(self.ours_us, 2),
            "mujoco_us": round(self.mujoco_us, 2),
            "python_us": round(self.python_us, 2),
            "ratio_to_mujoco": round(self.ours_us / self.mujoco_us, 3),
            "original": self.original,
            "original_us": round(self.original_us, 2),
            "original_over_ours": round(self.original_us / self.ours_us, 3),
        }


class MujocoAlone:
    """MuJoCo's part of a step, on a copy of the task's data.

    Attributes:
        data: Copy of the data.
        substeps: Number of MuJoCo's steps in the task's last one.
    """

    def __init__(self, env: TaskEnv) -> None:
        """Take the task; `before` and `step` go around its step."""
        raw = env.unwrapped
        assert isinstance(raw, ResumableEnv)
        self._raw = raw
        self._model, data = raw.mujoco_parts()
        self.data = mujoco.MjData(self._model)
        self._state = np.empty(mujoco.mj_stateSize(self._model, _STATE))
        self._before = data.time
        self.substeps = 0

    def before(self) -> None:
        """Take over the data as they stand."""
        _, data = self._raw.mujoco_parts()
        mujoco.mj_getState(self._model, data, self._state, _STATE)
        mujoco.mj_setState(self._model, self.data, self._state, _STATE)
        self._before = data.time

    def step(self) -> float:
        """Run as many substeps as the task just did, under its controls, and return the seconds."""
        _, data = self._raw.mujoco_parts()
        elapsed = data.time - self._before
        # Where the simulation failed, its time began anew: the substeps are then those known.
        if elapsed > 0:
            self.substeps = round(elapsed / self._model.opt.timestep)
        self.data.ctrl[:] = data.ctrl
        self.data.mocap_pos[:] = data.mocap_pos
        self.data.mocap_quat[:] = data.mocap_quat
        began = time.thread_time()
        mujoco.mj_step(self._model, self.data, nstep=self.substeps)
        return time.thread_time() - began


def measure(env: TaskEnv, original: Original | None, *, steps: int) -> tuple[list[float], int]:
    """Step a task, MuJoCo alone and the original in turns, with random actions.

    Args:
        env: Task to step.
        original: Environment that it is made after, if that is here.
        steps: Number of steps.

    Returns:
        Medians in microseconds of ours, MuJoCo's and the original's (NaN without one), and
        MuJoCo's substeps in a step of ours.
    """
    action_shape = env.action_space.shape
    assert action_shape is not None
    random = np.random.default_rng(0)
    actions = random.uniform(-1, 1, (steps, *action_shape)).astype(np.float32)
    env.reset(seed=1)
    alone = MujocoAlone(env)
    if original is not None:
        original.reset()
    seconds: tuple[list[float], ...] = ([], [], [])
    for action in actions:
        alone.before()
        began = time.thread_time()
        _, _, terminated, truncated, _ = env.step(action)
        seconds[0].append(time.thread_time() - began)
        seconds[1].append(alone.step())
        if original is not None:
            began = time.thread_time()
            over = original.step(action)
            seconds[2].append(time.thread_time() - began)
            if over:
                original.reset()
        if terminated or truncated:
            env.reset()
    medians = [1e6 * statistics.median(each) if each else np.nan for each in seconds]
    return medians, alone.substeps


def measure_task_set(task_set_id: str, *, steps: int) -> list[StepCost]:
    """Return the costs of each task of a task set with its default options, then their means."""
    task_set = make_task_set(task_set_id)
    costs = []
    for task, name in enumerate(task_set.task_names):
        env = task_set.make(task)
        original = original_of(task_set_id, name)
        (ours, alone, theirs), substeps = measure(env, original, steps=steps)
        env.close()
        costs.append(
            StepCost(
                env=task_set_id,
                task=name,
                substeps=substeps,
                ours_us=ours,
                mujoco_us=alone,
                original="" if original is None else original.name,
                original_us=theirs,
            )
        )
    return [*costs, mean_cost(costs)]


def mean_cost(costs: Sequence[StepCost]) -> StepCost:
    """Return the mean over the tasks of a task set."""
    numbers: dict[str, Any] = {
        name: statistics.mean(getattr(cost, name) for cost in costs)
        for name in ("substeps", "ours_us", "mujoco_us", "original_us")
    }
    names = {cost.original for cost in costs}
    original = names.pop() if len(names) == 1 else f"{len(names)} environments"
    return StepCost(env=costs[0].env, task="mean", original=original, **numbers)


@click.command()
@click.option("--env", "envs", type=click.Choice(task_set_ids()), multiple=True)
@click.option("--steps", type=click.IntRange(min=1), default=400, show_default=True)
@click.option("--tasks", "show_tasks", is_flag=True, help="Print each task, not the mean alone.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=pathlib.Path), help="CSV file.")
def main(envs: tuple[str, ...], steps: int, show_tasks: bool, out: pathlib.Path | None) -> None:
    """Compare the cost of a step of ours with MuJoCo's own and with the original's."""
    head = ("ours us", "MuJoCo us", "beside us", "ratio", "original us", "original/ours")
    click.echo(f"{'task set':<44}" + "".join(f"{word:>14}" for word in head))
    written = []
    for task_set_id in envs or task_set_ids():
        for cost in measure_task_set(task_set_id, steps=steps):
            written.append(cost)
            if show_tasks or cost.task == "mean":
                click.echo(_line(cost))
    if out is not None:
        write_rows(out, [cost.row() for cost in written])


def _line(cost: StepCost) -> str:
    row = cost.row()
    shown = ["ours_us", "mujoco_us", "python_us", "ratio_to_mujoco"]
    if cost.original:
        shown += ["original_us", "original_over_ours"]
    numbers = "".join(f"{row[name]:>14}" for name in shown)
    verdict = "" if cost.within_limit else "  above 1.5 x MuJoCo + 20 us"
    return f"{f'{cost.env} {cost.task}':<44}{numbers}  {cost.original}{verdict}".rstrip()


if __name__ == "__main__":
    main()

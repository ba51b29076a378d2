"""How fast a method is on this machine, measured on a few seconds of it.

A run of three short epochs with the method's own networks, batches and task set tells the time of
an env step, of a gradient step and of an episode of evaluation; the rest is multiplication. On a
machine that is busy otherwise it tells what it would be if it stayed so.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

from learning.algorithms.sac_options import SACOptions
from learning.errors import UserError
from learning.evaluation.evaluation_options import EvaluationOptions
from learning.logging.files import write_json
from learning.sweeps.child import Child, last_lines
from learning.sweeps.folder_state import last_rows
from learning.sweeps.grid_runs import GridRun

_EPOCHS = 3
_STEPS_A_TASK = 100
_UPDATES_A_TASK = 2
_POLL = 0.1
_NOT_OF_THE_RATE = ("seed", "name", "log_dir", "n_epochs", "snapshot_frequency", "wandb")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rate:
    """Seconds that parts of a run take.

    Attributes:
        env_step: One env step of collection.
        gradient_step: One of `gradient_steps_per_itr`.
        episode: One episode of evaluation.
        epoch: What else an epoch takes.
    """

    env_step: float
    gradient_step: float
    episode: float
    epoch: float

    def seconds(self, run: GridRun, epochs: int) -> float:
        """Return the time of a run's last epochs, those until it is enough.

        Args:
            run: The run.
            epochs: How many.
        """
        sac, evaluation = (
            run.config.options(SACOptions),
            run.config.options(EvaluationOptions),
        )
        env_steps = run.env_steps(run.until) - run.env_steps(run.until - epochs)
        updates = epochs * sac.steps_per_epoch * sac.gradient_steps_per_itr
        evaluations = -(-epochs // evaluation.evaluation_frequency)
        episodes = evaluations * evaluation.num_evaluation_episodes
        return (
            env_steps * self.env_step
            + updates * self.gradient_step
            + episodes * self.episode
            + epochs * self.epoch
        )


def rate_key(run: GridRun) -> str:
    """Return what runs of one rate have in common, seeds and lengths left out."""
    values: dict[str, Any] = json.loads(run.config.to_json())
    kept = {key: value for key, value in values.items() if key not in _NOT_OF_THE_RATE}
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:12]
    return f"{run.config.label} {run.config.env} {digest}"


def measure(run: GridRun, before: Sequence[str]) -> Rate:
    """Train a run for some seconds in a folder of its own, which is removed, and time it.

    Args:
        run: The run.
        before: What stands before the sub-command, such as `--plugin FILE`.

    Raises:
        UserError: It ended with an error.
    """
    steps, updates = _STEPS_A_TASK * run.n_tasks, _UPDATES_A_TASK * run.n_tasks
    short = {
        "n_epochs": _EPOCHS,
        "steps_per_epoch": 1,
        "batch_size": steps,
        "gradient_steps_per_itr": updates,
        "min_buffer_size": _STEPS_A_TASK,
        "evaluation_frequency": 1,
        "num_evaluation_episodes": run.n_tasks,
        "snapshot_frequency": _EPOCHS,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "run"
        words = [*run.words, *(f"--{key}={value}" for key, value in short.items())]
        child = Child([*before, *words, f"--log_dir={folder}"], pathlib.Path(name) / "log")
        try:
            while child.poll() is None:
                time.sleep(_POLL)
        finally:
            child.kill()
        # The first epoch warms up.
        rows = last_rows(folder, _EPOCHS - 1)
        if child.poll() or not rows:
            told = "\n".join(last_lines(child.log))
            raise UserError(f"{run.name} cannot be measured:\n{told}")
        # The least: whatever else the machine does can only make it slower.
        times = {
            key: min(float(row[key]) for row in rows) for key in rows[0] if key.startswith("Time/")
        }
    return Rate(
        env_step=times["Time/Collect"] / steps,
        gradient_step=times["Time/Update"] / updates,
        episode=times["Time/Evaluate"] / run.n_tasks,
        epoch=times["Time/Rest"],
    )


def read_rates(path: pathlib.Path) -> dict[str, Rate]:
    """Read the rates that were measured before; none where there is no file that can be read.

    Args:
        path: The file.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return {key: Rate(**each) for key, each in values.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_rates(path: pathlib.Path, rates: Mapping[str, Rate]) -> None:
    """Write rates for `read_rates`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {key: dataclasses.asdict(each) for key, each in rates.items()})

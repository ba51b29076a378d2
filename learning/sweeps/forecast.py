"""What a sweep still has to do: epochs, env steps, time and disk."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Mapping

from environments import make_task_set
from learning.sweeps.estimates import epoch_seconds, folder_bytes, of_its_kind
from learning.sweeps.folder_state import FolderState, folder_state
from learning.sweeps.grid_runs import GridRun

_NUMBER_BYTES = 4


@dataclasses.dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a run still has to do.

    Attributes:
        run: The run.
        state: How far it is.
        epochs: Epochs to go.
        env_steps: Environment steps to go, in total over the tasks.
        seconds: Time to go; None: no run like it has an epoch yet.
        bytes: What its folder will have at its end, at least; 0 where it is done.
    """

    run: GridRun
    state: FolderState
    epochs: int
    env_steps: int
    seconds: float | None
    bytes: int


def forecast(runs: Iterable[GridRun]) -> list[Forecast]:
    """Return what each run still has to do."""
    by_folder = {run.folder: run for run in runs}
    rates = epoch_rates(by_folder)
    forecasts = []
    for folder, run in by_folder.items():
        total = run.until
        state = folder_state(folder, total)
        epochs = 0 if state.status == "done" else max(0, total - state.epochs)
        rate = rates.get(folder)
        forecasts.append(
            Forecast(
                run=run,
                state=state,
                epochs=epochs,
                env_steps=run.env_steps(total) - run.env_steps(total - epochs),
                seconds=None if epochs and rate is None else epochs * (rate or 0.0),
                bytes=0 if state.status == "done" else _more_bytes(run),
            )
        )
    return forecasts


def epoch_rates(runs: Mapping[pathlib.Path, GridRun]) -> dict[pathlib.Path, float]:
    """Return the seconds of an epoch of late, of each run of whose kind one has begun."""
    seconds = {folder: epoch_seconds(folder) for folder in runs}
    known = {folder: each for folder, each in seconds.items() if each is not None}
    return of_its_kind(known, {folder: run.kind for folder, run in runs.items()})


def _more_bytes(run: GridRun) -> int:
    """Return what a run will write yet, at least: its replay transitions, which dwarf the rest."""
    config = run.config
    task_set = make_task_set(config.env, **dict(config.env_options))
    (observation,), (action,) = task_set.observation_space.shape, task_set.action_space.shape
    rows: int = min(config.replay_buffer_size * run.n_tasks, run.env_steps(run.until))
    # Observation, action, next observation, reward and whether it ended: `replay/`.
    whole: int = rows * (2 * observation + action + 2) * _NUMBER_BYTES
    there = folder_bytes(run.folder) if run.folder.is_dir() else 0
    return max(0, whole - there)

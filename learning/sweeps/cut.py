"""A part of a grid: fewer or more seeds, and a share of the env steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from learning.errors import ConfigError
from learning.evaluation.evaluation_options import EvaluationOptions
from learning.sweeps.grid_file import Grid
from learning.sweeps.grid_runs import GridRun


def with_seeds(grid: Grid, number: int) -> Grid:
    """Return a grid each of whose runs has so many seeds.

    They are the first of its list; where it has fewer, the numbers after its greatest follow.

    Args:
        grid: The grid.
        number: How many, at least 1.

    Raises:
        ConfigError: Fewer than one.
    """
    if number < 1:
        raise ConfigError(f"seeds = {number}: allowed is an integer from 1")
    entries = tuple(
        dataclasses.replace(entry, seeds=_so_many(entry.seeds, number)) for entry in grid.entries
    )
    return dataclasses.replace(grid, entries=entries)


def _so_many(seeds: tuple[int, ...], number: int) -> tuple[int, ...]:
    more = range(max(seeds) + 1, max(seeds) + 1 + number - len(seeds))
    return (*seeds[:number], *more)


def with_budget(runs: Iterable[GridRun], share: float) -> tuple[GridRun, ...]:
    """Return runs that end after a share of their env steps.

    A run's config stays that of the whole run, so that it can be gone on with to a greater share,
    or to its end, as if it had never been ended.

    Args:
        runs: The runs.
        share: Share of each run's env steps, above 0 and at most 1.

    Raises:
        ConfigError: Another share.
    """
    if not 0 < share <= 1:
        raise ConfigError(f"budget = {share:g}: allowed is a share above 0 and at most 1")
    return tuple(dataclasses.replace(run, until=epochs_of(run, share)) for run in runs)


def epochs_of(run: GridRun, share: float) -> int:
    """Return the epochs of a share of a run.

    They are the fewest after which there is an evaluation and that have the share's env steps, the
    first collection, which fills the buffer, included.
    """
    total = run.config.n_epochs
    every: int = run.config.options(EvaluationOptions).evaluation_frequency
    # What rounding adds to a product must not cost an evaluation more.
    wanted = share * run.env_steps(total) * (1 - 1e-9)
    evaluated = (epochs for epochs in range(every, total, every) if run.env_steps(epochs) >= wanted)
    return next(evaluated, total)

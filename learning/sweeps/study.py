"""A grid with all that stands in and beside it: its runs, its paper's numbers and claims."""

from __future__ import annotations

import dataclasses
import pathlib

from learning.analysis.claims import Claim
from learning.analysis.papers import PaperNumber, papers_metric
from learning.sweeps.claim_tables import read_claims
from learning.sweeps.cut import with_budget, with_seeds
from learning.sweeps.grid_file import Grid, read_grid
from learning.sweeps.grid_runs import OUT, GridRun, grid_runs
from learning.sweeps.paper_numbers import read_paper_numbers


@dataclasses.dataclass(frozen=True, kw_only=True)
class Study:
    """What a grid's file asks for.

    Attributes:
        grid: The grid.
        runs: Its runs.
        papers: Its paper's numbers.
        claims: Its paper's claims.
        budget: Share of each run's env steps after which it is enough.
    """

    grid: Grid
    runs: tuple[GridRun, ...]
    papers: tuple[PaperNumber, ...]
    claims: tuple[Claim, ...]
    budget: float

    @property
    def metric(self) -> str:
        """What is looked at first: what the grid names, or what its paper's numbers are of."""
        return self.grid.metric or papers_metric(self.papers)


def read_study(
    path: pathlib.Path, out: pathlib.Path = OUT, *, seeds: int | None = None, budget: float = 1.0
) -> Study:
    """Read a grid, or a part of it, and check all of it.

    Args:
        path: The grid's file.
        out: The folder below which its runs are.
        seeds: How many seeds of each run, see `with_seeds`; None: the grid's.
        budget: Share of each run's env steps, see `with_budget`.

    Raises:
        ConfigError: Something is not as it has to be; the message names the file and the line.
    """
    grid = read_grid(path)
    if seeds is not None:
        grid = with_seeds(grid, seeds)
    runs = with_budget(grid_runs(grid, out), budget)
    papers = read_paper_numbers(grid, runs)
    return Study(
        grid=grid,
        runs=runs,
        papers=papers,
        claims=read_claims(grid, runs, papers),
        budget=budget,
    )

"""A grid as a place to read runs from: the folders of its runs, with its labels, in its order."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Sequence

from learning.analysis.labelled_runs import LabelledRun, LabelledRuns, Place
from learning.analysis.papers import PaperNumber
from learning.sweeps.grid_file import Grid, read_grid
from learning.sweeps.grid_runs import OUT, GridRun, grid_runs
from learning.sweeps.paper_numbers import read_paper_numbers
from learning.sweeps.same_config import check_folders


@dataclasses.dataclass(frozen=True, kw_only=True)
class Places:
    """Places to read runs from, and what is known of the grids among them.

    Attributes:
        places: What `read_runs` takes.
        grids: The grids.
        papers: The papers' numbers beside them.
    """

    places: tuple[Place, ...]
    grids: tuple[Grid, ...]
    papers: tuple[PaperNumber, ...]


def as_places(paths: Iterable[pathlib.Path], out: pathlib.Path = OUT) -> Places:
    """Return what paths stand for: that of a TOML file for the runs of its grid.

    Args:
        paths: Folders, files of runs, grids.
        out: The folder below which the runs of a grid are, as `sweep --out`.

    Raises:
        ConfigError: A grid is not as it has to be, or a folder of it holds another run.
    """
    places: list[Place] = []
    grids: list[Grid] = []
    papers: list[PaperNumber] = []
    for path in paths:
        if path.suffix != ".toml" or not path.is_file():
            places.append(path)
            continue
        grid = read_grid(path)
        runs = grid_runs(grid, out)
        check_folders(path, runs)
        places.append(labelled_runs(grid, runs))
        grids.append(grid)
        papers += read_paper_numbers(grid, runs)
    return Places(places=tuple(places), grids=tuple(grids), papers=tuple(papers))


def labelled_runs(grid: Grid, runs: Sequence[GridRun]) -> LabelledRuns:
    """Return the runs of a grid as the analysis reads them."""
    return LabelledRuns(
        name=str(grid.path),
        runs=tuple(
            LabelledRun(
                source=run.folder,
                label=run.label,
                env=run.config.env,
                seed=run.config.seed,
                until=run.until,
            )
            for run in runs
        ),
    )

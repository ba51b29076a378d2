"""A grid as a place to read runs from: the folders of its runs, with its labels, in its order."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable

from learning.analysis.labelled_runs import LabelledRun, LabelledRuns, Place
from learning.sweeps.grid_runs import OUT
from learning.sweeps.places import Places
from learning.sweeps.same_config import check_folders
from learning.sweeps.study import Study, read_study


def as_places(paths: Iterable[pathlib.Path], out: pathlib.Path = OUT) -> Places:
    """Return what paths stand for: that of a TOML file for the runs of its grid.

    Args:
        paths: Folders, files of runs, grids.
        out: The folder below which the runs of a grid are, as `sweep --out`.

    Raises:
        ConfigError: A grid is not as it has to be, or a folder of it holds another run.
    """
    places: list[Place] = []
    studies: list[Study] = []
    for path in paths:
        if path.suffix != ".toml" or not path.is_file():
            places.append(path)
            continue
        study = read_study(path, out)
        check_folders(path, study.runs)
        places.append(labelled_runs(study))
        studies.append(study)
    return Places(places=tuple(places), studies=tuple(studies))


def labelled_runs(study: Study) -> LabelledRuns:
    """Return the runs of a grid as the analysis reads them."""
    return LabelledRuns(
        name=str(study.grid.path),
        runs=tuple(
            LabelledRun(
                source=run.folder,
                label=run.label,
                env=run.config.env,
                seed=run.config.seed,
                until=run.until,
            )
            for run in study.runs
        ),
    )

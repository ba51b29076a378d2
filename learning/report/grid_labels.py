"""Runs by the labels of the grid that they are of, which the papers' numbers have too."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from learning.analysis.reading import Reading
from learning.errors import RecordError
from learning.sweeps.grid_runs import GridRun


def with_grid_labels(reading: Reading, runs: Sequence[GridRun]) -> Reading:
    """Return the runs of a grid among those that were read, called as the grid calls them.

    They meet by the last three parts of their folders, `<method>/<env>/<name>_<seed>`, so that it
    does not matter below which folder the grid was run.

    Args:
        reading: Runs.
        runs: The grid's.

    Raises:
        RecordError: None of them is of the grid.
    """
    labels = {run.folder.parts[-3:]: run.label for run in runs}
    found, others = [], 0
    for record in reading.runs:
        label = labels.get(record.source.resolve().parts[-3:])
        if label is None:
            others += 1
        else:
            found.append(dataclasses.replace(record, label=label))
    if not found:
        raise RecordError(
            f"none of the {others} runs is of the grid: their folders would end in "
            f"{'/'.join(next(iter(labels)))} or the like"
        )
    notes = [f"{others} runs are left out, since they are not of the grid"] if others else []
    return Reading(tuple(found), (*reading.notes, *notes))

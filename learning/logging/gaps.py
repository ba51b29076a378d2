"""Rows that a snapshot counts and the record lacks: a table that somebody cut, lost or restored."""

from __future__ import annotations

import collections
import pathlib
from collections.abc import Iterable

from learning.disk.reading import json_object_of
from learning.errors import RecordError
from learning.logging.columns import EPOCH
from learning.logging.files import write_json
from learning.logging.run_folder import EVALUATION_FILE, PROGRESS_FILE
from learning.logging.tables import integers_of

GAPS_FILE = "gaps.json"
"""What the record of a run lacks since somebody went on nevertheless: file -> epochs."""


def gaps_of(
    run_dir: pathlib.Path, *, last: int, evaluated: Iterable[int], episodes: int
) -> dict[str, list[int]]:
    """Return the epochs whose rows are not all there, by the name of the table.

    Args:
        run_dir: The run's folder.
        last: The last epoch that has been recorded.
        evaluated: The epochs until then that have been evaluated.
        episodes: Rows of an evaluation in eval.csv.

    Raises:
        RecordError: A table is damaged.
    """
    rows = collections.Counter(integers_of(run_dir / PROGRESS_FILE, EPOCH))
    lacking = {PROGRESS_FILE: [each for each in range(last + 1) if rows[each] != 1]}
    rows = collections.Counter(integers_of(run_dir / EVALUATION_FILE, "epoch"))
    lacking[EVALUATION_FILE] = [each for each in evaluated if rows[each] != episodes]
    return {name: epochs for name, epochs in lacking.items() if epochs}


def require_whole(
    run_dir: pathlib.Path, gaps: dict[str, list[int]], *, snapshot: str, accept: bool
) -> None:
    """Refuse to go on with a record that has gaps, or mark it.

    Gaps that were accepted before are no news.

    Args:
        run_dir: The run's folder.
        gaps: What `gaps_of` returned.
        snapshot: The snapshot that counts the rows.
        accept: Whether to mark the record and go on.

    Raises:
        RecordError: There are gaps, and they are not accepted.
    """
    known = read_gaps(run_dir)
    new = {
        name: sorted(set(epochs) - set(known.get(name, ())))
        for name, epochs in gaps.items()
        if set(epochs) - set(known.get(name, ()))
    }
    if not new:
        return
    if not accept:
        told = " and ".join(f"{name} lacks rows of {_epochs(new[name])}" for name in new)
        raise RecordError(
            f"{run_dir}: {told}, which snapshot {snapshot} counts: put the files back, or go on "
            f"with --accept_gaps, which marks the record ({GAPS_FILE})"
        )
    names = dict.fromkeys([*known, *new])
    write_json(
        run_dir / GAPS_FILE,
        {name: sorted({*known.get(name, ()), *new.get(name, ())}) for name in names},
    )


def read_gaps(run_dir: pathlib.Path) -> dict[str, list[int]]:
    """Return the gaps of a record that were accepted; none where there is no such file.

    Raises:
        RecordError: The file is damaged.
    """
    path = run_dir / GAPS_FILE
    if not path.exists():
        return {}
    gaps = json_object_of(path)
    for name, epochs in gaps.items():
        if not isinstance(epochs, list) or not all(type(each) is int for each in epochs):
            raise RecordError(f"{path} is damaged: {name} has no list of epochs")
    return gaps


def _epochs(epochs: list[int]) -> str:
    """Return epochs in words, counted from 1 as the terminal shows them."""
    if len(epochs) == 1:
        return f"epoch {epochs[0] + 1}"

    in_a_row = epochs[-1] - epochs[0] + 1 == len(epochs)
    if in_a_row:
        return f"epochs {epochs[0] + 1} to {epochs[-1] + 1}"
    return f"{len(epochs)} epochs from {epochs[0] + 1} to {epochs[-1] + 1}"

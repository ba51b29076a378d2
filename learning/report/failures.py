"""Runs that did not end as they should have, as far as their records and a sweep's state say."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from learning.analysis.reading import Reading
from learning.logging.columns import TOTAL_ENV_STEPS
from learning.report.places import Places
from learning.sweeps.sweep_state import RunProgress


@dataclasses.dataclass(frozen=True, kw_only=True)
class Failure:
    """A run that is not done.

    Attributes:
        name: Which run.
        status: What became of it, in a word.
        message: What is to be known of it.
        last_lines: The end of its output.
    """

    name: str
    status: str
    message: str = ""
    last_lines: Sequence[str] = ()


def failures(reading: Reading, states: Mapping[str, RunProgress], places: Places) -> list[Failure]:
    """Return the runs that are not done.

    Args:
        reading: What was read; its notes name those that were left out.
        states: Folder -> what became of its run in a sweep.
        places: What folders are called.
    """
    by_folder = {pathlib.Path(folder).resolve(): each for folder, each in states.items()}
    found = []
    for run in reading.runs:
        state = by_folder.pop(run.source.resolve(), None)
        if run.finished is not False and (state is None or state.status == "done"):
            continue
        steps = f"its last evaluation is at {int(run.columns[TOTAL_ENV_STEPS][-1]):,} env steps"
        told = _told(state, places) if state is not None and state.status != "done" else {}
        message = "; ".join(filter(None, (told.pop("message", ""), steps)))
        found.append(
            Failure(
                name=places.name(run.source),
                **{"status": "not ended", "last_lines": (), **told, "message": message},
            )
        )
    for state in by_folder.values():
        if state.status != "done":
            found.append(Failure(name=state.name, **_told(state, places)))
    return found


def other_notes(reading: Reading) -> list[str]:
    """Return the notes of a reading but those on runs that have not ended, which `failures` has."""
    ended = tuple(f"{run.source} has not ended" for run in reading.runs)
    return [note for note in reading.notes if not note.startswith(ended)]


def _told(state: RunProgress, places: Places) -> dict[str, Any]:
    tries = f"exit code {state.exit_code}, attempts {state.attempts}" if state.attempts else ""
    return {
        "status": state.status,
        "message": "; ".join(filter(None, (tries, places.clean(state.message)))),
        "last_lines": tuple(map(places.clean, state.last_lines)),
    }

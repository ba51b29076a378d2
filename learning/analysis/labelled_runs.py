"""Runs that somebody else has labelled, such as a grid's: a place to read from, as a folder is.

Their labels take the place of the runs' own names, and their order that of the alphabet.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelledRun:
    """Where a run is, or is to be.

    Attributes:
        source: Its folder.
        label: What tables call it.
        env: Id of the task set.
        seed: Its seed.
        until: Epochs after which it counts as ended.
    """

    source: pathlib.Path
    label: str
    env: str
    seed: int
    until: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelledRuns:
    """Runs of one place.

    Attributes:
        name: What messages call the place: the grid's file.
        runs: The runs, in the order of their rows.
    """

    name: str
    runs: tuple[LabelledRun, ...]

    def missing_text(self, missing: Iterable[LabelledRun]) -> str:
        """Return which runs are not there: `3 of 10 runs of g.toml are not there: mtsac (1, 2)`."""
        seeds: dict[tuple[str, str], list[str]] = {}
        for run in missing:
            seeds.setdefault((run.label, run.env), []).append(str(run.seed))
        several = len({run.env for run in self.runs}) > 1
        which = "; ".join(
            f"{label}{f' on {env}' if several else ''} (seed {', '.join(each)})"
            for (label, env), each in seeds.items()
        )
        count = sum(map(len, seeds.values()))
        verb = "is" if count == 1 else "are"
        return f"{count} of {len(self.runs)} runs of {self.name} {verb} not there: {which}"


Place = pathlib.Path | LabelledRuns
"""Where runs are: folders and files as `find_runs` takes them, or labelled runs."""

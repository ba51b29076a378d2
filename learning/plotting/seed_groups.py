"""Which runs are the seeds of one line, what the line is called, and its colour."""

import dataclasses
from collections.abc import Sequence

import matplotlib
from matplotlib.colors import to_hex

from learning.analysis.run_record import RunRecord
from learning.errors import RecordError
from learning.plotting.pictures import COLOURS


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeedGroup:
    """Runs of one label and task set.

    Attributes:
        name: What the legend calls them.
        runs: The runs, by seed.
        colour: Their colour.
    """

    name: str
    runs: tuple[RunRecord, ...]
    colour: str


def seed_groups(runs: Sequence[RunRecord]) -> list[SeedGroup]:
    """Return the groups of runs, in the order of their first runs.

    Args:
        runs: Runs, no seed of a label and task set twice.

    Raises:
        RecordError: There are more groups than colours that can be told apart.
    """
    members: dict[tuple[str, str], list[RunRecord]] = {}
    for run in runs:
        members.setdefault((run.label, run.env), []).append(run)
    several_envs = len({env for _, env in members}) > 1
    return [
        SeedGroup(
            name=_name(f"{label}, {env}" if several_envs else label, of_label),
            runs=tuple(sorted(of_label, key=lambda run: run.seed)),
            colour=colour,
        )
        for ((label, env), of_label), colour in zip(
            members.items(), colours(len(members)), strict=True
        )
    ]


def _name(label: str, runs: Sequence[RunRecord]) -> str:
    if len(runs) > 1:
        return f"{label} ({len(runs)} seeds)"
    # A run that is called by its folder needs no more words.
    return label if label.endswith(")") else f"{label}, seed {runs[0].seed}"


def colours(count: int) -> list[str]:
    """Return so many colours, no two alike.

    Raises:
        RecordError: There are not so many that can be told apart.
    """
    if count <= len(COLOURS):
        return list(COLOURS[:count])
    many = [to_hex(each) for each in matplotlib.colormaps["tab20"](range(20))]
    if count > len(many):
        raise RecordError(
            f"{count} methods are too many for one figure, in which at most {len(many)} can be "
            "told apart: choose some with --label"
        )
    return many[:count]

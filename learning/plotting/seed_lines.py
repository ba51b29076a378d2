"""How the lines of a method look, in a panel and in the legend."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from learning.analysis.measures import ACTORS
from learning.analysis.tables import FEW_SEEDS
from learning.plotting.pictures import COLOURS
from learning.plotting.seed_curves import mean_curve, run_curve
from learning.plotting.seed_groups import SeedGroup

MARKERS = ("o", "s", "^", "D")
"""One a seed, where seeds have lines of their own."""
assert len(MARKERS) == FEW_SEEDS - 1

MEAN_COLOUR = "0.15"
"""Of the mean where each seed has a colour."""

DASHES: Mapping[str, Literal["-", "--"]] = {"own": "-", "mixture": "--"}
ACTS = {"own": "own policies act", "mixture": "mixture acts"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeedLine:
    """A line of a single run.

    Attributes:
        place: Which of its group's runs it is, from 0.
        label: Its words in the legend.
        look: How it is drawn.
    """

    place: int
    label: str
    look: dict[str, Any]


def seed_lines(group: SeedGroup, *, alone: bool) -> list[SeedLine]:
    """Return the lines of a group's single runs; none where they have a band.

    Args:
        group: The group.
        alone: Whether there is no other in the figure, so that each seed may have a colour.
    """
    if len(group.runs) == 1:
        look = {"color": group.colour, "marker": MARKERS[0], "linewidth": 1.4, "alpha": 0.9}
        return [SeedLine(place=0, label=group.name, look=look)]
    if len(group.runs) >= FEW_SEEDS:
        return []
    thin = {"linewidth": 1.0, "alpha": 0.8} if alone else {"linewidth": 0.6, "alpha": 0.55}
    return [
        SeedLine(
            place=place,
            label=f"seed {run.seed}",
            look={**thin, "color": COLOURS[place] if alone else group.colour, "marker": marker},
        )
        for place, (run, marker) in enumerate(zip(group.runs, MARKERS, strict=False))
    ]


def mean_look(group: SeedGroup, *, alone: bool) -> dict[str, Any]:
    """Return how the mean over a group's seeds is drawn."""
    by_seed = alone and len(group.runs) < FEW_SEEDS
    return {"color": MEAN_COLOUR if by_seed else group.colour, "linewidth": 2.0}


def draw_group(
    panel: Axes,
    group: SeedGroup,
    name: str,
    *,
    metric: str,
    actor: str,
    smooth: int,
    fine: bool,
    alone: bool,
    banded: bool,
) -> None:
    """Draw a column of a group's runs.

    Args:
        panel: Where.
        group: The runs.
        name: The column; runs without it are left out.
        metric: What it measures.
        actor: Who acts, a key of `ACTORS`.
        smooth: See `run_curve`.
        fine: Whether lines are to be finer than usual.
        alone: See `seed_lines`.
        banded: Whether there is room for the band of an interval.
    """
    found = [run_curve(run, name, smooth) for run in group.runs]
    curves = [curve for curve in found if curve is not None]
    if not curves:
        return
    thinner = 0.75 if fine else 1.0
    # Of many methods, the mixture's single seeds would be one line too many.
    if actor == "own" or alone or len(group.runs) == 1:
        for line in seed_lines(group, alone=alone):
            curve = found[line.place]
            if curve is not None:
                _draw_run(panel, curve, DASHES[actor], line.look, fine=fine)
    if len(group.runs) == 1:
        return
    look = mean_look(group, alone=alone)
    over_seeds = mean_curve(curves, metric)
    steps = over_seeds.steps
    if banded and over_seeds.low is not None and over_seeds.high is not None:
        panel.fill_between(
            steps, over_seeds.low, over_seeds.high, color=look["color"], alpha=0.15, linewidth=0
        )
    width = look["linewidth"] * thinner * (1.0 if actor == "own" else 0.7)
    panel.plot(steps, over_seeds.values, DASHES[actor], color=look["color"], linewidth=width)


def _draw_run(panel: Axes, curve: Any, dashes: str, look: dict[str, Any], *, fine: bool) -> None:
    steps, values = curve
    usual = look["linewidth"] * (0.75 if fine else 1.0)
    panel.plot(
        steps,
        values,
        dashes,
        **{**look, "linewidth": usual * (1.0 if dashes == "-" else 0.7)},
        markersize=2.2 if fine else 3.5,
        markevery=max(1, len(steps) // 8),
    )


def legend_handles(groups: Sequence[SeedGroup], actors: Sequence[str]) -> list[Artist]:
    """Return what the legend shows: methods, seeds, and who acts.

    Args:
        groups: The groups of the figure.
        actors: Who is drawn, keys of `ACTORS`.
    """
    alone = len(groups) == 1
    handles: list[Artist] = []
    for group in groups:
        if len(group.runs) > 1:
            name = f"mean of {group.name}" if alone else group.name
            handles.append(Line2D([], [], label=name, **mean_look(group, alone=alone)))
        elif not alone or group.runs:
            handles += [_handle(line) for line in seed_lines(group, alone=alone)]
    handles += _of_seeds(groups, alone=alone)
    if any(len(group.runs) >= FEW_SEEDS for group in groups):
        handles.append(Patch(color="0.6", alpha=0.4, label="95 % interval over runs"))
    if "mixture" in actors and any(
        name.startswith(f"{ACTORS['mixture']}/")
        for group in groups
        for run in group.runs
        for name in run.columns
    ):
        handles += [
            Line2D([], [], color="0.4", linestyle=DASHES[each], label=ACTS[each]) for each in actors
        ]
    return handles


def _handle(line: SeedLine, **other: Any) -> Line2D:
    return Line2D([], [], label=line.label, markersize=4, **{**line.look, **other})


def _of_seeds(groups: Sequence[SeedGroup], *, alone: bool) -> Iterator[Line2D]:
    """Yield a handle for the first, second ... seed of the methods that show single seeds."""
    few = [seed_lines(group, alone=alone) for group in groups if len(group.runs) > 1]
    for place, marker in enumerate(MARKERS):
        lines = [lines[place] for lines in few if len(lines) > place]
        if lines:
            labels = dict.fromkeys(line.label for line in lines)
            label = lines[0].label if len(labels) == 1 else f"seed no. {place + 1}"
            grey = {} if alone else {"color": "0.5", "marker": marker}
            yield _handle(dataclasses.replace(lines[0], label=label), **grey)

"""Who acted for whom: the T x T shares as heat maps over training, as in QMP's figure 5.

A panel a moment of training: row i is the task whose data is gathered, column j the policy that
acts. The own policy acts most and would drown the rest, so that its colour is zeroed out and its
share is written instead. Below them, a line a task: how often any other policy acted.
"""

import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import EngFormatter, MaxNLocator, PercentFormatter

from learning.errors import RecordError
from learning.plotting.pictures import COLOURS, ROUND_STEPS, write_pictures
from learning.plotting.runs import Run, read_run, require_one_protocol
from learning.plotting.shares import Array, read_shares, windows

N_MOMENTS = 5
MOMENT_WIDTH = 0.1
"""Width of a panel's mean, as a share of the run."""
N_POINTS = 50
"""Number of points of a line; each is the mean over its part of the run."""
MANY_TASKS = 12
"""Number of tasks above which they are named by index, and most lines have no own colour."""
DASHES = ("-", "--", ":")


def plot_behaviour(
    folders: Sequence[pathlib.Path], *, out: pathlib.Path | None = None, force: bool = False
) -> tuple[pathlib.Path, pathlib.Path]:
    """Draw the mean over runs that differ in their seed and write it as PNG and SVG.

    Args:
        folders: The runs' folders, at least one.
        out: Path of the files without ending; None: `behaviour` in the first folder.
        force: Take the mean over runs of different methods, names or protocols too.

    Returns:
        Paths of the PNG and of the SVG.

    Raises:
        RecordError: A folder holds no run or a run without a mixture, or the runs differ in their
            task sets, or, without `force`, in their methods, names or protocols.
    """
    runs = [read_run(folder) for folder in dict.fromkeys(folders)]
    _require_equal("env", [run.config.env for run in runs], "choose runs of one task set")
    _require_equal("tasks", [", ".join(run.tasks) for run in runs], "choose runs of the same tasks")
    if not force:
        for part in ("method", "name"):
            advice = "--force takes the mean all the same"
            _require_equal(part, [getattr(run.config, part) for run in runs], advice)
        require_one_protocol(runs)
    prefix = folders[0] / "behaviour" if out is None else out
    return write_pictures(lambda: draw_behaviour(runs), prefix)


def _require_equal(part: str, values: Sequence[str], advice: str) -> None:
    """Raise unless all runs have one value.

    Raises:
        RecordError: They have several; the message names them.
    """
    if len(set(values)) > 1:
        raise RecordError(
            "--behaviour draws the mean over runs that differ in their seed only; these differ in "
            f"{part}: {' | '.join(dict.fromkeys(values))}; {advice}"
        )


def draw_behaviour(runs: Sequence[Run]) -> Figure:
    """Return the figure: heat maps, lines, and where tasks are many, their names.

    Args:
        runs: Seeds of one experiment, at least one.

    Raises:
        RecordError: A run has no mixture.
    """
    tasks = runs[0].tasks
    seeds = [read_shares(run) for run in runs]
    centres, moments = windows(seeds, N_MOMENTS, MOMENT_WIDTH)
    many = len(tasks) > MANY_TASKS
    name_rows = -(-len(tasks) // 5) if many else 0
    # In inches, as all sizes here: a letter of a task's name is about 0.075 wide.
    longest = 0 if many else max(map(len, tasks)) * 0.075
    side = 2.6 if many else max(1.7, 0.25 * len(tasks))
    heights = [side + longest + 1.05, 2.6, *([0.2 + 0.125 * name_rows] if many else [])]
    width = max(8.0, side * len(moments) + longest + 1.6)
    figure = Figure(figsize=(width, sum(heights)), layout="constrained")
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    _draw_moments(parts[0], tasks, centres, moments)
    _draw_lines(parts[1], tasks, *windows(seeds, N_POINTS, 1 / N_POINTS))
    if many:
        _write_names(parts[2], tasks)
    first = runs[0]
    seed_names = ", ".join(str(run.config.seed) for run in runs)
    which = f"seed {seed_names}" if len(runs) == 1 else f"mean over seeds {seed_names}"
    parts[0].suptitle(f"{first.label}, {first.config.env}, {which}", fontsize=11)
    return figure


def _draw_moments(part: SubFigure, tasks: Sequence[str], centres: Array, moments: Array) -> None:
    own = np.eye(len(tasks), dtype=bool)
    others = np.where(own, 0.0, moments)
    many = len(tasks) > MANY_TASKS
    # One scale for all; a run in which nobody else ever acted still needs one.
    scale = Normalize(0.0, max(float(others.max()), 0.01))
    axes = part.subplots(1, len(moments), sharex=True, sharey=True, squeeze=False)[0]
    steps = EngFormatter(sep="", places=0)
    for panel, centre, shares, shown in zip(axes, centres, moments, others, strict=True):
        image = panel.imshow(shown, cmap="Blues", norm=scale, interpolation="nearest")
        panel.set_title(f"{steps(centre)} steps\nown policy {shares[own].mean():.0%}")
        panel.grid(visible=False)
        if many:
            for axis in (panel.xaxis, panel.yaxis):
                axis.set_major_locator(MaxNLocator(6, steps=ROUND_STEPS, integer=True))
            continue
        places = range(len(tasks))
        panel.set_xticks(places, tasks, rotation=90)
        panel.set_yticks(places, tasks)
        for task in places:
            text = f"{100 * shares[task, task]:.0f}"
            panel.text(task, task, text, ha="center", va="center", color="0.45", fontsize=7)
    bar = part.colorbar(image, ax=axes, format=PercentFormatter(1.0, decimals=0), pad=0.01)
    bar.set_label("share of the task's steps\n(diagonal: own policy, zeroed out)", fontsize=8)
    part.supxlabel("policy that acts", fontsize=10)
    part.supylabel("task whose data is gathered", fontsize=10)


def _draw_lines(part: SubFigure, tasks: Sequence[str], centres: Array, shares: Array) -> None:
    panel = part.subplots()
    others = 1.0 - np.diagonal(shares, axis1=1, axis2=2)
    if len(tasks) > MANY_TASKS:
        _draw_many(panel, tasks, centres, others)
    else:
        for index, task in enumerate(tasks):
            dashes = DASHES[index // len(COLOURS)]
            panel.plot(centres, others[:, index], dashes, label=task, **_line(index))
        panel.plot(centres, others.mean(axis=1), "-", color="0.6", linewidth=3, label="mean")
    chance = 1.0 - 1.0 / len(tasks)
    panel.axhline(chance, color="0.3", linewidth=0.8, linestyle=(0, (1, 2)), label="uniform choice")
    panel.set_ylim(-0.04, 1.04)
    panel.yaxis.set_major_formatter(PercentFormatter(1.0))
    panel.xaxis.set_major_locator(MaxNLocator(8, steps=ROUND_STEPS))
    panel.xaxis.set_major_formatter(EngFormatter(sep=""))
    panel.set_xlabel("environment steps, total over tasks", fontsize=10)
    panel.set_ylabel("steps in which another\npolicy acted", fontsize=10)
    part.legend(loc="outside right center", frameon=False, fontsize=8)


def _draw_many(panel: Axes, tasks: Sequence[str], centres: Array, others: Array) -> None:
    """Draw many lines; only the extremes at the end have names, since more cannot be told apart."""
    order = np.argsort(others[-1], kind="stable")
    named = [*order[::-1][:3], *order[:3][::-1]]
    panel.plot(centres, np.delete(others, named, axis=1), color="0.8", linewidth=0.6)
    for position, task in enumerate(named):
        panel.plot(centres, others[:, task], label=f"{task} {tasks[task]}", **_line(position))
    panel.plot(centres, others.mean(axis=1), "-", color="0.4", linewidth=3, label="mean")


def _line(index: int) -> dict[str, Any]:
    return {"color": COLOURS[index % len(COLOURS)], "linewidth": 1.2}


def _write_names(part: SubFigure, tasks: Sequence[str]) -> None:
    """Write which index is which task, in five columns."""
    n_rows = -(-len(tasks) // 5)
    for column in range(5):
        numbered = list(enumerate(tasks))[column * n_rows : (column + 1) * n_rows]
        text = "\n".join(f"{index} {task}" for index, task in numbered)
        part.text(0.03 + 0.195 * column, 0.98, text, va="top", fontsize=7)

"""Learning curves: a line a run, a panel a task and one for the mean over the tasks."""

import math
import pathlib
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter, MaxNLocator, PercentFormatter

from learning.logging.columns import (
    ANY_SUBGOAL_RATE,
    AVERAGE_RETURN,
    MIXTURE,
    OWN,
    SUCCESS_RATE,
    column,
)
from learning.plotting.pictures import COLOURS, ROUND_STEPS, write_pictures
from learning.plotting.runs import (
    Run,
    groups,
    labels,
    read_run,
    require_measure,
    require_one_protocol,
)

METRICS = {
    "success": (SUCCESS_RATE, "success rate"),
    "any_subgoal": (ANY_SUBGOAL_RATE, "episodes that reached a sub-goal"),
    "return": (AVERAGE_RETURN, "average return"),
}
"""Metric -> its measure in progress.csv and its words on the axis."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
MEAN_TITLE = "mean over tasks"
MANY_PANELS = 12
"""Number of panels above which panels and lines are drawn finer."""


def plot_runs(
    folders: Sequence[pathlib.Path],
    *,
    metric: str = "success",
    out: pathlib.Path | None = None,
    force: bool = False,
) -> tuple[pathlib.Path, pathlib.Path]:
    """Draw runs and write the figure as PNG and SVG.

    Args:
        folders: The runs' folders, at least one.
        metric: A key of `METRICS`.
        out: Path of the files without ending; None: named by the metric, in the first folder.
        force: Draw runs of different protocols in one figure.

    Returns:
        Paths of the PNG and of the SVG.

    Raises:
        RecordError: A folder holds no run or one that was not evaluated by this metric, or, without
            `force`, the runs differ in their protocols.
    """
    runs = [read_run(folder) for folder in dict.fromkeys(folders)]
    for run in runs:
        require_measure(run, METRICS[metric][0])
    if not force:
        require_one_protocol(runs)
    prefix = folders[0] / metric if out is None else out
    return write_pictures(lambda: draw(runs, metric), prefix)


def draw(runs: Sequence[Run], metric: str) -> Figure:
    """Return the figure: the mean's panel first, then a panel a task.

    Args:
        runs: Runs to draw, at least one.
        metric: A key of `METRICS`.
    """
    tasks = list(dict.fromkeys(task for run in runs for task in run.tasks))
    n_panels = len(tasks) + 1
    n_columns = math.ceil(math.sqrt(n_panels * 1.2))
    n_rows = math.ceil(n_panels / n_columns)
    width, height = (3.0, 2.3) if n_panels <= MANY_PANELS else (2.3, 1.8)
    handles = _legend_handles(runs)
    longest = max(len(str(handle.get_label())) for handle in handles)
    fitting = int(width * n_columns / (0.7 + 0.075 * longest))
    legend_columns = max(1, min(n_columns, len(handles), fitting))
    heights = [height * n_rows + 0.7, 0.1 + 0.2 * math.ceil(len(handles) / legend_columns)]
    figure = Figure(figsize=(width * n_columns, sum(heights)), layout="constrained")
    # The legend has a place of its own, or else it would meet the label of the x axis.
    top, bottom = figure.subfigures(2, 1, height_ratios=heights, squeeze=False)[:, 0]
    bottom.legend(handles=handles, loc="center", ncols=legend_columns, frameon=False)
    axes = top.subplots(
        n_rows, n_columns, sharex=True, sharey=metric != "return", squeeze=False
    ).flatten()
    for panel, task in zip(axes, [None, *tasks], strict=False):
        _draw_panel(panel, runs, metric, task, fine=n_panels > MANY_PANELS)
    for panel in axes[n_panels:]:
        panel.remove()
    # A panel above an empty place stands at the bottom of its column, so it needs the numbers.
    for panel in axes[n_panels - n_columns : n_panels]:
        panel.tick_params(labelbottom=True)
    top.suptitle(", ".join(dict.fromkeys(run.config.env for run in runs)), fontsize=11)
    top.supxlabel("environment steps, total over tasks", fontsize=10)
    top.supylabel(METRICS[metric][1], fontsize=10)
    return figure


def _draw_panel(
    panel: Axes, runs: Sequence[Run], metric: str, task: str | None, *, fine: bool
) -> None:
    measure = METRICS[metric][0]
    for run, (colour, marker) in zip(runs, _colours_and_markers(runs), strict=True):
        for prefix, dashes in ((OWN, "-"), (MIXTURE, "--")):
            curve = run.curve(column(prefix, measure, task))
            if curve is not None:
                steps, values = curve
                panel.plot(
                    steps,
                    values,
                    dashes,
                    color=colour,
                    marker=marker,
                    markersize=2.2 if fine else 3.5,
                    markevery=max(1, len(steps) // 8),
                    linewidth=(1.4 if prefix == OWN else 1.0) * (0.75 if fine else 1.0),
                    alpha=0.9,
                )
    panel.set_title(
        MEAN_TITLE if task is None else task, fontweight="bold" if task is None else "normal"
    )
    panel.xaxis.set_major_locator(MaxNLocator(4, steps=ROUND_STEPS))
    panel.xaxis.set_major_formatter(EngFormatter(sep=""))
    if metric != "return":
        panel.set_ylim(-0.04, 1.04)
        panel.yaxis.set_major_formatter(PercentFormatter(1.0))
    else:
        panel.yaxis.set_major_locator(MaxNLocator(5, steps=ROUND_STEPS))


def _colours_and_markers(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Return a colour a group of seeds and a marker a seed; a colour a run for a single group."""
    indices = groups(runs)
    result = []
    for position, group in enumerate(indices):
        seed = indices[:position].count(group)
        colour = seed if len(set(indices)) == 1 else group
        result.append((COLOURS[colour % len(COLOURS)], MARKERS[seed % len(MARKERS)]))
    return result


def _legend_handles(runs: Sequence[Run]) -> list[Line2D]:
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=4, label=label)
        for label, (colour, marker) in zip(labels(runs), _colours_and_markers(runs), strict=True)
    ]
    if any(name.startswith(f"{MIXTURE}/") for run in runs for name in run.columns):
        handles.append(Line2D([], [], color="0.4", linestyle="-", label="own policies act"))
        handles.append(Line2D([], [], color="0.4", linestyle="--", label="mixture acts"))
    return handles

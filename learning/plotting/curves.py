"""Learning curves: a line a method, a panel for the mean over the tasks and one a task.

Of a method with five seeds or more, the mean over seeds and the band of its 95 % interval over
runs; with fewer, of which an interval would say little, the mean and each seed as a thin line.
"""

import dataclasses
import math
import pathlib
import textwrap
from collections.abc import Sequence
from typing import Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator, PercentFormatter

from learning.analysis.comparability import FORCED, require_comparable
from learning.analysis.measures import ACTORS, MEASURES, SHARES
from learning.analysis.reading import labelled, of_task_sets, read_runs
from learning.analysis.run_record import RunRecord
from learning.errors import RecordError
from learning.logging.columns import column
from learning.plotting.pictures import ROUND_STEPS, write_pictures
from learning.plotting.seed_curves import run_curve
from learning.plotting.seed_groups import SeedGroup, seed_groups
from learning.plotting.seed_lines import draw_group, legend_handles

WORDS = {
    "success": "success rate",
    "any_subgoal": "episodes that reached a sub-goal",
    "return": "average return",
}
"""Metric -> its words on the axis."""

MEAN_TITLE = "mean over tasks"
MANY_PANELS = 12
"""Number of panels above which panels and lines are drawn finer."""

Who = Literal["own", "mixture", "both"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Look:
    """What is drawn of runs, and how.

    Attributes:
        metric: A key of `WORDS`.
        who: Who acts in the evaluation.
        smooth: Environment steps that each value is a mean over, see `run_curve`.
        mean_only: Whether there is no panel but that of the mean over the tasks.
        said: Sentences to stand below the figure.
    """

    metric: str = "success"
    who: Who = "both"
    smooth: int = 0
    mean_only: bool = False
    said: tuple[str, ...] = ()

    @property
    def actors(self) -> tuple[str, ...]:
        """Who is drawn, keys of `ACTORS`."""
        return tuple(ACTORS) if self.who == "both" else (self.who,)

    @property
    def words(self) -> str:
        """What stands at the vertical axis."""
        if not self.smooth:
            return WORDS[self.metric]
        return f"{WORDS[self.metric]}\n(means over {EngFormatter(sep='')(self.smooth)} env steps)"


class Drawn(NamedTuple):
    """A figure's files, and what a reader of it must know."""

    png: pathlib.Path
    svg: pathlib.Path
    notes: tuple[str, ...]


def plot_runs(
    paths: Sequence[pathlib.Path],
    look: Look | None = None,
    *,
    labels: Sequence[str] = (),
    envs: Sequence[str] = (),
    out: pathlib.Path | None = None,
    force: bool = False,
) -> Drawn:
    """Draw runs and write the figure as PNG and SVG.

    Args:
        paths: Places of runs, see `find_runs`, at least one.
        look: What is drawn, and how; None: success.
        labels: Whom to draw, in this order; none: all.
        envs: Task sets; none: all.
        out: Path of the files without ending; None: named by the metric, in the first place.
        force: Draw runs of different protocols, precision or task sets in one figure, which then
            says so.

    Raises:
        RecordError: A place holds no run, a run was not evaluated by this metric, a label or task
            set is not there, or, without `force`, the runs do not compare.
    """
    look = look or Look()
    reading = read_runs(paths, on_doubles="apart")
    runs = of_task_sets(reading.runs, envs)
    runs = [run for label in dict.fromkeys(labels) for run in labelled(runs, label)] or runs
    runs, left_out = _who_have_it(runs, look)
    notes = require_comparable(runs, force=force)
    if not force:
        _require_one_task_set(runs)
    said = tuple(note for note in notes if note.startswith(FORCED))
    place = paths[0] if paths[0].is_dir() else paths[0].parent
    png, svg = write_pictures(
        lambda: draw(runs, dataclasses.replace(look, said=said)),
        place / look.metric if out is None else out,
    )
    return Drawn(png, svg, (*reading.notes, *left_out, *notes))


def _require_one_task_set(runs: Sequence[RunRecord]) -> None:
    envs = dict.fromkeys(run.env for run in runs)
    if len(envs) > 1:
        raise RecordError(
            f"these runs are of {', '.join(envs)}, whose numbers do not compare: choose one with "
            "--env; --force draws them all the same"
        )


def _who_have_it(runs: Sequence[RunRecord], look: Look) -> tuple[list[RunRecord], list[str]]:
    """Return the runs in which somebody acts that is asked for, and who is left out."""
    own = column(ACTORS["own"], MEASURES[look.metric])
    for run in runs:
        if run_curve(run, own) is None:
            raise RecordError(
                f"{run.source} has no numbers of {own}: its task set does not measure it; choose "
                "another --metric"
            )
    if look.who != "mixture":
        return list(runs), []
    name = column(ACTORS["mixture"], MEASURES[look.metric])
    having = [run for run in runs if run_curve(run, name) is not None]
    if not having:
        raise RecordError("none of these runs has a mixture: --who=own draws their own policies")
    lacking = dict.fromkeys(run.label for run in runs if run not in having)
    return having, [f"left out: {label} has no mixture" for label in lacking]


def draw(runs: Sequence[RunRecord], look: Look) -> Figure:
    """Return the figure: the mean's panel first, then a panel a task.

    Args:
        runs: Runs to draw, at least one, no seed of a label and task set twice.
        look: What is drawn, and how.

    Raises:
        RecordError: There are too many methods to be told apart.
    """
    groups = seed_groups(runs)
    tasks = (
        [] if look.mean_only else list(dict.fromkeys(task for run in runs for task in run.tasks))
    )
    n_panels = len(tasks) + 1
    n_columns = math.ceil(math.sqrt(n_panels * 1.2)) if tasks else 1
    n_rows = math.ceil(n_panels / n_columns)
    width, height = _panel_size(n_panels)
    handles = legend_handles(groups, look.actors)
    longest = max(len(str(handle.get_label())) for handle in handles)
    fitting = int(width * n_columns / (0.7 + 0.075 * longest))
    legend_columns = max(1, min(len(handles), fitting, max(n_columns, 4)))
    below = [
        line for each in look.said for line in textwrap.wrap(each, int(width * n_columns * 17))
    ]
    heights = [height * n_rows + 0.7, 0.1 + 0.2 * math.ceil(len(handles) / legend_columns)]
    heights += [0.1 + 0.12 * len(below)] if below else []
    figure = Figure(figsize=(width * n_columns, sum(heights)), layout="constrained")
    # The legend has a place of its own, or else it would meet the label of the x axis.
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    parts[1].legend(handles=handles, loc="center", ncols=legend_columns, frameon=False)
    if below:
        parts[2].text(0.02, 0.98, "\n".join(below), va="top", fontsize=6.5, color="0.35")
    axes = (
        parts[0]
        .subplots(n_rows, n_columns, sharex=True, sharey=look.metric != "return", squeeze=False)
        .flatten()
    )
    for panel, task in zip(axes, [None, *tasks], strict=False):
        _draw_panel(panel, groups, look, task, fine=n_panels > MANY_PANELS)
    for panel in axes[n_panels:]:
        panel.remove()
    # A panel above an empty place stands at the bottom of its column, so it needs the numbers.
    for panel in axes[n_panels - n_columns : n_panels]:
        panel.tick_params(labelbottom=True)
    parts[0].suptitle(", ".join(dict.fromkeys(run.env for run in runs)), fontsize=11)
    parts[0].supxlabel("environment steps, total over tasks", fontsize=10)
    parts[0].supylabel(look.words, fontsize=10)
    return figure


def _panel_size(n_panels: int) -> tuple[float, float]:
    """Return width and height of a panel, in inches."""
    if n_panels == 1:
        return 7.2, 3.6
    return (3.0, 2.3) if n_panels <= MANY_PANELS else (2.3, 1.8)


def _draw_panel(
    panel: Axes, groups: Sequence[SeedGroup], look: Look, task: str | None, *, fine: bool
) -> None:
    for group in groups:
        for actor in look.actors:
            draw_group(
                panel,
                group,
                column(ACTORS[actor], MEASURES[look.metric], task),
                metric=look.metric,
                actor=actor,
                smooth=look.smooth,
                fine=fine,
                alone=len(groups) == 1,
                # The mixture's band would lie on that of the own policies.
                banded=actor == look.actors[0],
            )
    panel.set_title(
        MEAN_TITLE if task is None else task, fontweight="bold" if task is None else "normal"
    )
    panel.xaxis.set_major_locator(MaxNLocator(8 if look.mean_only else 4, steps=ROUND_STEPS))
    panel.xaxis.set_major_formatter(EngFormatter(sep=""))
    if look.metric in SHARES:
        panel.set_ylim(-0.04, 1.04)
        panel.yaxis.set_major_formatter(PercentFormatter(1.0))
    else:
        panel.yaxis.set_major_locator(MaxNLocator(5, steps=ROUND_STEPS))

"""The curves of a task set: success, any sub-goal and return against env steps."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.analysis.asking import Question
from learning.analysis.curves import MEAN, RunCurve
from learning.analysis.measures import SHARES, bounds
from learning.analysis.table_lines import WORDS
from learning.analysis.tables import FEW_SEEDS
from learning.logging.columns import TOTAL_ENV_STEPS
from learning.report import blocks
from learning.report.lines import Lines, lines_of, outline, steps_of, values_at
from learning.report.sections import Asked, Section
from learning.sweeps.paper_numbers import PaperNumber

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_NUMBERS = 1_000_000
"""About how many numbers a task set's curves may have, 5 bytes each in the file."""
MOST_POINTS = 200
FEWEST_POINTS = 30
MANY_METHODS = 4
"""Number of methods above which intervals and single seeds are hidden at first: they would hide the
means."""
INTERVALS = "95 % intervals"
WORDS_OF = {
    "success": "success rate",
    "any_subgoal": "rate of any sub-goal",
    "return": "average return",
}


def curve_block(
    name: str,
    section: Section,
    colours: Sequence[str],
    papers: Sequence[PaperNumber],
    question: Question,
) -> blocks.Block:
    """Return the picture.

    Args:
        name: Its id on the page.
        section: The task set's runs; it has curves.
        colours: All labels of the page, in the order of their colours.
        papers: The papers' numbers for this task set.
        question: What is asked; it is shown first.
    """
    import plotly.graph_objects as go  # noqa: PLC0415 (only a page needs it)

    measures = list(dict.fromkeys(measure for measure, _ in section.curves))
    actors = list(dict.fromkeys(who for _, who in section.curves))
    tasks = (MEAN, *section.tasks)
    numbers = sum(5 + len(section.runs_of(label)) for label in section.labels)
    most = MOST_NUMBERS // (numbers * len(measures) * len(actors) * len(tasks))
    most = min(max(most, FEWEST_POINTS), MOST_POINTS)
    methods = [_Method(section, label, colours.index(label), most) for label in section.labels]
    marks = _paper_labels(section, papers)
    figure = go.Figure(
        # The means last, so that nothing lies on them.
        data=[method.band() for method in methods]
        + [trace for method in methods for trace in method.seeds()]
        + [_paper_trace(label, colours) for label in marks]
        + [method.mean() for method in methods],
        layout=blocks.look(
            xaxis=blocks.axis(
                "env steps, total over tasks",
                range=[0, 1.02 * max(method.steps[-1] for method in methods)],
                exponentformat="SI",
            ),
            height=430,
            margin={"l": 10, "r": 10, "t": 10, "b": 10},
            legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            hovermode="closest",
        ),
    )
    views: dict[tuple[int, ...], blocks.View] = {}
    for (m, measure), (w, who) in itertools.product(enumerate(measures), enumerate(actors)):
        drawn = [method.lines((measure, who), question) for method in methods]
        for t, task in enumerate(tasks):
            now = [(method, lines[t]) for method, lines in zip(methods, drawn, strict=True)]
            chosen = papers if who == "own" and task == MEAN else ()
            traces = [method.band_view(lines) for method, lines in now]
            traces += [trace for method, lines in now for trace in method.seed_views(lines)]
            traces += [_paper_view(label, measure, chosen) for label in marks]
            traces += [method.mean_view(lines) for method, lines in now]
            views[m, w, t] = blocks.View(
                traces=traces,
                layout={"yaxis": _y_axis(measure)},
                words=_words(section, methods, drawn, t, (measure, who)),
            )
    return blocks.Block(
        id=name,
        title="Learning curves",
        controls=(
            blocks.Control(
                name="measure", options=tuple(WORDS_OF.get(each, each) for each in measures)
            ),
            blocks.Control(name="who acts", options=tuple(WORDS[who] for who in actors)),
            blocks.Control(name="task", options=tasks),
        ),
        boxes=_boxes(section),
        content=blocks.content(figure, views, rows=len(methods) + len(marks)),
        caption=_caption(methods, marks, papers),
    )


class _Method:
    """One method's traces: its band, its mean, and a line a seed."""

    def __init__(self, section: Section, label: str, colour: int, most: int) -> None:
        self.label = label
        self._section = section
        self._runs = section.runs_of(label)
        self._colour = colour
        all_steps = [run.columns[TOTAL_ENV_STEPS] for run in self._runs]
        self.steps = steps_of(all_steps, most)
        self.thinned = len(self.steps) < len(np.unique(np.concatenate(all_steps)))

    def band(self) -> go.Scatter:
        """Return the trace of the interval, without its values, as the next ones too."""
        return self._trace(
            name=self._name,
            meta={"box": INTERVALS},
            showlegend=False,
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=blocks.colour(self._colour, "-band"),
            hoverinfo="skip",
        )

    def seeds(self) -> list[go.Scatter]:
        """Return a trace a seed; none where a single one is the mean."""
        return [
            self._trace(
                name=blocks.plain(f"{self.label}, seed {run.seed}"),
                meta={"box": _seed_box(run.seed)},
                showlegend=False,
                x=self.steps,
                mode="lines",
                line={"color": blocks.colour(self._colour), "dash": self._dash, "width": 1},
                opacity=0.55,
                hovertemplate="%{y:.3f}<br>at %{x:,} env steps",
            )
            for run in (self._runs if len(self._runs) > 1 else ())
        ]

    def mean(self) -> go.Scatter:
        """Return the trace of the mean."""
        tone = blocks.colour(self._colour)
        return self._trace(
            name=self._name,
            legendrank=1,
            x=self.steps,
            mode="lines+markers",
            line={"color": tone, "dash": self._dash, "width": 2.5},
            marker={
                "color": tone,
                "symbol": blocks.SYMBOLS[self._colour % len(blocks.SYMBOLS)],
                "size": 8,
                "maxdisplayed": 8,
            },
        )

    def _trace(self, **values: Any) -> go.Scatter:
        import plotly.graph_objects as go  # noqa: PLC0415 (only a page needs it)

        return go.Scatter(legendgroup=blocks.plain(self.label), **values)

    @property
    def _name(self) -> str:
        count = len(self._runs)
        return blocks.plain(f"{self.label} ({count} seed{'s' if count > 1 else ''})")

    @property
    def _dash(self) -> str:
        return blocks.DASHES[self._colour // blocks.N_SERIES % len(blocks.DASHES)]

    def lines(self, asked: Asked, question: Question) -> list[Lines]:
        """Return the lines of the mean over the tasks, and of each task."""
        by_run: dict[str, RunCurve] = {
            curve.run: curve for curve in self._section.curves.get(asked, ())
        }
        curves = [by_run.get(str(run.source)) for run in self._runs]
        n_tasks = len(self._section.tasks)
        values = values_at(curves, self.steps, n_tasks)
        return [
            lines_of(
                values[:, :, task],
                bounds=bounds(asked[0]),
                n_resamples=question.n_resamples,
                seed=question.seed,
            )
            for task in range(n_tasks + 1)
        ]

    def band_view(self, lines: Lines) -> dict[str, Any]:
        """Return the values of `band` for one choice."""
        x, y = outline(self.steps, lines.low, lines.high)
        return {"x": blocks.typed(x), "y": blocks.typed(y)}

    def seed_views(self, lines: Lines) -> list[dict[str, Any]]:
        """Return those of `seeds`."""
        return [{"y": blocks.typed(each)} for each in lines.seeds if len(lines.seeds) > 1]

    def mean_view(self, lines: Lines) -> dict[str, Any]:
        """Return those of `mean`."""
        value, place = {"y": blocks.typed(lines.mean)}, "<br>at %{x:,} env steps"
        if not np.isfinite(lines.low).any():
            return {**value, "hovertemplate": "%{y:.3f}" + place}
        ends = "%{y:.3f} [%{customdata[0]:.3f}, %{customdata[1]:.3f}]"
        data = blocks.typed(np.stack([lines.low, lines.high], axis=1))
        return {**value, "customdata": data, "hovertemplate": ends + place}

    def end(self, lines: Lines) -> tuple[float | None, float]:
        """Return the last env steps where the mean is, and where any run is."""
        mean, some = (
            self.steps[np.isfinite(each)]
            for each in (lines.mean, np.where(np.isfinite(lines.seeds).any(axis=0), 1.0, np.nan))
        )
        return (float(mean[-1]) if len(mean) else None), float(some[-1]) if len(some) else -1.0


def _boxes(section: Section) -> tuple[tuple[str, bool], ...]:
    """Return what can be hidden: the intervals, and each seed's lines."""
    seeds = {label: [run.seed for run in section.runs_of(label)] for label in section.labels}
    few = {seed for each in seeds.values() if 1 < len(each) < FEW_SEEDS for seed in each}
    some = sorted({seed for each in seeds.values() if len(each) > 1 for seed in each})
    if not some:
        return ()
    clear = len(section.labels) <= MANY_METHODS
    boxes = [(_seed_box(seed), clear and seed in few) for seed in some]
    return ((INTERVALS, clear), *boxes)


def _seed_box(seed: int) -> str:
    return f"seed {seed}"


def _words(
    section: Section,
    methods: Sequence[_Method],
    drawn: Sequence[Sequence[Lines]],
    task: int,
    asked: Asked,
) -> str:
    """Return what is not in the picture, and why."""
    if asked not in section.curves:
        return f"No run measures this with {WORDS[asked[1]]}."
    absent, short = [], []
    for method, lines in zip(methods, drawn, strict=True):
        mean, some = method.end(lines[task])
        if some < 0:
            absent.append(method.label)
        elif mean is None:
            short.append(f"{method.label} has no mean, since some of its runs have no number")
        elif mean < some:
            short.append(f"the mean of {method.label} ends at {mean:,.0f}, with its shortest run")
    told = [f"Without numbers here: {', '.join(absent)}."] if absent else []
    told += [f"{each[0].upper()}{each[1:]}." for each in short]
    return " ".join(told)


def _y_axis(measure: str) -> dict[str, Any]:
    share = measure in SHARES
    return blocks.axis(
        WORDS_OF.get(measure, blocks.plain(measure)),
        # Another measure begins with its own range.
        uirevision=measure,
        **({"range": [-0.03, 1.03], "tickformat": ".0%"} if share else {"autorange": True}),
    )


def _paper_labels(section: Section, papers: Sequence[PaperNumber]) -> list[str]:
    there = dict.fromkeys(number.label for number in papers if number.env == section.env)
    return list(there)


def _paper_trace(label: str, colours: Sequence[str]) -> go.Scatter:
    import plotly.graph_objects as go  # noqa: PLC0415 (only a page needs it)

    tone = blocks.colour(colours.index(label)) if label in colours else "var(--muted)"
    return go.Scatter(
        name=blocks.plain(f"paper: {label}"),
        mode="lines+markers",
        line={"color": tone, "dash": "dot", "width": 1.5},
        marker={"symbol": "circle-open", "size": 8, "color": tone},
        hovertemplate="%{y:.3f} at %{x:,} env steps<br>%{text}",
    )


def _paper_view(label: str, measure: str, papers: Sequence[PaperNumber]) -> dict[str, Any]:
    numbers = sorted(
        (each for each in papers if each.label == label and each.metric == measure),
        key=lambda each: each.env_steps,
    )
    return {
        "x": [each.env_steps for each in numbers],
        "y": [each.value for each in numbers],
        "text": ["<br>".join(map(blocks.plain, textwrap.wrap(e.source, 45))) for e in numbers],
        "showlegend": bool(numbers),
    }


def _caption(
    methods: Sequence[_Method], marks: Sequence[str], papers: Sequence[PaperNumber]
) -> str:
    told = [
        "Thick line: mean over the seeds at their evaluations; nothing is interpolated. "
        "Band: 95 % interval by the bootstrap over runs, point by point, widened to Student's t; "
        f"with fewer than {FEW_SEEDS} seeds it means little, and thin lines show every seed. "
        "A click on a name of the legend hides its method, a double click all others."
    ]
    if len(methods) > MANY_METHODS:
        told.append("Methods are many: tick above what is to be shown beside their means.")
    if any(method.thinned for method in methods):
        told.append("Of many evaluations only some are drawn, evenly, first and last included.")
    if marks:
        sources = "; ".join(dict.fromkeys(each.source for each in papers))
        told.append(
            f"Dotted: the papers' own numbers ({sources}), beside own policies acting, mean over "
            "tasks; a double click into the picture shows those beyond our runs."
        )
    return " ".join(told)

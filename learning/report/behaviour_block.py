"""Who acted for whom over training: a heat map a method and a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from learning.plotting.shares import Array, Shares, windows
from learning.report import blocks
from learning.report.sections import Section

N_MOMENTS = 20
"""Number of parts that training is cut into; fewer where there are fewer rows."""
MANY_TASKS = 12
"""Number of tasks above which the axes count them, and a list says their names."""
TICK_EVERY = 5


def behaviour_block(
    name: str, section: Section, shares: Mapping[str, Sequence[Shares]]
) -> blocks.Block:
    """Return the picture.

    Args:
        name: Its id on the page.
        section: The task set's runs.
        shares: Label -> shares of each of its runs; at least one label.
    """
    import plotly.graph_objects as go  # noqa: PLC0415 (only a page needs it)

    parts = {label: _moments(each) for label, each in shares.items()}
    own = np.eye(len(section.tasks), dtype=bool)
    top = max(float(np.nanmax(np.where(own, 0.0, each))) for _, each in parts.values())
    many = len(section.tasks) > MANY_TASKS
    names = [
        f"{place} {task}" if many else task
        for place, task in enumerate(map(blocks.plain, section.tasks))
    ]
    ticks: dict[str, Any] = {}
    if many:
        every = range(0, len(names), TICK_EVERY)
        ticks = {"tickvals": list(every), "ticktext": [str(place) for place in every]}
    figure = go.Figure(
        data=[
            go.Heatmap(
                x=names,
                y=names,
                zmin=0.0,
                zmax=max(top, 0.01),
                xgap=0 if many else 1,
                ygap=0 if many else 1,
                colorscale=[
                    [0.0, "var(--heat-low)"],
                    [0.5, "var(--heat-mid)"],
                    [1.0, "var(--heat-high)"],
                ],
                colorbar={
                    "tickformat": ".1~%",
                    "thickness": 14,
                    "outlinewidth": 0,
                    "title": {"text": "share of steps", "side": "right"},
                },
                hovertemplate="gathering for %{y}:<br>the policy of %{x} acts in %{z:.1%}"
                "<extra></extra>",
            ),
            # The own policies' shares, which have no colour.
            go.Scatter(
                x=names,
                y=names,
                mode="markers" if many else "text",
                marker={"size": 4, "color": "var(--muted)"},
                textfont={"color": "var(--muted)"},
                hovertemplate="gathering for %{y}:<br>its own policy acts in %{text}"
                "<extra></extra>",
            ),
        ],
        layout=blocks.look(
            height=620 if many else 460,
            margin={"l": 10, "r": 10, "t": 10, "b": 10},
            xaxis=blocks.axis(
                "policy that acts",
                showgrid=False,
                type="category",
                range=[-0.5, len(names) - 0.5],
                **ticks,
            ),
            yaxis=blocks.axis(
                "task whose data is gathered",
                showgrid=False,
                type="category",
                range=[len(names) - 0.5, -0.5],
                **ticks,
            ),
        ),
    )
    # The slider has as many stops for every method; one with fewer rows repeats its nearest.
    n_stops = max(len(centres) for centres, _ in parts.values())
    views: dict[tuple[int, ...], blocks.View] = {}
    for place, (label, (centres, matrices)) in enumerate(parts.items()):
        for stop in range(n_stops):
            at = round(stop * (len(centres) - 1) / max(n_stops - 1, 1))
            shown = np.where(own, np.nan, matrices[at])
            kept = matrices[at][own]
            views[place, stop] = blocks.View(
                traces=[{"z": blocks.typed(shown)}, {"text": [f"{each:.0%}" for each in kept]}],
                layout={},
                words=f"{label}, around {centres[at]:,.0f} env steps: own policies act in "
                f"{kept.mean():.0%} of the steps (a uniform choice: {1 / len(own):.0%}).",
            )
    return blocks.Block(
        id=name,
        title="Who acted for whom",
        controls=(
            blocks.Control(name="method", options=tuple(parts)),
            blocks.Control(
                name="moment of training",
                options=tuple(f"{stop + 1} of {n_stops}" for stop in range(n_stops)),
                kind="slider",
            ),
        ),
        content=blocks.content(figure, views, rows=0),
        caption=_caption(section, shares),
    )


def _moments(shares: Sequence[Shares]) -> tuple[Array, Array]:
    return windows(shares, N_MOMENTS, 1 / N_MOMENTS)


def _caption(section: Section, shares: Mapping[str, Sequence[Shares]]) -> str:
    seeds = ", ".join(f"{label}: {len(each)}" for label, each in shares.items())
    told = [
        "Share of a task's training steps in which each policy acted, mean over the seeds "
        f"({seeds}) and over a part of training; a task's own policy is left out of the colours, "
        "since it would drown the rest."
    ]
    without = [label for label in section.labels if label not in shares]
    if without:
        told.append(
            f"No record of who acted: {', '.join(without)} (methods without a mixture: every task "
            "acts for itself)."
        )
    if len(section.tasks) > MANY_TASKS:
        told.append(
            "Tasks: "
            + ", ".join(f"{place} {task}" for place, task in enumerate(section.tasks))
            + "."
        )
    return " ".join(told)

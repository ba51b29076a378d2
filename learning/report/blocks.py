"""Pictures of the page: a Plotly figure, and what its controls choose among.

Figures name colours by the page's CSS custom properties, `var(--series-1)`, which the page's
script puts in, so that light, dark and print each have their own.
"""

from __future__ import annotations

import base64
import dataclasses
import html
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import plotly.graph_objects as go

N_SERIES = 7
"""Colours that the style sheet has for methods."""
DASHES = ("solid", "dash", "longdashdot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "triangle-down")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Control:
    """A choice that a reader has.

    Attributes:
        name: What is chosen.
        options: What there is to choose from; the first is shown at the beginning.
        kind: A list, or a slider.
    """

    name: str
    options: tuple[str, ...]
    kind: Literal["list", "slider"] = "list"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Block:
    """A picture with its controls.

    Attributes:
        id: Its id on the page.
        title: What it shows.
        controls: Its controls.
        boxes: What can be shown or not, and whether it is at the beginning; a trace says in its
            `meta` which box it belongs to, `{"box": ...}`.
        content: JSON of the figure and its views, safe inside of a `<script>`.
        caption: What a reader must know.
    """

    id: str
    title: str
    controls: tuple[Control, ...]
    content: str
    caption: str
    boxes: tuple[tuple[str, bool], ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class View:
    """What one choice of every control shows.

    Attributes:
        traces: For each trace of the figure, the values that belong to this choice.
        layout: Parts of the layout that belong to it.
        words: A sentence on it.
    """

    traces: Sequence[Mapping[str, Any]]
    layout: Mapping[str, Any]
    words: str = ""


def content(figure: go.Figure, views: Mapping[tuple[int, ...], View], *, rows: int) -> str:
    """Return a figure and its views as JSON.

    Args:
        figure: The figure, without what its views give.
        views: Index of each control's choice -> what is shown then.
        rows: Entries of its legend.
    """
    figure.layout.template = {}
    whole = {
        **json.loads(figure.to_json()),
        "rows": rows,
        "views": {"|".join(map(str, key)): dataclasses.asdict(view) for key, view in views.items()},
    }
    text = json.dumps(whole, allow_nan=False, separators=(",", ":"))
    # Inside of a <script> no text may end it or begin a comment.
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def typed(values: npt.ArrayLike) -> dict[str, str]:
    """Return an array as Plotly's JSON has it: float32 in base64; NaN is a gap."""
    array = np.ascontiguousarray(values, dtype="<f4")
    spec = {"dtype": "f4", "bdata": base64.b64encode(array.tobytes()).decode()}
    return spec if array.ndim == 1 else spec | {"shape": ", ".join(map(str, array.shape))}


def plain(text: str) -> str:
    """Return a text that Plotly, which reads some tags, shows as it is."""
    return html.escape(text, quote=False)


def colour(index: int, part: str = "") -> str:
    """Return the colour of a method, or of a `part` of it such as its band."""
    return f"var(--series-{index % N_SERIES + 1}{part})"


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return an axis in the page's style."""
    return {
        "title": {"text": title},
        "gridcolor": "var(--grid)",
        "linecolor": "var(--line)",
        "zeroline": False,
        "automargin": True,
        **more,
    }


def look(**more: Any) -> dict[str, Any]:
    """Return a layout in the page's style."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "var(--ink)", "size": 13, "family": "system-ui, sans-serif"},
        "hoverlabel": {
            "bgcolor": "var(--paper)",
            "bordercolor": "var(--line)",
            "font": {"color": "var(--ink)"},
            "namelength": -1,
        },
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",
            "color": "var(--muted)",
            "activecolor": "var(--ink)",
        },
        # What a reader has switched off or zoomed in on stays when something else is chosen.
        "uirevision": "kept",
        **more,
    }

"""What all figures share: their look, and the files they are written to."""

import pathlib
from collections.abc import Callable
from typing import Any

import matplotlib
from matplotlib.figure import Figure

# Okabe and Ito's colours, which colour-blind readers tell apart; their yellow is too pale here.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
ROUND_STEPS = (1, 2, 2.5, 5, 10)
"""Distances between two ticks, up to a power of ten."""

_STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.6,
    # The same records give the same file.
    "svg.hashsalt": "learning-curves",
}


def write_pictures(
    draw: Callable[[], Figure], prefix: pathlib.Path
) -> tuple[pathlib.Path, pathlib.Path]:
    """Draw a figure in the project's style and write it as PNG and SVG.

    Args:
        draw: Makes the figure.
        prefix: Path of the files without ending; its folder is made if need be.

    Returns:
        Paths of the PNG and of the SVG.
    """
    prefix.parent.mkdir(parents=True, exist_ok=True)
    png, svg = (prefix.with_name(f"{prefix.name}.{ending}") for ending in ("png", "svg"))
    # The figure is drawn in here, since its parts take the style when they are made.
    with matplotlib.rc_context(_STYLE):
        figure = draw()
        figure.savefig(png, dpi=150)
        figure.savefig(svg, metadata={"Date": None})
    return png, svg

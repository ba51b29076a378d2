"""A contact sheet: a row a task, its pictures from the episode's first to its last step."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from learning.rendering.episodes import Still
from learning.rendering.lettering import FAINT, INK, PAPER, caption, fitting_font, font

_COLOURS = 256
"""Colours of the file's palette: a third of the size of true colour, and no visible loss."""
GAP = 4
"""Pixels between two pictures."""
HEAD = 46
"""Pixels above the first row."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SheetLayout:
    """Sizes of a contact sheet (pixels).

    Attributes:
        columns: Number of pictures a task.
        width: Width of a picture.
        height: Height of a picture.
        names: Width of the column of names.
    """

    columns: int
    width: int
    height: int
    names: int

    def steps(self, length: int) -> list[int]:
        """Return the steps of an episode of ``length`` that are shown, spread evenly."""
        return [int(step) for step in np.linspace(0, length, self.columns).round()]


def layout_for(n_tasks: int) -> SheetLayout:
    """Return the sizes for so many tasks: many are drawn smaller, to be looked through."""
    if n_tasks <= 12:
        return SheetLayout(columns=6, width=224, height=168, names=132)
    if n_tasks <= 30:
        return SheetLayout(columns=4, width=120, height=90, names=112)
    return SheetLayout(columns=4, width=96, height=72, names=112)


def write_contact_sheet(
    path: Path,
    rows: Sequence[tuple[str, Sequence[Still]]],
    *,
    title: str,
    subtitle: str,
    layout: SheetLayout,
) -> None:
    """Draw and write a sheet.

    Args:
        path: PNG file.
        rows: Names and pictures of the tasks.
        title: First line.
        subtitle: Second line.
        layout: Sizes of the sheet.
    """
    width = layout.names + layout.columns * (layout.width + GAP)
    height = HEAD + len(rows) * (layout.height + GAP)
    sheet = Image.new("RGB", (width, height), PAPER)
    drawing = ImageDraw.Draw(sheet)
    drawing.text((6, 4), title, font=font(18), fill=INK)
    drawing.text((6, 27), subtitle, font=fitting_font(subtitle, width - 12, 12), fill=FAINT)
    for row, (name, stills) in enumerate(rows):
        top = HEAD + row * (layout.height + GAP)
        _write_name(drawing, name, top, layout)
        for column, still in enumerate(stills):
            small = Image.fromarray(still.picture).resize(
                (layout.width, layout.height), Image.Resampling.LANCZOS
            )
            caption(small, f"step {still.step}", success=still.success)
            sheet.paste(small, (layout.names + column * (layout.width + GAP), top))
    path.parent.mkdir(parents=True, exist_ok=True)
    palette = sheet.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette.save(path, optimize=True)


def _write_name(drawing: ImageDraw.ImageDraw, name: str, top: int, layout: SheetLayout) -> None:
    lines = textwrap.wrap(name, width=16)
    middle = top + (layout.height - 16 * len(lines)) // 2
    for index, line in enumerate(lines):
        letters = fitting_font(line, layout.names - 12, 14)
        drawing.text((6, middle + 16 * index), line, font=letters, fill=INK)

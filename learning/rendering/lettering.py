"""Words and frames on pictures."""

from __future__ import annotations

import functools

from PIL import Image, ImageDraw, ImageFont

INK = (25, 25, 25)
PAPER = (255, 255, 255)
FAINT = (110, 110, 110)
SUCCESS = (0, 150, 60)
"""Frame of a picture by which the task has been accomplished."""


@functools.cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font, of ``size`` pixels."""
    return ImageFont.load_default(size)


def fitting_font(text: str, width: int, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the font in which a line is at most ``width`` wide: of ``size``, or smaller."""
    while size > 7 and font(size).getlength(text) > width:
        size -= 1
    return font(size)


def caption(image: Image.Image, text: str, *, success: bool) -> None:
    """Write a line into the picture's upper left corner; frame it where it shows a success."""
    drawing = ImageDraw.Draw(image)
    size = max(10, image.height // 18)
    letters = fitting_font(text, image.width - 8, size)
    drawing.rectangle(drawing.textbbox((4, 2), text, font=letters), fill=PAPER, outline=PAPER)
    drawing.text((4, 2), text, font=letters, fill=INK)
    if success:
        last = image.width - 1, image.height - 1
        drawing.rectangle((0, 0, *last), outline=SUCCESS, width=max(2, image.width // 80))

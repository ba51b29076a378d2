"""A video: all tasks at once, a tile each; MP4 (H.264), or GIF where the file's name says so."""

from __future__ import annotations

import dataclasses
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

from environments.rendering import Picture
from learning.errors import RenderingError
from learning.rendering.episodes import Still
from learning.rendering.lettering import caption

ENDINGS = (".mp4", ".gif")
_FRAMES_PER_SECOND = {".mp4": 30.0, ".gif": 12.5}
"""Frames a second, at most; a GIF is ten times as large as an MP4."""
_GIF_COLOURS = 128
_WIDTH = 1280
"""Width of the whole picture, at most (pixels)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class VideoLayout:
    """Sizes of a video.

    Attributes:
        columns: Tiles side by side.
        rows: Tiles one below the other.
        width: Width of a tile (pixels, even).
        height: Height of a tile (pixels, even).
    """

    columns: int
    rows: int
    width: int
    height: int


def layout_for(n_tasks: int) -> VideoLayout:
    """Return the sizes for so many tasks."""
    columns = math.ceil(math.sqrt(n_tasks))
    # Multiples of eight, so that three quarters of them are even too, as H.264 wants sizes.
    width = 640 if n_tasks == 1 else min(480, _WIDTH // columns) // 8 * 8
    return VideoLayout(
        columns=columns, rows=math.ceil(n_tasks / columns), width=width, height=width * 3 // 4
    )


def stride_for(ending: str, step_seconds: float) -> int:
    """Return every how many steps a frame is drawn, so that the video runs in real time."""
    # What is whole but for rounding is not rounded up.
    return max(1, math.ceil(1 / (_FRAMES_PER_SECOND[ending] * step_seconds) - 1e-6))


class Mosaic:
    """The frames of all tasks, on the disk until they are written.

    Args:
        n_frames: Number of frames, at most.
        layout: Sizes of the video.
    """

    def __init__(self, n_frames: int, layout: VideoLayout) -> None:
        self._layout = layout
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (it lives as long as the frames)
        size = layout.rows * layout.height, layout.columns * layout.width
        self._frames: np.memmap[tuple[int, ...], np.dtype[np.uint8]] = np.memmap(
            self._file, dtype=np.uint8, shape=(n_frames, *size, 3), mode="w+"
        )
        self._lengths: dict[int, int] = {}

    def put(self, tile: int, name: str, stills: Sequence[Still]) -> None:
        """Fill a task's tile, as far as its pictures go."""
        place = self._place(tile)
        for index, still in enumerate(stills):
            image = Image.fromarray(still.picture)
            caption(image, name, success=still.success)
            self._frames[index][place] = np.asarray(image)
        self._lengths[tile] = len(stills)

    def frames(self) -> Picture:
        """Return the frames; a task whose episode is over stands still, [F, height, width, 3]."""
        n_frames = max(self._lengths.values())
        for tile, length in self._lengths.items():
            place = self._place(tile)
            self._frames[length:n_frames, place[0], place[1]] = self._frames[length - 1][place]
        return self._frames[:n_frames]

    def close(self) -> None:
        """Free the frames."""
        del self._frames
        self._file.close()

    def _place(self, tile: int) -> tuple[slice, slice]:
        layout = self._layout
        top = tile // layout.columns * layout.height
        left = tile % layout.columns * layout.width
        return slice(top, top + layout.height), slice(left, left + layout.width)


def write_video(path: Path, frames: Picture, *, frames_per_second: float) -> None:
    """Write frames, [F, height, width, 3], as the file's name says.

    Raises:
        RenderingError: There is no encoder for MP4.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gif":
        _write_gif(path, frames, frames_per_second)
    else:
        _write_mp4(path, frames, frames_per_second)


def _write_mp4(path: Path, frames: Picture, frames_per_second: float) -> None:
    height, width = frames.shape[1:3]
    # Asked for here for its error alone: the writer finds it by itself.
    try:
        imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise RenderingError(
            "imageio-ffmpeg brings no ffmpeg for this machine: set IMAGEIO_FFMPEG_EXE to one, or "
            "write a GIF: --out=NAME.gif"
        ) from error
    # Its default blocks of 16 would resize the frames, its default quality give a second -crf.
    writer = imageio_ffmpeg.write_frames(
        path,
        (width, height),
        fps=frames_per_second,
        codec="libx264",
        macro_block_size=2,
        quality=None,
        output_params=["-crf", "23", "-movflags", "+faststart"],
    )
    writer.send(None)
    for frame in frames:
        writer.send(np.ascontiguousarray(frame))
    writer.close()


def _write_gif(path: Path, frames: Picture, frames_per_second: float) -> None:
    first, *others = (
        Image.fromarray(frame).quantize(_GIF_COLOURS, dither=Image.Dither.NONE) for frame in frames
    )
    # A GIF counts in hundredths of a second.
    duration = round(100 / frames_per_second) * 10
    first.save(path, save_all=True, append_images=others, duration=duration, loop=0)

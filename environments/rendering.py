"""Pictures of one task's simulation, without a display.

MuJoCo's own `Renderer` takes its way of drawing from `MUJOCO_GL` as it was when mujoco was first
imported, which is too early: only who draws needs to look for one. So the few calls stand here.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt

from environments.gl_backends import NoBackendError, working_backend
from environments.goal_marker import GoalMarker
from environments.task_env import ResumableEnv, TaskEnv

Picture = npt.NDArray[np.uint8]
"""Red, green and blue of the pixels, [height, width, 3]."""

_MAX_GEOMS = 10_000
"""Room for the shapes of a scene, as `mujoco.Renderer` has it."""
_SHADOW_SIZE = 1024
"""Pixels of a light's shadow map."""
_SAMPLES = 4
"""Samples of a pixel, which smooth the edges."""
_UPRIGHT = np.eye(3).ravel()


class TaskRenderer:
    """Renderer of one task as it stands; free it with `close` or use it in a `with`."""

    def __init__(self, env: TaskEnv, *, width: int, height: int) -> None:
        """Prepare to draw.

        Args:
            env: The task.
            width: Width of the pictures (pixels).
            height: Height of the pictures (pixels).

        Raises:
            NoBackendError: Nothing works here to draw with.
        """
        raw = env.unwrapped
        assert isinstance(raw, ResumableEnv)
        self._env = raw
        self._context: Any = _gl_context(width, height)
        self._context.make_current()
        model, _ = raw.mujoco_parts()
        buffer, quality = model.vis.global_, model.vis.quality
        # MuJoCo draws nothing larger than the off-screen buffer that the model asks for.
        buffer.offwidth, buffer.offheight = (
            max(buffer.offwidth, width),
            max(buffer.offheight, height),
        )
        # Finer ones cost twice the time on a CPU, and nothing of them is seen at these sizes.
        quality.shadowsize = min(quality.shadowsize, _SHADOW_SIZE)
        quality.offsamples = min(quality.offsamples, _SAMPLES)
        self._model = model
        self._scene = mujoco.MjvScene(model, _MAX_GEOMS)
        self._options = mujoco.MjvOption()
        self._drawing = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._drawing)
        self._rectangle = mujoco.MjrRect(0, 0, width, height)

    def frame(self) -> Picture:
        """Draw the task as it stands now.

        Raises:
            RuntimeError: The task has another model than when this was made.
        """
        model, data = self._env.mujoco_parts()
        if model is not self._model:
            raise RuntimeError("the task changed its model: make a new TaskRenderer")
        self._context.make_current()
        mujoco.mjv_updateScene(
            model,
            data,
            self._options,
            None,
            self._env.camera(),
            mujoco.mjtCatBit.mjCAT_ALL,
            self._scene,
        )
        markers = self._env.goal_markers()
        _add_markers(self._scene, markers)
        mujoco.mjr_render(self._rectangle, self._scene, self._drawing)
        picture = np.empty((self._rectangle.height, self._rectangle.width, 3), dtype=np.uint8)
        mujoco.mjr_readPixels(picture, None, self._rectangle, self._drawing)
        # OpenGL's rows begin at the bottom.
        picture = np.ascontiguousarray(picture[::-1])
        for marker in markers:
            _draw_ring(picture, self._scene, marker)
        return picture

    def close(self) -> None:
        """Free what drawing holds; nothing can be drawn afterwards."""
        if self._context is not None:
            self._context.make_current()
            self._drawing.free()
            self._context.free()
            self._context = None

    def __enter__(self) -> TaskRenderer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _gl_context(width: int, height: int) -> Any:
    backend = working_backend()
    # PyOpenGL reads it when it is first imported, by the next line.
    os.environ.setdefault("PYOPENGL_PLATFORM", backend)
    if os.environ["PYOPENGL_PLATFORM"] != backend:
        raise NoBackendError(
            f"PYOPENGL_PLATFORM={os.environ['PYOPENGL_PLATFORM']} is set, but what works here is "
            f"{backend}: unset it"
        )
    return importlib.import_module(f"mujoco.{backend}").GLContext(width, height)


def _add_markers(scene: mujoco.MjvScene, markers: Iterable[GoalMarker]) -> None:
    for marker in markers:
        geom = scene.geoms[scene.ngeom]
        mujoco.mjv_initGeom(
            geom,
            mujoco.mjtGeom.mjGEOM_SPHERE,
            np.full(3, marker.radius),
            np.array(marker.position),
            _UPRIGHT,
            np.array(marker.colour, dtype=np.float32),
        )
        geom.label = marker.label
        scene.ngeom += 1


def _draw_ring(picture: Picture, scene: mujoco.MjvScene, marker: GoalMarker) -> None:
    """Draw a ring around a marker, so that it is seen inside of things and behind them."""
    # A scene has a camera for each eye; one picture is taken from between them.
    left, right = scene.camera
    away = np.array(marker.position) - (left.pos + right.pos) / 2
    depth = float(away @ left.forward)
    if depth <= left.frustum_near:
        return
    height, width, _ = picture.shape
    scale = height / (left.frustum_top - left.frustum_bottom) * left.frustum_near / depth
    x = width / 2 + scale * float(away @ np.cross(left.forward, left.up))
    y = height / 2 - scale * float(away @ left.up)
    rows, columns = np.ogrid[:height, :width]
    distance = np.hypot(columns + 0.5 - x, rows + 0.5 - y)
    thickness = max(1.0, height / 240)
    ring = abs(distance - scale * marker.radius - thickness) < thickness / 2
    picture[ring] = np.round(255 * np.array(marker.colour[:3]))

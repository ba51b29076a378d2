"""Plays, draws and writes the pictures of a task set."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path

from environments import ResumableEnv, TaskEnv, TaskSet
from environments.gl_backends import NoBackendError, working_backend
from learning.errors import ConfigError, RenderingError
from learning.rendering import contact_sheet, video
from learning.rendering.actors import Actor
from learning.rendering.episodes import Episode, Still, draw, play
from learning.streams import stream_seed


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """What to show.

    Attributes:
        task_set: The tasks.
        tasks: Which of them, as indices.
        actor: Who acts.
        actor_text: Who that is, for the sheet.
        run_seed: Seed of the run whose goals are used.
        seed: Seed of the episodes.
        max_steps: Steps of an episode at most; None: all.
        out: The video, ending .mp4 or .gif; the sheet has the same name and .png.
        sheet_only: Write no video.
    """

    task_set: TaskSet
    tasks: Sequence[int]
    actor: Actor
    actor_text: str
    run_seed: int
    seed: int
    max_steps: int | None
    out: Path
    sheet_only: bool


def chosen_tasks(task_set: TaskSet, names: Sequence[str]) -> list[int]:
    """Return the tasks of these names, in the task set's order; all, where none is named.

    Raises:
        ConfigError: There is no such task.
    """
    for name in names:
        if name not in task_set.task_names:
            allowed = ", ".join(task_set.task_names)
            raise ConfigError(f"{task_set.id} has no task {name!r}: allowed is one of {allowed}")
    return [task for task, name in enumerate(task_set.task_names) if not names or name in names]


def render(request: Request) -> list[Path]:
    """Write the pictures.

    Returns:
        The files: the video (if asked for) and the sheet.

    Raises:
        RenderingError: Nothing to draw or to encode with.
    """
    try:
        working_backend()
    except NoBackendError as error:
        raise RenderingError(str(error)) from error
    _check_shows(request)
    rows = []
    files = []
    with contextlib.ExitStack() as stack:
        film: _Film | None = None
        for tile, task in enumerate(request.tasks):
            with contextlib.closing(request.task_set.make(task)) as env:
                episode = _play(request, task, env)
                if film is None and not request.sheet_only:
                    film = stack.enter_context(contextlib.closing(_Film(request, episode)))
                rows.append(_draw(request, task, env, episode=episode, film=film, tile=tile))
        if film is not None:
            film.write()
            files.append(request.out)
    sheet = request.out.with_suffix(".png")
    contact_sheet.write_contact_sheet(
        sheet,
        rows,
        title=request.task_set.id,
        subtitle=f"{request.actor_text}; green frame: the task has been accomplished",
        layout=contact_sheet.layout_for(len(rows)),
    )
    return [*files, sheet]


def _check_shows(request: Request) -> None:
    """Refuse a task set whose environments have nothing to draw.

    Raises:
        RenderingError: Naming the method that is missing.
    """
    for method in (ResumableEnv.mujoco_parts, ResumableEnv.camera):
        with contextlib.closing(request.task_set.make(request.tasks[0])) as env:
            shown = getattr(type(env.unwrapped), method.__name__)
        if shown is method:
            raise RenderingError(
                f"{request.task_set.id} cannot be drawn: its environments have no "
                f"{method.__name__}() (see environments/resumable_env.py)"
            )


class _Film:
    """The video while it is being drawn; its frame rate follows from a task's first episode."""

    def __init__(self, request: Request, episode: Episode) -> None:
        self._path = request.out
        self.layout = video.layout_for(len(request.tasks))
        self._stride = video.stride_for(self._path.suffix, episode.step_seconds)
        self._frames_per_second = 1 / (self._stride * episode.step_seconds)
        longest = len(self._steps(request.task_set.max_episode_steps))
        self._mosaic = video.Mosaic(longest, self.layout)

    def steps(self, episode: Episode) -> list[int]:
        """Return the steps of an episode that are shown; the last one always is."""
        return self._steps(episode.length)

    def put(self, tile: int, name: str, stills: Sequence[Still]) -> None:
        """Take a task's pictures."""
        self._mosaic.put(tile, name, stills)

    def write(self) -> None:
        """Write the file."""
        video.write_video(
            self._path, self._mosaic.frames(), frames_per_second=self._frames_per_second
        )

    def close(self) -> None:
        """Free the pictures."""
        self._mosaic.close()

    def _steps(self, length: int) -> list[int]:
        return [*range(0, length, self._stride), length]


def _play(request: Request, task: int, env: TaskEnv) -> Episode:
    name = request.task_set.task_names[task]
    request.actor.begin(task)
    return play(
        env,
        request.actor,
        run_seed=stream_seed(request.run_seed, f"environment/{name}"),
        seed=stream_seed(request.seed, f"rendering/{name}"),
        max_steps=request.max_steps or request.task_set.max_episode_steps,
    )


def _draw(
    request: Request,
    task: int,
    env: TaskEnv,
    *,
    episode: Episode,
    film: _Film | None,
    tile: int,
) -> tuple[str, list[Still]]:
    """Draw a task's row of the sheet, and its part of the film."""
    name = request.task_set.task_names[task]
    sheet = contact_sheet.layout_for(len(request.tasks))
    shown = sheet.steps(episode.length)
    # Drawn larger than it is shown, lines come out smooth.
    width, height = 2 * sheet.width, 2 * sheet.height
    filmed: list[int] = []
    if film is not None:
        filmed = film.steps(episode)
        width, height = film.layout.width, film.layout.height
    pictures = draw(env, episode, steps={*shown, *filmed}, width=width, height=height)
    stills = {still.step: still for still in pictures}
    if film is not None:
        film.put(tile, name, [stills[step] for step in filmed])
    return name, [stills[step] for step in shown]

"""An episode that is first played, then played again for the pictures.

Twice, because the pictures of a contact sheet are spread over the episode, whose length is only
known at its end; simulating costs little beside drawing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator

import numpy as np
import numpy.typing as npt

from environments.rendering import Picture, TaskRenderer
from environments.resumable_env import ResumableEnv
from environments.task_env import TaskEnv
from learning.rendering.actors import Actor


@dataclasses.dataclass(frozen=True, kw_only=True)
class Episode:
    """An episode of L steps, and what repeats it.

    Attributes:
        run_seed: Seed of what all episodes of the run share, such as goals.
        seed: Seed of this episode.
        actions: Actions, [L, A].
        returns: Sum of the rewards by step, from 0 before the first one, [L + 1].
        successes: Whether the task was accomplished by then, [L + 1].
        step_seconds: Simulated time of a step (s).
    """

    run_seed: int
    seed: int
    actions: npt.NDArray[np.float32]
    returns: npt.NDArray[np.float64]
    successes: npt.NDArray[np.bool_]
    step_seconds: float

    @property
    def length(self) -> int:
        """Number of steps, L."""
        return len(self.actions)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Still:
    """A picture of an episode.

    Attributes:
        step: Number of steps done before it.
        picture: Picture, [height, width, 3].
        episode_return: Sum of the rewards so far.
        success: Whether the task was accomplished by then.
    """

    step: int
    picture: Picture
    episode_return: float
    success: bool


def play(env: TaskEnv, actor: Actor, *, run_seed: int, seed: int, max_steps: int) -> Episode:
    """Play an episode, its first ``max_steps`` at most; the actor has begun it."""
    observation = _reset(env, run_seed, seed)
    raw = env.unwrapped
    assert isinstance(raw, ResumableEnv)
    before = raw.mujoco_parts()[1].time
    step_seconds = 0.0
    actions: list[npt.NDArray[np.float32]] = []
    returns, successes = [0.0], [False]
    over = False
    while not over and len(actions) < max_steps:
        action = actor.act(observation)
        observation, _, terminated, truncated, info = env.step(action)
        over = terminated or truncated
        actions.append(action)
        returns.append(info["episode_return"])
        successes.append(info["episode_success"] > 0)
        if len(actions) == 1:
            step_seconds = raw.mujoco_parts()[1].time - before
    return Episode(
        run_seed=run_seed,
        seed=seed,
        actions=np.array(actions, dtype=np.float32),
        returns=np.array(returns),
        successes=np.array(successes),
        step_seconds=step_seconds,
    )


def draw(
    env: TaskEnv, episode: Episode, *, steps: Collection[int], width: int, height: int
) -> Iterator[Still]:
    """Play an episode again and draw it.

    Args:
        env: Task that it was played in.
        episode: Episode to repeat.
        steps: Numbers of steps after which to draw, 0 to the episode's length.
        width: Width of the pictures.
        height: Height of the pictures.

    Raises:
        NoBackendError: Nothing works here to draw with.
    """
    with TaskRenderer(env, width=width, height=height) as renderer:
        _reset(env, episode.run_seed, episode.seed)
        for step in range(episode.length + 1):
            if step:
                env.step(episode.actions[step - 1])
            if step in steps:
                yield Still(
                    step=step,
                    picture=renderer.frame(),
                    episode_return=float(episode.returns[step]),
                    success=bool(episode.successes[step]),
                )


def _reset(env: TaskEnv, run_seed: int, seed: int) -> npt.NDArray[np.float64]:
    # The first begins the run, with what its episodes share; the second the episode.
    env.reset(seed=run_seed)
    observation, _ = env.reset(seed=seed, options={"same_run": True})
    return observation

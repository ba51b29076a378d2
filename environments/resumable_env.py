"""What a task set writes for a task: an environment that can be seeded, replayed and looked at."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import gymnasium
import numpy as np
import numpy.typing as npt

from environments.goal_marker import GoalMarker

if TYPE_CHECKING:
    import mujoco

Observation: TypeAlias = npt.NDArray[np.float64]
Action: TypeAlias = npt.NDArray[np.float32]


class ResumableEnv(gymnasium.Env[Observation, Action]):
    """A task without time limit; `step` gives info `success` and, with sub-goals, `any_subgoal`.

    Two rules make its episodes replayable: all its randomness comes from `np_random`, and
    `begin_episode` forgets all earlier episodes.
    """

    # On the class, so that a task's constructor need not call one of this class.
    _run_begun = False

    def begin_run(self, seed: int | None) -> None:
        """Seed `np_random` and draw what all episodes of a run share (see `draw_run`).

        Args:
            seed: Seed of this task's random generator; None keeps the present one.
        """
        super().reset(seed=seed)
        self.draw_run()
        self._run_begun = True

    def begin_episodes(self, seed: int) -> None:
        """Let the episodes from here on follow from a seed, and keep what the run shares.

        Args:
            seed: Seed of `np_random`.
        """
        # Not `begin_run`: it would draw anew what the episodes of the run share.
        self.np_random = np.random.Generator(np.random.PCG64(seed))

    def draw_run(self) -> None:
        """Draw from `np_random` what stays the same in all episodes, such as a list of goals."""

    def get_run_state(self) -> npt.NDArray[np.float64]:
        """Return what `draw_run` drew, as one array; empty where there is nothing."""
        return np.empty(0)

    def set_run_state(self, state: npt.NDArray[np.float64]) -> None:
        """Put back what `get_run_state` returned, in place of `begin_run`."""
        self._run_begun = True

    @abc.abstractmethod
    def begin_episode(self) -> Observation:
        """Start an episode, random through `np_random` alone; return the observation, [O]."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode; a seed (and the first call) also starts a run. `options` is unused."""
        if seed is not None or not self._run_begun:
            self.begin_run(seed)
        return self.begin_episode(), {}

    def rewards_of_all_tasks(self) -> npt.NDArray[np.float64] | None:
        """Return the reward that every task of the set would have given for the last step.

        Returns:
            Rewards, the last step's own at the own task's index, [T]; None where no relabelling is
            defined (`TaskSet.relabels` says so beforehand). Cheap enough for every step.
        """
        return None

    def mujoco_parts(self) -> tuple[mujoco.MjModel, mujoco.MjData]:
        """Return the simulation as it now is, for rendering; nothing may be written to it.

        Raises:
            NotImplementedError: The environment does not show its simulation.
        """
        raise NotImplementedError(f"{type(self).__name__} does not show its simulation")

    def camera(self) -> mujoco.MjvCamera:
        """Return a free camera from which the robot, its surroundings and the goals are seen.

        Raises:
            NotImplementedError: The environment has no camera.
        """
        raise NotImplementedError(f"{type(self).__name__} has no camera")

    def goal_markers(self) -> Sequence[GoalMarker]:
        """Return what a picture shows of the goals beside the model: nothing, unless overridden.

        A model that has its goals as visible sites or geoms needs none.
        """
        return ()

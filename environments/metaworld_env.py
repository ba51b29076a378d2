"""One Meta-World task with its list of goals, seeded and forgetful, as Meta-World itself is not.

Meta-World 3.1.1 draws goals from NumPy's global generator and ignores `reset(seed=...)`. Here the
goals and the choice among them come from this environment's `np_random`, by Meta-World's own
rejection rules, and the global generator is left alone. Meta-World also carries Python attributes
and moved bodies from one episode into the next; here every episode starts from the environment as
it was built.
"""

from __future__ import annotations

from typing import Any, SupportsFloat

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box
from metaworld.env_dict import ALL_V3_ENVIRONMENTS

from environments.goal_marker import GoalMarker
from environments.metaworld_fast import fast_class
from environments.resumable_env import Action, Observation, ResumableEnv
from environments.run_goals import RunGoals

OBSERVATION_SIZE = 39
ACTION_SIZE = 4
_MOVED = ("body_pos", "body_quat", "site_pos", "site_quat")
"""The model's arrays that `reset_model` may write (found by comparing whole models: the two
positions; the orientations cost nothing more)."""


class MetaWorldEnv(ResumableEnv):
    """A Meta-World environment class, its goal visible, one of the run's list at each reset."""

    def __init__(
        self,
        task_name: str,
        reward_version: str,
        *,
        n_goals: int,
        evaluation_goals: str | None = None,
    ) -> None:
        """Build the simulation.

        Args:
            task_name: Meta-World's name without the `-v3` ending.
            reward_version: Meta-World's `reward_function_version`, `v1` or `v2`.
            n_goals: Length of the list of goals (>= 1). Meta-World's own is 50; 1: a fixed goal.
            evaluation_goals: Which goals evaluation has (see `run_goals`); None: it is for
                training.
        """
        # Any: this module handles attributes that Meta-World's types do not show.
        env_class: Any = ALL_V3_ENVIRONMENTS[f"{task_name}-v3"]
        env: Any = fast_class(env_class)(reward_function_version=reward_version)
        # What Meta-World's `set_task` does, without its detour through pickled bytes.
        env._set_task_called = True
        env._partially_observable = False
        env.__dict__.pop("sawyer_observation_space", None)  # cached with the goal hidden
        self.observation_space = Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (ACTION_SIZE,), np.float32)
        self.n_goals = n_goals
        self.simulation = env
        self._attributes = {name: _detached(value) for name, value in vars(env).items()}
        self._moved = {name: getattr(env.model, name).copy() for name in _MOVED}
        goal_size = env._random_reset_space.low.size
        self._goals = RunGoals(n_goals, goal_size, evaluation_goals=evaluation_goals)

    @property
    def goals(self) -> npt.NDArray[np.float64]:
        """The run's goals: where objects start and shall go (m), [n_goals, 3, 6 or so]."""
        return self._goals.values

    def begin_episodes(self, seed: int) -> None:
        """Seed the episodes from here on, and begin the walk through the goals anew."""
        super().begin_episodes(seed)
        self._goals.begin_walk()

    def draw_run(self) -> None:
        """Draw the goals, as Meta-World's `_make_tasks` does but from `np_random`."""
        env = self.simulation
        self._restore()
        # With these three, each reset of Meta-World draws a goal, from the generator put there.
        env.np_random = self._goals.stream(self.np_random)
        env.seeded_rand_vec = True
        env._freeze_rand_vec = False
        # Which goals are drawn depends on no simulation, so the resets need none. `_restore` takes
        # this off again, as all attributes that were not there at first.
        env.do_simulation = lambda ctrl, n_frames: None
        goals = []
        for _ in range(self.n_goals):
            env.reset_model()
            goals.append(np.array(env._last_rand_vec, dtype=np.float64))
        self._goals.begin_run(np.stack(goals))

    def get_run_state(self) -> npt.NDArray[np.float64]:
        """Return the goals and, in evaluation, which are ahead (`RunGoals.get_state`)."""
        return self._goals.get_state()

    def set_run_state(self, state: npt.NDArray[np.float64]) -> None:
        """Put back the goals.

        Raises:
            ValueError: These are not goals of this task.
        """
        self._goals.set_state(state)
        super().set_run_state(state)

    def begin_episode(self) -> Observation:
        """Choose one of the goals and start an episode; return the observation, [39]."""
        self._restore()
        env = self.simulation
        # Frozen, Meta-World's reset draws no goal and takes the last one, which is set here.
        env._freeze_rand_vec = True
        env._last_rand_vec = self._goals.choose(self.np_random)
        observation: Observation = env.reset()[0]
        return observation

    def step(self, action: Action) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Run Meta-World's step; `action` is the hand's displacement and the gripper, [4]."""
        result: tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]] = (
            self.simulation.step(action)
        )
        return result

    def mujoco_parts(self) -> tuple[mujoco.MjModel, mujoco.MjData]:
        """Return Meta-World's simulation."""
        return self.simulation.model, self.simulation.data

    def camera(self) -> mujoco.MjvCamera:
        """Return a camera that has the arm's hand and the table in view."""
        camera = mujoco.MjvCamera()
        camera.lookat[:] = (0.0, 0.65, 0.15)
        camera.distance, camera.azimuth, camera.elevation = 1.4, 145.0, -30.0
        return camera

    def goal_markers(self) -> list[GoalMarker]:
        """Return the goal that the observation shows."""
        x, y, z = self.simulation._target_pos.tolist()
        return [GoalMarker(position=(x, y, z), radius=0.025)]

    def close(self) -> None:
        """Free Meta-World's renderer."""
        self.simulation.close()

    def _restore(self) -> None:
        """Make the simulation what it was after its construction."""
        env = self.simulation
        attributes = vars(env)
        # Cleared: attributes that an episode added must go too.
        attributes.clear()
        attributes.update({name: _detached(value) for name, value in self._attributes.items()})
        for name, value in self._moved.items():
            getattr(env.model, name)[:] = value
        mujoco.mj_resetData(env.model, env.data)
        mujoco.mj_forward(env.model, env.data)


def _detached(value: Any) -> Any:
    """Copy what an episode may write in place; views into MuJoCo's memory stay views."""
    if isinstance(value, np.ndarray):
        return value.copy() if value.base is None else value
    if isinstance(value, dict):
        return {key: _detached(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_detached(entry) for entry in value]
    return value

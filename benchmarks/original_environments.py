"""The environments that task sets are made after, as installed, to compare step costs."""

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
import gymnasium_robotics
import numpy as np
import numpy.typing as npt


class Original:
    """An environment without the wrappers of `gymnasium.make`, which would only slow it down.

    Args:
        name: Name for the table.
        env: Bare environment.
    """

    def __init__(self, name: str, env: Any) -> None:
        self.name = name
        self._env = env

    def reset(self) -> None:
        """Start an episode, always of the same seed."""
        self._env.reset(seed=0)

    def step(self, action: npt.NDArray[np.float32]) -> bool:
        """Run a step under `action`, [A], and return whether the episode is over."""
        _, _, terminated, truncated, _ = self._env.step(action)
        return bool(terminated or truncated)


def original_of(task_set_id: str, task_name: str) -> Original | None:
    """Return the environment that a task is made after, or None where none is installed."""
    for beginning, make in _MAKERS.items():
        if task_set_id.startswith(beginning):
            return make(task_name)
    return None


def _metaworld(task_name: str) -> Original:
    from metaworld.env_dict import ALL_V3_ENVIRONMENTS  # noqa: PLC0415  (slow to import)

    env: Any = ALL_V3_ENVIRONMENTS[f"{task_name}-v3"](reward_function_version="v2")
    # What Meta-World's `set_task` does for a task with a visible goal.
    env._set_task_called = True
    env._partially_observable = False
    env._freeze_rand_vec = False
    env.max_path_length = np.inf
    return Original(f"Meta-World {task_name}-v3", env)


def _gymnasium(env_id: str, **options: Any) -> Callable[[str], Original]:
    def make(task_name: str) -> Original:
        del task_name
        gymnasium.register_envs(gymnasium_robotics)
        return Original(env_id, gymnasium.make(env_id, **options).unwrapped)

    return make


_MAKERS: Mapping[str, Callable[[str], Original]] = {
    "MetaWorld": _metaworld,
    "MazeLarge": _gymnasium("PointMaze_LargeDense-v3", continuing_task=False),
    "Walker2d": _gymnasium("Walker2d-v5"),
    "Kitchen": _gymnasium("FrankaKitchen-v1", tasks_to_complete=["microwave", "kettle"]),
}
"""Beginning of a task set's id -> what makes the original of a task by its name."""

"""One task's environment as the samplers see it: time limit, episode statistics, exact resuming.

`ResumableEnv` is what a task set writes for a task; `TaskEnv` is the one Python layer over it.
Resuming replays: the wrapper keeps the random generator's state at the episode's reset and the
actions since, so that every Python and MuJoCo attribute comes back bit for bit, whatever the
simulator hides. This rests on the two rules of a `ResumableEnv`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, SupportsFloat

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.envs.registration import EnvSpec

from environments.resumable_env import Action, Observation, ResumableEnv

__all__ = ["INFO_KEYS", "Action", "Observation", "ResumableEnv", "TaskEnv"]

INFO_KEYS: tuple[str, ...] = (
    "success",
    "any_subgoal",
    "episode_return",
    "episode_success",
    "episode_any_subgoal",
    "episode_length",
)
"""Keys of the info of `TaskEnv.reset` and `TaskEnv.step`, in this order; all floats."""

_WORD = (1 << 64) - 1
"""The low 64 bits: PCG64's two numbers have 128, more than an array's entry holds."""


class TaskEnv(gymnasium.Wrapper[Observation, Action, Observation, Action]):
    """Wrapper that adds the time limit, `INFO_KEYS` and exact resuming to a `ResumableEnv`.

    It never resets by itself. Actions are cast to float32, so that what is replayed is what was
    run.
    """

    def __init__(self, env: ResumableEnv, max_episode_steps: int) -> None:
        """Wrap `env`; an episode is truncated after `max_episode_steps` (>= 1) steps."""
        super().__init__(env)
        if max_episode_steps < 1:
            raise ValueError(f"max_episode_steps must be at least 1, got {max_episode_steps}")
        self.max_episode_steps = max_episode_steps
        action_shape = env.action_space.shape
        assert action_shape is not None
        self._raw = env
        self._step = env.step
        self._actions: Action = np.zeros((max_episode_steps, *action_shape), dtype=np.float32)
        self._generator_at_reset: npt.NDArray[np.uint64] | None = None
        self._observation: Observation = np.empty(0)
        self._over = True
        self._length = 0
        self._return = 0.0
        self._success = 0.0
        self._any_subgoal = 0.0

    @property
    def spec(self) -> EnvSpec | None:  # type: ignore[override]
        """The task's own spec: the task set's entry point already makes this wrapper."""
        return self._raw.spec

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode.

        Args:
            seed: Seed of a new run of the task: everything random follows from it. None goes on
                with the present random stream (the first call then takes fresh entropy).
            options: With `{"same_run": True}`, what all episodes of the run share (such as a list
                of goals) stays, and only the episodes from here on follow from the seed.

        Returns:
            Observation, [O], and info (`INFO_KEYS`, all zero).
        """
        raw = self._raw
        if seed is not None and raw._run_begun and options and options.get("same_run"):
            raw.begin_episodes(seed)
        elif seed is not None or not raw._run_begun:
            raw.begin_run(seed)
        self._generator_at_reset = _pack_generator(raw.np_random)
        self._length = 0
        self._return = self._success = self._any_subgoal = 0.0
        self._observation = raw.begin_episode()
        self._over = False
        return self._observation, dict.fromkeys(INFO_KEYS, 0.0)

    def step(
        self, action: npt.NDArray[np.floating[Any]]
    ) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Step the task.

        Args:
            action: Action, meant to lie in [-1, 1]. Shape [A].

        Returns:
            Observation, [O], reward (float), terminated, truncated (time limit; may be true
            together with terminated), and info (`INFO_KEYS`).

        Raises:
            RuntimeError: The episode is over or was never started.
            ValueError: The action has another shape or is not finite.
        """
        if self._over:
            raise RuntimeError("the episode is over or was never started: call reset() first")
        length = self._length
        stored = self._actions[length]
        if np.shape(action) != stored.shape:
            raise ValueError(f"expected an action of shape {stored.shape}, got {np.shape(action)}")
        # Kept before it is checked: one that is refused is overwritten by the next one.
        stored[:] = action
        # The sum of squares is not finite where an entry is not, and costs one call.
        if not math.isfinite(stored.dot(stored)):
            raise ValueError(f"the action is not finite: {stored.tolist()}")
        observation, raw_reward, terminated, _, raw_info = self._step(stored)
        reward = float(raw_reward)
        success = float(raw_info["success"])
        any_subgoal = float(raw_info.get("any_subgoal", success))
        self._length = length = length + 1
        self._return += reward
        self._success = max(self._success, success)
        self._any_subgoal = max(self._any_subgoal, any_subgoal)
        truncated = length >= self.max_episode_steps
        terminated = bool(terminated)
        self._over = terminated or truncated
        self._observation = observation
        info = {
            "success": success,
            "any_subgoal": any_subgoal,
            "episode_return": self._return,
            "episode_success": self._success,
            "episode_any_subgoal": self._any_subgoal,
            "episode_length": float(length),
        }
        return observation, reward, terminated, truncated, info

    def rewards_of_all_tasks(self) -> npt.NDArray[np.float64] | None:
        """Return the reward that every task would have given for the last step, [T].

        None where no relabelling is defined (see `ResumableEnv.rewards_of_all_tasks`).
        """
        return self._raw.rewards_of_all_tasks()

    def get_state(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return all that `set_state` needs to come back here exactly, in any process.

        Returns:
            `generator`, uint64 [6] (PCG64 at the episode's reset), `run`, float64 (what all
            episodes share), `actions`, float32 [episode length, A], and to check the replay
            `observation`, float64 [O], and `statistics`, float64 [4].

        Raises:
            RuntimeError: There has been no reset yet.
        """
        if self._generator_at_reset is None:
            raise RuntimeError("there is no state before the first reset(): call reset() first")
        return {
            "generator": self._generator_at_reset.copy(),
            "run": self._raw.get_run_state(),
            "actions": self._actions[: self._length].copy(),
            "observation": np.array(self._observation),
            "statistics": self._statistics(),
        }

    def set_state(self, state: Mapping[str, np.ndarray[Any, Any]]) -> Observation:
        """Come back to where `get_state` was called, by replaying the episode.

        Args:
            state: What `get_state` returned, of the same task of the same task set.

        Returns:
            The observation at that point, equal bit for bit to the saved one, [O].

        Raises:
            ValueError: The state is not of this task, or the replay does not end in the saved
                observation (another simulator version or machine).
        """
        missing = {"generator", "run", "actions", "observation", "statistics"} - set(state)
        if missing:
            raise ValueError(f"the environment's state lacks {sorted(missing)}")
        actions = state["actions"]
        if actions.shape[1:] != self._actions.shape[1:] or len(actions) > len(self._actions):
            raise ValueError(
                f"the state's actions have shape {actions.shape}; this task takes at most "
                f"{self._actions.shape}"
            )
        raw = self._raw
        raw.set_run_state(np.array(state["run"], dtype=np.float64))
        raw.np_random = _unpack_generator(state["generator"])
        # Without a seed: the generator goes on from where it was put back, and the run stays.
        self.reset()
        for action in np.array(actions, dtype=np.float32):
            self.step(action)
        same_observation = np.array_equal(self._observation, state["observation"], equal_nan=True)
        if not same_observation or not np.array_equal(self._statistics(), state["statistics"]):
            raise ValueError(
                f"replaying {len(actions)} actions did not lead to the saved observation: the "
                "state comes from another task, another version of the simulator or another "
                "kind of processor"
            )
        return self._observation

    def _statistics(self) -> npt.NDArray[np.float64]:
        return np.array([self._return, self._success, self._any_subgoal, self._length])


def _pack_generator(generator: np.random.Generator) -> npt.NDArray[np.uint64]:
    """Return a PCG64 generator's state as six 64-bit words."""
    state = generator.bit_generator.state
    if state["bit_generator"] != "PCG64":
        raise TypeError(f"np_random must be a PCG64 generator, got {state['bit_generator']}")
    value, increment = state["state"]["state"], state["state"]["inc"]
    words = [value >> 64, value & _WORD, increment >> 64, increment & _WORD]
    return np.array([*words, state["has_uint32"], state["uinteger"]], dtype=np.uint64)


def _unpack_generator(words: npt.NDArray[np.uint64]) -> np.random.Generator:
    """Return the generator that `_pack_generator` described."""
    value_high, value_low, inc_high, inc_low, has_uint32, uinteger = (int(w) for w in words)
    bit_generator = np.random.PCG64()
    bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": value_high << 64 | value_low, "inc": inc_high << 64 | inc_low},
        "has_uint32": has_uint32,
        "uinteger": uinteger,
    }
    return np.random.Generator(bit_generator)

"""Records lock steps of T tasks, and cuts them into the episodes of one garage EpisodeBatch."""

from typing import Any

import numpy as np
import numpy.typing as npt

from environments.task_env import INFO_KEYS
from learning.garage_bridge.env_infos import REWARDS_OF_ALL_TASKS, TASK_ID
from learning.garage_bridge.garage_compat import EnvSpec, EpisodeBatch, StepType
from learning.samplers.vector_environment import VectorStep

# Plain ints index the table of members: NumPy is slow at making numbers of members.
_FIRST, _MID, _TERMINAL, _TIMEOUT = (int(kind) for kind in StepType)
_STEP_TYPES = np.array(list(StepType), dtype=object)
_EPISODE_LENGTH = INFO_KEYS.index("episode_length")


class EpisodeRecorder:
    """Arrays [T, n, ...] for n lock steps, filled a lock step at a time.

    The task axis is first, so that the batch, which goes task after task, needs no copy.

    Args:
        env_spec: garage's spec, with observations of size O + T.
        n_tasks: T.
        n_steps: Lock steps n.
    """

    def __init__(self, env_spec: EnvSpec, n_tasks: int, n_steps: int) -> None:
        size = env_spec.observation_space.flat_dim
        shape = (n_tasks, n_steps)
        self._env_spec = env_spec
        self._shape = shape
        self._observations = np.empty((*shape, size), np.float32)
        self._actions = np.empty((*shape, env_spec.action_space.flat_dim), np.float32)
        self._rewards = np.empty(shape, np.float32)
        self._terminated = np.empty(shape, np.bool_)
        self._truncated = np.empty(shape, np.bool_)
        self._infos = np.empty((*shape, len(INFO_KEYS)), np.float64)
        self._agent_infos: dict[str, npt.NDArray[Any]] = {}
        self._rewards_of_all_tasks: npt.NDArray[np.float32] | None = None
        # Filled only where some episode ends, and at the last lock step.
        self._last_observations = np.empty_like(self._observations)

    def record(
        self,
        index: int,
        *,
        observations: npt.NDArray[np.float32],
        actions: npt.NDArray[np.float32],
        agent_infos: dict[str, npt.NDArray[Any]],
        step: VectorStep,
        any_done: bool,
    ) -> None:
        """Copy a lock step.

        Args:
            index: Which of the n lock steps.
            observations: What the policy saw, [T, O + T].
            actions: Actions, [T, A].
            agent_infos: Arrays [T, ...], the same keys at every lock step.
            step: What the environments gave.
            any_done: Whether some episode ended.

        Raises:
            ValueError: The keys of `agent_infos` have changed.
        """
        self._observations[:, index] = observations
        self._actions[:, index] = actions
        self._rewards[:, index] = step.rewards
        self._terminated[:, index] = step.terminated
        self._truncated[:, index] = step.truncated
        self._infos[:, index] = step.infos
        if index == 0:
            self._agent_infos = {
                key: np.empty((*self._shape, *value.shape[1:]), value.dtype)
                for key, value in agent_infos.items()
            }
        if agent_infos.keys() != self._agent_infos.keys():
            raise ValueError(
                f"the policy's infos were {sorted(self._agent_infos)} and are now "
                f"{sorted(agent_infos)}; they must be the same at every step"
            )
        for key, value in agent_infos.items():
            self._agent_infos[key][:, index] = value
        if step.rewards_of_all_tasks.size:
            if self._rewards_of_all_tasks is None:
                n_tasks = len(step.rewards_of_all_tasks)
                self._rewards_of_all_tasks = np.empty((*self._shape, n_tasks), np.float32)
            self._rewards_of_all_tasks[:, index] = step.rewards_of_all_tasks
        if any_done or index == self._shape[1] - 1:
            size = step.next_observations.shape[1]
            self._last_observations[:, index, :size] = step.next_observations
            self._last_observations[:, index, size:] = observations[:, size:]

    def episodes(self) -> EpisodeBatch:
        """Cut what was recorded at the episodes' ends and at the end of the record.

        Returns:
            The batch, task after task. Its arrays are this recorder's, which is thereby spent.
        """
        tasks, steps = self._shape
        done = self._terminated | self._truncated
        kinds = np.where(self._infos[:, :, _EPISODE_LENGTH] == 1.0, _FIRST, _MID)
        kinds[self._truncated] = _TIMEOUT
        kinds[self._terminated] = _TERMINAL  # wins over the time limit
        # After the kinds: the end of the record is no end of an episode.
        done[:, -1] = True
        ends = np.flatnonzero(done)
        columns = _flat(self._infos).T.copy()
        env_infos = dict(zip(INFO_KEYS, columns, strict=True))
        env_infos[TASK_ID] = np.repeat(np.arange(tasks), steps)
        if self._rewards_of_all_tasks is not None:
            env_infos[REWARDS_OF_ALL_TASKS] = _flat(self._rewards_of_all_tasks)
        return EpisodeBatch(
            env_spec=self._env_spec,
            episode_infos={},
            observations=_flat(self._observations),
            last_observations=_flat(self._last_observations)[ends],
            actions=_flat(self._actions),
            rewards=_flat(self._rewards),
            env_infos=env_infos,
            agent_infos={key: _flat(value) for key, value in self._agent_infos.items()},
            step_types=_STEP_TYPES[_flat(kinds)],
            lengths=np.diff(ends, prepend=-1),
        )


def _flat(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """[T, n, ...] as [T * n, ...]."""
    return values.reshape(-1, *values.shape[2:])

"""Deterministic evaluation episodes of all tasks, in lock step."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from environments.task_env import INFO_KEYS
from learning.garage_bridge.task_one_hot import observations_with_one_hots
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.samplers.finite_actions import require_finite_actions
from learning.samplers.vector_environment import VectorEnvironment

_RETURN = INFO_KEYS.index("episode_return")
_SUCCESS = INFO_KEYS.index("episode_success")
_ANY_SUBGOAL = INFO_KEYS.index("episode_any_subgoal")
_LENGTH = INFO_KEYS.index("episode_length")


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvaluatedEpisodes:
    """What E episodes of every task gave.

    Attributes:
        returns: Sum of the rewards as the environment gave them, shape [T, E].
        success: 1 where the task was accomplished at any step, shape [T, E].
        any_subgoal: 1 where some sub-goal was reached at any step, shape [T, E].
        lengths: Steps, shape [T, E].
        acted: Steps of task i in which policy j acted, shape [T, T].
    """

    returns: npt.NDArray[np.float64]
    success: npt.NDArray[np.float64]
    any_subgoal: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int64]
    acted: npt.NDArray[np.int64]


def evaluate_episodes(
    policy: TaskBatchedPolicy,
    environment: VectorEnvironment,
    *,
    n_episodes: int,
    seeds: list[int],
    random: np.random.Generator,
) -> EvaluatedEpisodes:
    """Run ``n_episodes`` of every task with the policy's mean actions.

    Args:
        policy: Any policy of all tasks; it acts from ``random`` and forgets the evaluation.
        environment: Environments that training does not use; what all their episodes share (such
            as a list of goals) stays as it is.
        n_episodes: Episodes E of each task.
        seeds: One a task, that the episodes follow from.
        random: What the policy draws from (a mixture may).
    """
    n_tasks = environment.n_tasks
    tasks = np.arange(n_tasks)
    size = environment.observations.shape[1]
    observations = observations_with_one_hots(n_tasks, size)
    episodes = np.zeros((len(INFO_KEYS), n_tasks, n_episodes))
    done = np.zeros(n_tasks, dtype=np.int64)
    acted = np.zeros((n_tasks, n_tasks), dtype=np.int64)
    environment.reset(seeds, same_run=True)
    with policy.acting_apart(random):
        policy.reset()
        while (active := done < n_episodes).any():
            observations[:, :size] = environment.observations
            # For finished tasks too, so that the others' draws do not depend on who has finished.
            _, agent_infos = policy.get_actions(observations)
            require_finite_actions(agent_infos["mean"], environment.task_set.task_names)
            step = environment.step(agent_infos["mean"], active)
            # Each task is there once, so that no entry is met twice.
            acted[tasks[active], agent_infos["acting_policy"][active]] += 1
            ended = np.flatnonzero(active & (step.terminated | step.truncated))
            if ended.size:
                episodes[:, ended, done[ended]] = step.infos[ended].T
                done[ended] += 1
                resets = np.zeros(n_tasks, dtype=bool)
                resets[ended] = True
                policy.reset(resets)
    return EvaluatedEpisodes(
        returns=episodes[_RETURN],
        success=episodes[_SUCCESS],
        any_subgoal=episodes[_ANY_SUBGOAL],
        lengths=episodes[_LENGTH].astype(np.int64),
        acted=acted,
    )

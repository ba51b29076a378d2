"""The evaluation of a run: when, of whom, and what of it goes into the log.

Own policies under ``Evaluation/``; the mixture, where there is one, under ``EvaluationMixture/``
with the same environments, seeds and goals. Everything random comes from streams named after the
epoch, so evaluation needs no snapshot and leaves training as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from environments import TaskSet
from learning.evaluation.lock_step_episodes import EvaluatedEpisodes, evaluate_episodes
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.samplers.vector_environment import VectorEnvironment
from learning.streams import numpy_stream, stream_seed


class Evaluator:
    """Runs evaluations, and makes columns of them.

    Args:
        task_set: The task set, for names and sub-goals.
        environment: Environments of its own, made for evaluation.
        run_seeds: The seeds of training's environments, so that evaluation has the goals that
            belong to the run.
        policies: Who is evaluated: prefix of the columns -> policy.
        n_episodes: Episodes a task and policy.
        seed: The run's seed.

    Attributes:
        n_episodes: Episodes a task and policy.
    """

    def __init__(
        self,
        *,
        task_set: TaskSet,
        environment: VectorEnvironment,
        run_seeds: Sequence[int],
        policies: Mapping[str, TaskBatchedPolicy],
        n_episodes: int,
        seed: int,
    ) -> None:
        self._task_set = task_set
        self._environment = environment
        environment.reset(run_seeds)
        self._policies = policies
        self.n_episodes = n_episodes
        self._seed = seed

    def evaluate(self, epoch: int) -> dict[str, EvaluatedEpisodes]:
        """Return the episodes of an epoch's evaluation, prefix -> episodes; the first's own."""
        return {prefix: self.run_episodes(each, epoch) for prefix, each in self._policies.items()}

    def run_episodes(self, policy: TaskBatchedPolicy, epoch: int) -> EvaluatedEpisodes:
        """Run the episodes of an epoch's evaluation with any policy."""
        names = self._task_set.task_names
        return evaluate_episodes(
            policy,
            self._environment,
            n_episodes=self.n_episodes,
            seeds=[stream_seed(self._seed, f"evaluation/{name}", epoch) for name in names],
            random=numpy_stream(self._seed, "evaluation/acting", epoch),
        )

    def columns(self, evaluated: Mapping[str, EvaluatedEpisodes]) -> dict[str, float]:
        """Return the columns of an evaluation; of one that was not due, {}, NaN in every column."""
        columns: dict[str, float] = {}
        for prefix in self._policies:
            columns |= self._columns_of(prefix, evaluated.get(prefix))
        return columns

    def close(self) -> None:
        """Close the environments."""
        self._environment.close()

    def _columns_of(self, prefix: str, episodes: EvaluatedEpisodes | None) -> dict[str, float]:
        measures: dict[str, npt.NDArray[np.float64] | None] = {
            "SuccessRate": None if episodes is None else episodes.success,
            "AverageReturn": None if episodes is None else episodes.returns,
        }
        if self._task_set.has_subgoals:
            measures["AnySubgoalRate"] = None if episodes is None else episodes.any_subgoal
        columns: dict[str, float] = {}
        for measure, values in measures.items():
            columns[f"{prefix}/{measure}"] = np.nan if values is None else float(values.mean())
            for task, name in enumerate(self._task_set.task_names):
                mean = np.nan if values is None else float(values[task].mean())
                columns[f"{prefix}/{name}/{measure}"] = mean
        return columns

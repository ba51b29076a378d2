"""The evaluation of a run: when, of whom, and what of it goes into the log.

Own policies under ``Evaluation/``; the mixture, where there is one, under ``EvaluationMixture/``
with the same environments, seeds and goals. Everything random comes from streams named after the
epoch, so evaluation needs no snapshot and leaves training as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from dowel import tabular

from environments import TaskSet
from learning.evaluation.lock_step_episodes import EvaluatedEpisodes, evaluate_episodes
from learning.logging.phase_clock import PhaseClock
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.samplers.vector_environment import VectorEnvironment
from learning.streams import numpy_stream, stream_seed

OnEpisodes = Callable[[int, str, EvaluatedEpisodes], None]
"""Takes the epoch, the prefix of the policy's columns, and the episodes."""


class Evaluator:
    """Evaluates every ``frequency`` epochs and at the end.

    Args:
        task_set: The task set, for names and sub-goals.
        environment: Environments of its own.
        run_seeds: The seeds of training's environments, so that evaluation has the same goals.
        policies: Who is evaluated: prefix of the log's keys -> policy. The first one's return is
            the evaluation's.
        n_episodes: Episodes a task and policy.
        frequency: Epochs from one evaluation to the next.
        n_epochs: Epochs of the run; the last is always evaluated.
        seed: The run's seed.

    Attributes:
        n_episodes: Episodes a task and policy.
        on_episodes: Called with each evaluation's episodes.
        clock: Told when evaluation begins and ends.
    """

    on_episodes: OnEpisodes | None = None
    clock: PhaseClock | None = None

    def __init__(
        self,
        *,
        task_set: TaskSet,
        environment: VectorEnvironment,
        run_seeds: Sequence[int],
        policies: dict[str, TaskBatchedPolicy],
        n_episodes: int,
        frequency: int,
        n_epochs: int,
        seed: int,
    ) -> None:
        self._task_set = task_set
        self._environment = environment
        environment.reset(run_seeds)
        self._policies = policies
        self.n_episodes = n_episodes
        self._frequency = frequency
        self._n_epochs = n_epochs
        self._seed = seed

    def evaluate(self, epoch: int, *, due: bool | None = None) -> float:
        """Evaluate if this epoch is due, and record every key in any case.

        Args:
            epoch: Epochs done before this one.
            due: Whether to evaluate; None: by frequency, and at the run's end.

        Returns:
            Average return of the first policy; NaN where the epoch was not due.
        """
        if due is None:
            due = (epoch + 1) % self._frequency == 0 or epoch + 1 == self._n_epochs
        if self.clock is not None:
            self.clock.enter("Evaluate")
        returns = []
        for prefix, policy in self._policies.items():
            episodes = self.run_episodes(policy, epoch) if due else None
            self._record(prefix, episodes)
            if episodes is not None:
                returns.append(float(episodes.returns.mean()))
                if self.on_episodes is not None:
                    self.on_episodes(epoch, prefix, episodes)
        if self.clock is not None:
            self.clock.enter("Rest")
        return returns[0] if returns else np.nan

    def run_episodes(self, policy: TaskBatchedPolicy, epoch: int) -> EvaluatedEpisodes:
        """Run the episodes of an epoch's evaluation with any policy; nothing is recorded."""
        names = self._task_set.task_names
        return evaluate_episodes(
            policy,
            self._environment,
            n_episodes=self.n_episodes,
            seeds=[stream_seed(self._seed, f"evaluation/{name}", epoch) for name in names],
            random=numpy_stream(self._seed, "evaluation/acting", epoch),
        )

    def close(self) -> None:
        """Close the environments."""
        self._environment.close()

    def _record(self, prefix: str, episodes: EvaluatedEpisodes | None) -> None:
        columns: dict[str, npt.NDArray[np.float64] | None] = {
            "SuccessRate": None if episodes is None else episodes.success,
            "AverageReturn": None if episodes is None else episodes.returns,
        }
        if self._task_set.has_subgoals:
            columns["AnySubgoalRate"] = None if episodes is None else episodes.any_subgoal
        for column, values in columns.items():
            tabular.record(f"{prefix}/{column}", np.nan if values is None else values.mean())
            for task, name in enumerate(self._task_set.task_names):
                mean = np.nan if values is None else values[task].mean()
                tabular.record(f"{prefix}/{name}/{column}", mean)

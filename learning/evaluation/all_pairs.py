"""Evaluates every policy on every task: T rounds of the own policies' evaluation.

In round k policy (i + k) mod T acts for task i, so that each round asks every network about one
observation, as the evaluation of the own policies does. Round 0 is that evaluation, to the last
bit; after T rounds every pair has had its episodes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from learning.evaluation.evaluator import Evaluator
from learning.evaluation.pair_results import MixtureResults, PairResults
from learning.policies.mixture_policy import MixturePolicy
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.policies.task_rows import TaskRows


class ShiftedPolicies(TaskBatchedPolicy):
    """Task i acts with policy (i + shift) mod T.

    Args:
        policies: The tasks' own policies.
        shift: How many tasks further on.
    """

    def __init__(self, policies: TanhGaussianPolicies, shift: int) -> None:
        super().__init__(policies.env_spec, n_tasks=policies.n_tasks, random=policies.random)
        self.policies = policies
        self._shift = shift

    def _act(self, rows: TaskRows) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        # Row p holds task p - shift's observations, for policy p; rolled back, row i is task i's.
        observations = rows.observations(self.device).roll(self._shift, dims=0)
        mean, log_std = (values.roll(-self._shift, 0) for values in self.policies(observations))
        actions = torch.tanh(mean + log_std.exp() * self._noise(mean.shape))
        acting = (self._own(rows.batch_size) + self._shift) % self.n_tasks
        return actions, {"mean": torch.tanh(mean), "acting_policy": acting}


def evaluate_pairs(
    policies: TanhGaussianPolicies,
    mixture: MixturePolicy | None,
    evaluator: Evaluator,
    *,
    task_names: tuple[str, ...],
    epoch: int,
    on_round: Callable[[int, int], None] = lambda done, total: None,
) -> PairResults:
    """Evaluate all pairs and the mixture, all with the same environments, seeds and goals.

    Args:
        policies: The tasks' own policies, in the state of ``epoch``.
        mixture: The mixture that gathered data; None where there is none.
        evaluator: Runs the episodes.
        task_names: The tasks' names.
        epoch: The epoch after which this is.
        on_round: Called after each round with the rounds done and to be done; many tasks take long.
    """
    n_tasks = policies.n_tasks
    tasks = np.arange(n_tasks)
    returns, success = np.empty((2, n_tasks, n_tasks))
    for shift in range(n_tasks):
        episodes = evaluator.run_episodes(ShiftedPolicies(policies, shift), epoch)
        acting = (tasks + shift) % n_tasks
        returns[tasks, acting] = episodes.returns.mean(axis=1)
        success[tasks, acting] = episodes.success.mean(axis=1)
        on_round(shift + 1, n_tasks)
    of_mixture = None
    if mixture is not None:
        episodes = evaluator.run_episodes(mixture, epoch)
        of_mixture = MixtureResults(
            returns=episodes.returns.mean(axis=1),
            success=episodes.success.mean(axis=1),
            acted=episodes.acted,
        )
    return PairResults(
        task_names=task_names,
        epoch=epoch,
        n_episodes=evaluator.n_episodes,
        returns=returns,
        success=success,
        mixture=of_mixture,
    )

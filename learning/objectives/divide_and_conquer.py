"""Divide and conquer (DnC): the tasks' policies are held together by their divergences.

Ghosh et al., ICLR 2018, arXiv 1711.09874, as the baseline of QMP (arXiv 2302.00671) has it on SAC:

    loss_i += beta * sum over j != i of  mean KL(pi_j || pi_i)

with the Gaussians before the tanh, the mean over observations of all tasks and over action
dimensions; the gradient passes into pi_i alone.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from learning.architectures.sharing import Sharing
from learning.objectives.distillation import Distillation
from learning.objectives.divide_and_conquer_options import DivideAndConquerOptions
from learning.objectives.objective import Objective, ObjectiveParts
from learning.options import OptionGroup
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_batch import TransitionBatch
from learning.snapshots.state import State


class DivideAndConquer(Objective):
    """Regularization, and distillation from time to time.

    Args:
        parts: What it is built from.
        options: Its own `Options`.
    """

    Options: ClassVar[type[OptionGroup]] = DivideAndConquerOptions
    options: DivideAndConquerOptions

    def __init__(self, parts: ObjectiveParts, options: DivideAndConquerOptions) -> None:
        super().__init__(parts, options)
        # As many of each task's observations, so that together they are about a task's batch.
        self._n_observations = max(1, parts.batch_size // parts.task_set.n_tasks)
        self._distillation: Distillation | None = None
        if options.distillation_period is not None:
            self._distillation = Distillation(
                parts,
                period=options.distillation_period,
                n_steps=options.distillation_n_epochs,
                batch_size=self._n_observations,
            )

    @classmethod
    def problem_with(cls, options: OptionGroup, *, policy: Sharing, critics: Sharing) -> str | None:
        """See :meth:`Objective.problem_with`."""
        del critics
        assert isinstance(options, DivideAndConquerOptions)
        if policy == "everything":
            return "all tasks have one policy already; choose multihead or separate"
        if options.distillation_period is not None and policy != "nothing":
            return (
                f"distillation_period = {options.distillation_period}: a distillation sets every "
                "policy to one centroid, which needs policies that share nothing; choose separate"
            )
        return None

    def policy_penalty(
        self, policies: TanhGaussianPolicies, batch: TransitionBatch
    ) -> torch.Tensor | None:
        """See :meth:`Objective.policy_penalty`."""
        if not self.options.kl_coeff:
            return None
        # The first ones are a task's own, where data is shared.
        some = batch.observations[:, : self._n_observations].flatten(0, 1)
        mean, log_std = policies.ask_all(some)
        return self.options.kl_coeff * sum_of_divergences(mean, log_std)

    def end_epoch(
        self, epoch: int, policies: TanhGaussianPolicies, replay_buffer: MultiTaskReplayBuffer
    ) -> None:
        """See :meth:`Objective.end_epoch`."""
        if self._distillation is not None:
            self._distillation.end_epoch(epoch, policies, replay_buffer)

    def get_state(self) -> State:
        """Return the distillation's state, if there is one."""
        state = State()
        if self._distillation is not None:
            state.put("distillation", self._distillation.get_state())
        return state

    def set_state(self, state: State) -> None:
        """See :meth:`Objective.set_state`."""
        if self._distillation is not None:
            self._distillation.set_state(state.part("distillation"))


def sum_of_divergences(mean: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
    """Return for each policy i the sum over j of mean KL(pi_j || pi_i), shape [T].

    The policies j are constants; j = i adds zero.

    Args:
        mean: Means before the tanh, shape [T, N, A].
        log_std: Logarithms of the standard deviations, shape [T, N, A].
    """
    precision = torch.exp(-2.0 * log_std)
    n_tasks = len(mean)
    # The sum over j of the formula for Gaussians needs only moments over j of the constants:
    # KL(j || i) = ls_i - ls_j + (var_j + (m_j - m_i)^2) / (2 var_i) - 1/2.
    # About their centre, since far from zero the squares would cancel.
    mean = mean - mean.detach().mean(dim=0)
    constant_mean, constant_log_std = mean.detach(), log_std.detach()
    second = (torch.exp(2.0 * constant_log_std) + constant_mean.square()).sum(dim=0)
    first = constant_mean.sum(dim=0)
    squares = second - 2.0 * mean * first + n_tasks * mean.square()
    sums = n_tasks * (log_std - 0.5) - constant_log_std.sum(dim=0) + 0.5 * precision * squares
    return sums.mean(dim=(1, 2))

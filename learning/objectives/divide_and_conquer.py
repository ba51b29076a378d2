"""Divide and conquer (DnC): the tasks' policies are held together by their divergences.

Ghosh et al., ICLR 2018, arXiv 1711.09874, as the baseline of QMP (arXiv 2302.00671) has it on SAC:

    loss_i += beta * sum over j != i of  mean KL(pi_j || pi_i)

with the Gaussians before the tanh, the mean over observations of all tasks and over action
dimensions; the gradient passes into pi_i alone.
"""

from __future__ import annotations

import torch

from learning.objectives.distillation import Distillation
from learning.objectives.objective import Objective
from learning.policies.tanh_gaussian import split_mean_log_std
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_layout import TransitionBatch
from learning.snapshots.state import State


class DivideAndConquer(Objective):
    """Regularization, and distillation from time to time.

    Args:
        kl_coeff: Weight beta of the divergences; 0: none.
        n_observations: Observations of each task that the policies are compared at, B // T; at
            most the batch's.
        distillation: See :class:`Distillation`; None: there is none.
    """

    def __init__(
        self, *, kl_coeff: float, n_observations: int, distillation: Distillation | None = None
    ) -> None:
        self._kl_coeff = kl_coeff
        self._n_observations = n_observations
        self._distillation = distillation

    def policy_penalty(
        self, policies: TanhGaussianPolicies, batch: TransitionBatch
    ) -> torch.Tensor | None:
        """See :meth:`Objective.policy_penalty`."""
        if not self._kl_coeff:
            return None
        some = batch.observations[:, : self._n_observations].flatten(0, 1)
        mean, log_std = split_mean_log_std(policies.architecture.ask_all(some))
        return self._kl_coeff * sum_of_divergences(mean, log_std)

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

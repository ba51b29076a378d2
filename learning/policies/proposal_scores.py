"""What the tasks' critics think of every policy's proposals, all pairs in one pass."""

from __future__ import annotations

import torch

from learning.policies.mixture_policy import Proposals
from learning.policies.q_switch_options import Score
from learning.q_functions.twin_critics import TwinCritics


def proposal_scores(critics: TwinCritics, proposals: Proposals, score: Score) -> torch.Tensor:
    """Return the value of every proposal by the critic of its task, shape [P, T, B].

    Entry [j, i] is Q_i(s_i, policy j's action at s_i).

    Args:
        critics: The tasks' critics.
        proposals: What every policy proposes for every task.
        score: Which critic at which action.
    """
    if score == "mean_q1":
        observations, candidates = _pairs(proposals, score)
        return _by_policy(critics.first(observations, candidates), proposals)
    return critics.trusted(twin_scores(critics, proposals, score))


def twin_scores(critics: TwinCritics, proposals: Proposals, score: Score) -> torch.Tensor:
    """Return both critics' values of every proposal, shape [2, P, T, B]; arguments as above."""
    values = critics(*_pairs(proposals, score))
    return torch.stack([_by_policy(each, proposals) for each in values])


def confident_choice(critics: TwinCritics, proposals: Proposals, score: Score) -> torch.Tensor:
    """Return whose policy acts, int64 [T, B]: another one only where the critics do not doubt it.

    Policy j may act for task i where min over the critics of Q_i(s, a_j) is above max over the
    critics of Q_i(s, a_i); among those that may, the largest minimum wins. Where critics disagree
    by more than the proposals differ, the task acts for itself. This is ours: QMP names sharing
    too much under noisy critics as its open weakness.

    Args:
        critics: The tasks' critics.
        proposals: What every policy proposes for every task.
        score: "sampled_min": values of the samples; else of the mean actions.
    """
    values = twin_scores(critics, proposals, score)
    pessimistic, optimistic = values.amin(dim=0), values.amax(dim=0)
    own = torch.arange(pessimistic.shape[1], device=pessimistic.device)
    own_optimistic = optimistic[own, own]
    best, chosen = pessimistic.max(dim=0)
    # Strict: at a tie the task acts for itself.
    return torch.where(best > own_optimistic, chosen, own.unsqueeze(1))


def _pairs(proposals: Proposals, score: Score) -> tuple[torch.Tensor, torch.Tensor]:
    """Observations and actions [T, P * B, ...]: task i's critic sees all proposals for task i."""
    actions = proposals.samples if score == "sampled_min" else proposals.means
    n_policies, n_tasks, batch_size, action_size = actions.shape
    # [P, T, ...] to [T, P, ...]: row i is critic i's, and in it policy j's proposal for task i.
    candidates = actions.transpose(0, 1).reshape(n_tasks, n_policies * batch_size, action_size)
    observations = (
        proposals.observations.unsqueeze(1)
        .expand(-1, n_policies, -1, -1)
        .reshape(n_tasks, n_policies * batch_size, -1)
    )
    return observations, candidates


def _by_policy(values: torch.Tensor, proposals: Proposals) -> torch.Tensor:
    """[T, P * B] as [P, T, B]."""
    n_policies, n_tasks, batch_size, _ = proposals.means.shape
    return values.view(n_tasks, n_policies, batch_size).transpose(0, 1)

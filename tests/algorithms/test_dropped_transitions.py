"""A transition of weight 0 is as good as absent: updates against a loop that really drops it."""

import numpy as np
import pytest
import torch

from learning.objectives.divide_and_conquer import DivideAndConquer
from learning.replay.transition_batch import TransitionBatch
from tests.algorithms.batches import make_batch
from tests.small_learner import (
    ACTION_SIZE,
    N_TASKS,
    make_critics,
    make_objective,
    make_policies,
    make_sac,
)

N_OWN, N_COLUMNS = 4, 12


def draw_weights(rng, *, in_pairs):
    """Own transitions first; of the others pairs of neighbours are dropped where ``in_pairs``."""
    weights = np.ones((N_TASKS, N_COLUMNS))
    for task in range(N_TASKS):
        dropped = rng.permutation(np.arange(N_OWN, N_COLUMNS, 2))[: 1 + task]
        weights[task, dropped] = 0.0
        if in_pairs:
            weights[task, dropped + 1] = 0.0
    return torch.tensor(weights, dtype=torch.float32)


def make(actor_steps, with_dnc):
    options = {"actor_steps": actor_steps}
    if with_dnc:
        # Of each task two observations.
        options["objective"] = make_objective(
            DivideAndConquer, kl_coeff=0.3, batch_size=2 * N_TASKS
        )
    return make_sac(make_policies(), make_critics(), **options)


def update(sac, batch, noise, monkeypatch):
    """One update with noise [2, T, B, A], of which each transition's own stands in its column."""
    if sac._options.actor_steps > 1:
        # An update reads the policies' noise step after step.
        steps = [
            noise[1][:, step :: sac._options.actor_steps]
            for step in range(sac._options.actor_steps)
        ]
        noise = torch.stack((noise[0], torch.cat(steps, dim=1)))
    with monkeypatch.context() as patch:
        patch.setattr(torch, "randn", lambda *args, **kwargs: noise)
        losses = sac.optimize_policy(batch)
    sac._update_targets()
    return torch.stack(losses)


def columns_of(batch, columns):
    fields = ("observations", "actions", "next_observations", "rewards", "terminated")
    return TransitionBatch(**{name: getattr(batch, name)[:, columns] for name in fields})


# Not DnC with two steps: the second sees what the others' first did, which here is on other data.
@pytest.mark.parametrize(("actor_steps", "with_dnc"), [(1, False), (1, True), (2, False)])
def test_weights_equal_dropping(actor_steps, with_dnc, monkeypatch):
    rng = np.random.default_rng(actor_steps)
    # Dropped in pairs, so that what is left is dealt out to the two steps as before.
    weights = draw_weights(rng, in_pairs=actor_steps == 2)
    batch = make_batch(rng, N_COLUMNS, weights)
    noise = torch.tensor(rng.normal(size=(2, N_TASKS, N_COLUMNS, ACTION_SIZE)), dtype=torch.float32)
    ours = make(actor_steps, with_dnc)
    losses = update(ours, batch, noise, monkeypatch)
    for task in range(N_TASKS):
        kept = torch.nonzero(weights[task]).squeeze(1)
        assert N_OWN <= len(kept) < N_COLUMNS
        # Of this update only row `task` is of interest, and the others' own transitions, at which
        # DnC compares the policies.
        theirs = make(actor_steps, with_dnc)
        expected = update(theirs, columns_of(batch, kept), noise[:, :, kept], monkeypatch)
        torch.testing.assert_close(losses[:, task], expected[:, task], rtol=1e-5, atol=1e-6)
        # Gradients tell more than the weights, whose first step by Adam is that of their signs.
        tensors = [
            [sac.log_alpha, *sac.policy.parameters(), *sac.critics.parameters()]
            for sac in (ours, theirs)
        ]
        for mine, yours in zip(*tensors, strict=True):
            rows = slice(task, None, N_TASKS)
            torch.testing.assert_close(mine.grad[rows], yours.grad[rows], rtol=1e-4, atol=1e-6)
            torch.testing.assert_close(mine[rows], yours[rows], rtol=1e-4, atol=1e-5)

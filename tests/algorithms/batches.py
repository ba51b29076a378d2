"""A random batch of every task, for the tests."""

import torch

from learning.replay.transition_batch import TransitionBatch
from tests.small_learner import ACTION_SIZE, N_TASKS, OBSERVATION_SIZE


def make_batch(rng, batch_size=8, weights=None):
    def normal(*shape):
        return torch.tensor(rng.normal(size=(N_TASKS, batch_size, *shape)), dtype=torch.float32)

    return TransitionBatch(
        observations=normal(OBSERVATION_SIZE),
        actions=normal(ACTION_SIZE).tanh(),
        next_observations=normal(OBSERVATION_SIZE),
        rewards=normal(),
        terminated=(normal() > 0.8).float(),
        weights=weights,
    )

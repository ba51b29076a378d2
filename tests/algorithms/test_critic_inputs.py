"""The critics' inputs are copied once, and asked again with other actions in the same memory."""

import numpy as np
import pytest
import torch

from tests.algorithms.batches import make_batch
from tests.small_learner import ACTION_SIZE, N_TASKS, make_critics


@pytest.fixture
def batch():
    return make_batch(np.random.default_rng(0))


@pytest.mark.parametrize("name", ["separate", "shared", "multihead", "decaf"])
def test_values_of_inputs_are_those_of_observations_and_actions(name, batch):
    critics = make_critics(name=name)
    inputs = critics.inputs(batch.observations, batch.actions)
    values = critics.values(inputs)
    assert values.shape == (2, N_TASKS, 8)
    pairs = torch.cat((batch.observations, batch.actions), dim=-1)
    for group in range(2):
        assert torch.equal(inputs[group], pairs)
        rows = critics.architecture(torch.cat((pairs, pairs)))
        torch.testing.assert_close(values[group].flatten(), rows.view(2, -1)[group])
    assert torch.equal(values, critics(batch.observations, batch.actions))
    first = critics.first(batch.observations, batch.actions)
    torch.testing.assert_close(first, values[0])


@pytest.mark.parametrize("part", [slice(None), slice(0, 8, 2), slice(1, 8, 2), slice(2, 7, 3)])
def test_other_actions_have_the_values_and_gradients_of_a_copy(part, batch):
    """Of all columns, or of some that are dealt out; the others stay as they were."""
    critics = make_critics()
    inputs = critics.inputs(batch.observations, batch.actions)
    before = inputs.clone()
    observations = batch.observations[:, part]
    actions = torch.linspace(-1, 1, observations[..., 0].numel() * ACTION_SIZE)
    actions = actions.view(*observations.shape[:2], ACTION_SIZE).requires_grad_()
    asked = critics.with_actions(inputs[:, :, part], actions)
    values = critics.values(asked)
    expected = critics(observations, actions)
    torch.testing.assert_close(values, expected)
    (ours,) = torch.autograd.grad(values.amin(dim=0).sum(), actions)
    (theirs,) = torch.autograd.grad(expected.amin(dim=0).sum(), actions)
    torch.testing.assert_close(ours, theirs)
    # In the same memory, in these columns and nowhere else.
    assert asked.data_ptr() == inputs[:, :, part].data_ptr()
    assert not inputs.requires_grad
    rest = torch.ones(8, dtype=torch.bool)
    rest[part] = False
    assert torch.equal(inputs[:, :, rest], before[:, :, rest])
    assert torch.equal(inputs[..., :-ACTION_SIZE], before[..., :-ACTION_SIZE])

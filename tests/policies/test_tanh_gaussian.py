"""Log-probabilities equal garage's TanhNormal."""

import numpy as np
import pytest
import torch

from learning.garage_bridge.garage_compat import TanhNormal
from learning.policies.policy_options import PolicyOptions
from learning.policies.tanh_gaussian import sample_with_log_prob, split_mean_log_std
from tests.small_learner import N_TASKS, OBSERVATION_SIZE, make_policies


def test_log_prob_and_gradient_equal_garage():
    generator = torch.Generator().manual_seed(0)
    mean = (2 * torch.randn(3, 7, 4, generator=generator)).requires_grad_()
    log_std = torch.randn(3, 7, 4, generator=generator).requires_grad_()
    noise = torch.randn(3, 7, 4, generator=generator)
    actions, log_prob = sample_with_log_prob(mean, log_std, noise)
    ours = torch.autograd.grad(log_prob.sum(), (mean, log_std))

    pre_tanh = mean + log_std.exp() * noise
    distribution = TanhNormal(mean, log_std.exp())
    expected = distribution.log_prob(torch.tanh(pre_tanh), pre_tanh_value=pre_tanh)
    theirs = torch.autograd.grad(expected.sum(), (mean, log_std))
    torch.testing.assert_close(actions, torch.tanh(pre_tanh))
    torch.testing.assert_close(log_prob, expected, rtol=1e-5, atol=1e-5)
    for gradient, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(gradient, other, rtol=1e-4, atol=1e-4)


def test_log_prob_by_hand():
    """One number: z = 0.5 + 2 * 1 = 2.5; log N = -0.5 - log 2 - log sqrt(2 pi)."""
    one = torch.ones(1)
    actions, log_prob = sample_with_log_prob(0.5 * one, np.log(2.0) * one, one)
    expected = -0.5 - np.log(2) - 0.5 * np.log(2 * np.pi) - np.log(1 - np.tanh(2.5) ** 2 + 1e-6)
    np.testing.assert_allclose(actions.item(), np.tanh(2.5), rtol=1e-6)
    np.testing.assert_allclose(log_prob.item(), expected, rtol=1e-5)


def test_log_std_is_bounded():
    mean, log_std = split_mean_log_std(torch.tensor([[5.0, -7.0, -30.0, 9.0]]))
    assert mean.tolist() == [[5.0, -7.0]]
    assert log_std.tolist() == [[-20.0, 2.0]]


def test_log_std_is_squashed_onto_its_range_by_tanh():
    outputs = torch.tensor([[0.0, 1.0, -30.0, 0.0, 0.5, 30.0]])
    mean, log_std = split_mean_log_std(outputs, "tanh")
    assert mean.tolist() == [[0.0, 1.0, -30.0]]
    expected = [-9.0, -20.0 + 11.0 * (np.tanh(0.5) + 1.0), 2.0]
    np.testing.assert_allclose(log_std[0], expected, rtol=1e-6)
    # An untrained policy, whose outputs are about zero, has this standard deviation.
    assert log_std[0, 0].exp().item() == pytest.approx(1.234e-4, rel=1e-3)


@pytest.mark.parametrize("bound", ["clamp", "tanh"])
def test_every_way_to_ask_the_policies_bounds_alike(bound):
    policies = make_policies(options=PolicyOptions(log_std_bound=bound))
    observations = torch.randn(N_TASKS, 5, OBSERVATION_SIZE)
    outputs = policies.architecture(observations)
    for asked, expected in zip(policies(observations), policies.split(outputs), strict=True):
        torch.testing.assert_close(asked, expected)
    _, log_stds = policies.propose(observations)
    _, of_all = policies.ask_all(observations.flatten(0, 1))
    torch.testing.assert_close(log_stds.flatten(1, 2), of_all)
    own = torch.arange(N_TASKS)
    torch.testing.assert_close(log_stds[own, own], policies(observations)[1])

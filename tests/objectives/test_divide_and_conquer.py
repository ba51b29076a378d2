"""DnC's regularization against torch.distributions, pair by pair, and in a whole update."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from learning.objectives.divide_and_conquer import DivideAndConquer, sum_of_divergences
from tests.algorithms.batches import make_batch
from tests.algorithms.slow_sac import SlowSAC, assert_same_networks, noise_of
from tests.small_learner import (
    N_TASKS,
    make_critics,
    make_objective,
    make_policies,
    make_sac,
)


def make_dnc(policies=None, *, n_observations, **options):
    """DnC that compares so many of each task's observations: B // T."""
    batch_size = N_TASKS * n_observations
    return make_objective(DivideAndConquer, policies, batch_size=batch_size, **options)


def slow_divergences(mean, log_std, task):
    """Sum over j of mean KL(pi_j || pi_task), pi_j constants."""
    own = Normal(mean[task], log_std[task].exp())
    total = 0.0
    for other in range(len(mean)):
        if other != task:
            constant = Normal(mean[other].detach(), log_std[other].exp().detach())
            total = total + kl_divergence(constant, own).mean()
    return total


@pytest.mark.parametrize("offset", [0.0, 50.0])
def test_divergences_and_gradients_equal_torch_pair_by_pair(offset):
    generator = torch.Generator().manual_seed(0)
    mean = (offset + torch.randn(4, 7, 2, generator=generator)).requires_grad_()
    log_std = torch.randn(4, 7, 2, generator=generator).requires_grad_()
    ours = sum_of_divergences(mean, log_std)
    assert ours.shape == (4,)
    for task in range(4):
        slow = slow_divergences(mean, log_std, task)
        torch.testing.assert_close(ours[task], slow, rtol=1e-4, atol=1e-4)
        gradients = torch.autograd.grad(ours[task], (mean, log_std), retain_graph=True)
        expected = torch.autograd.grad(slow, (mean, log_std))
        for gradient, slow_gradient in zip(gradients, expected, strict=True):
            torch.testing.assert_close(gradient, slow_gradient, rtol=1e-3, atol=1e-4)
            assert gradient[task].abs().sum() > 0
            assert gradient[[j for j in range(4) if j != task]].abs().sum() == 0


def test_equal_policies_pay_nothing():
    mean = torch.ones(3, 5, 2)
    torch.testing.assert_close(sum_of_divergences(mean, 0.3 * mean), torch.zeros(3))


def slow_penalty(kl_coeff, n_observations):
    def penalty(slow, task, observations):
        everywhere = torch.cat([observations[i, :n_observations] for i in range(N_TASKS)])
        found = [slow.distribution(i, everywhere) for i in range(N_TASKS)]
        mean = torch.stack([each.mean for each in found])
        log_std = torch.stack([each.stddev.log() for each in found])
        return kl_coeff * slow_divergences(mean, log_std, task)

    return penalty


@pytest.mark.parametrize("policy", ["separate", "multihead"])
@pytest.mark.parametrize("actor_steps", [1, 2])
def test_updates_equal_the_slow_ones(policy, actor_steps):
    def make(objective):
        options = {"actor_steps": actor_steps, **objective}
        return make_sac(make_policies(name=policy), make_critics(), **options)

    sac = make({"objective": make_dnc(kl_coeff=0.5, n_observations=2)})
    slow = SlowSAC(make({}), penalty=slow_penalty(0.5, 2))
    without = make({})
    rng = np.random.default_rng(0)
    for _ in range(2):
        batch = make_batch(rng)
        noise = noise_of(sac, batch)
        sac.optimize_policy(batch)
        sac._update_targets()
        without.optimize_policy(batch)
        slow.update(batch, noise, actor_steps=actor_steps)
    assert_same_networks(sac, slow.sac)
    pairs = zip(sac.policy.parameters(), without.policy.parameters(), strict=True)
    assert any(not torch.allclose(*pair, atol=1e-3) for pair in pairs)


def test_at_most_the_batchs_observations_are_compared():
    """A share of an actor step may hold fewer than B // T."""
    policies, batch = make_policies(), make_batch(np.random.default_rng(0), 2)
    few = make_dnc(kl_coeff=1.0, n_observations=2).policy_penalty(policies, batch)
    many = make_dnc(kl_coeff=1.0, n_observations=9).policy_penalty(policies, batch)
    torch.testing.assert_close(few, many)
    longer = make_batch(np.random.default_rng(1), 6)
    observations = torch.cat((batch.observations, longer.observations), dim=1)
    longer = dataclasses.replace(longer, observations=observations)
    first = make_dnc(kl_coeff=1.0, n_observations=2).policy_penalty(policies, longer)
    torch.testing.assert_close(first, few)
    # Of a batch smaller than T there is one of each task.
    one = make_objective(DivideAndConquer, kl_coeff=1.0, batch_size=N_TASKS - 1)
    expected = make_dnc(kl_coeff=1.0, n_observations=1).policy_penalty(policies, longer)
    torch.testing.assert_close(one.policy_penalty(policies, longer), expected)
    assert not torch.allclose(expected, few)


def test_without_a_coefficient_nothing_is_computed():
    dnc = make_dnc(kl_coeff=0.0, n_observations=2)
    assert dnc.policy_penalty(make_policies(), make_batch(np.random.default_rng(0))) is None

"""Which loss trains what of CARE, how targets follow, and that the policies' copies are copies."""

import copy

import numpy as np
import pytest
import torch

from learning.algorithms.algorithm_state import get_algorithm_state, set_algorithm_state
from learning.config.resolving import resolve
from learning.experiment.parameter_counts import count_parameters
from learning.objectives.pcgrad import PCGrad
from tests.algorithms.batches import make_batch
from tests.algorithms.slow_sac import SlowSAC, assert_same_networks, noise_of
from tests.small_learner import N_TASKS
from tests.state_encoders.encoders import CONTEXTS, TRUNKS, make_encoded_sac, part_of

TRUNKS_OF_POLICIES = [name for name in TRUNKS if name != "decaf"]
CARE_TAU, TAU = 0.3, 0.05


def named(network):
    return dict(network.architecture.named_parameters())


def check_copies(sac):
    """The policies' experts and context are the critics'; the attention is their own."""
    ours, theirs = named(sac.policy), named(sac.critics)
    for name, parameter in ours.items():
        if name.startswith("encoder."):
            is_copy = part_of(name) in ("context", "experts")
            assert torch.equal(parameter, theirs[name]) == is_copy, name
            assert parameter.requires_grad != is_copy


class SlowCareSAC(SlowSAC):
    """An update whose policies' copies and targets are written out, parameter by parameter."""

    def step(self, optimizer, loss):
        super().step(optimizer, loss)
        if optimizer is self.optimizers[0]:
            with torch.no_grad():
                for name, parameter in named(self.sac.policy).items():
                    if part_of(name) in ("context", "experts"):
                        parameter.copy_(named(self.sac.critics)[name])

    def update(self, batch, noise, actor_steps=1):
        before = copy.deepcopy(self.sac.target_critics.state_dict())
        losses = super().update(batch, noise, actor_steps)
        self.sac.target_critics.load_state_dict(before)
        rates = {"context": 1.0, "experts": CARE_TAU, "attention": CARE_TAU, "trunk": TAU}
        with torch.no_grad():
            for name, target in named(self.sac.target_critics).items():
                rate, online = rates[part_of(name)], named(self.sac.critics)[name]
                target.copy_((1 - rate) * target + rate * online)
        return losses


@pytest.mark.parametrize("gradient", ["attention", "trunk_only"])
@pytest.mark.parametrize("context", CONTEXTS)
def test_updates_equal_the_slow_ones(context, gradient):
    def make():
        options = {"care_target_update_tau": CARE_TAU, "care_context_gradient": gradient}
        return make_encoded_sac(**options | CONTEXTS[context])

    sac, slow = make(), SlowCareSAC(make(), tau=TAU)
    rng = np.random.default_rng(0)
    check_copies(sac)
    for _ in range(3):
        batch = make_batch(rng)
        noise = noise_of(sac, batch)
        losses, *_ = sac.optimize_policy(batch)
        sac._update_targets()
        slow_losses = slow.update(batch, noise)
        torch.testing.assert_close(losses, torch.stack(slow_losses).detach(), rtol=1e-4, atol=1e-4)
        check_copies(sac)
    assert_same_networks(sac, slow.sac)
    for name, target in named(sac.target_critics).items():
        is_online = torch.equal(target, named(sac.critics)[name])
        assert is_online == (part_of(name) == "context"), name


@pytest.mark.parametrize("gradient", ["attention", "trunk_only"])
def test_which_loss_gives_which_parameter_a_gradient(gradient):
    sac = make_encoded_sac(care_context_gradient=gradient)
    batch = make_batch(np.random.default_rng(0))
    sac.optimize_policy(batch)
    # What the two backward passes left: the critics' is not overwritten by the policies'.
    for name, parameter in named(sac.critics).items():
        assert parameter.grad.abs().sum() > 0, name
    for name, parameter in named(sac.policy).items():
        if part_of(name) in ("context", "experts"):
            assert parameter.grad is None, name
        else:
            assert parameter.grad.abs().sum() > 0, name
    assert all(parameter.grad is None for parameter in sac.target_critics.parameters())


def test_the_attention_trains_the_context_or_does_not():
    """A trunk that is blind to the context leaves it the way through the attention alone."""
    reached = {}
    for gradient in ("attention", "trunk_only"):
        sac = make_encoded_sac(care_context_gradient=gradient)
        critics = sac.critics.architecture
        with torch.no_grad():
            # [z_enc, z_ctx, action]: five numbers of each of the first two.
            critics.trunk.trunk.layers[0].weight[:, 5:10] = 0.0
        batch = make_batch(np.random.default_rng(0))
        sac.critics(batch.observations, batch.actions).square().sum().backward()
        context = critics.encoder.context.parameters()
        reached[gradient] = [bool(each.grad.abs().sum() > 0) for each in context]
        assert all(each.grad.abs().sum() > 0 for each in critics.encoder.attention.parameters())
        assert all(each.grad.abs().sum() > 0 for each in critics.encoder.experts.parameters())
    assert all(reached["attention"])
    assert not any(reached["trunk_only"])


@pytest.mark.parametrize("pcgrad", [False, True])
@pytest.mark.parametrize("trunk", TRUNKS_OF_POLICIES)
def test_any_trunk_trains_behind_the_encoder_and_goes_on_where_it_was(trunk, pcgrad):
    objective = {"objective": PCGrad} if pcgrad else {}
    sac, other = (make_encoded_sac(trunk, **objective) for _ in range(2))
    rng = np.random.default_rng(0)
    batches = [make_batch(rng) for _ in range(3)]
    before = copy.deepcopy(sac.critics.state_dict())
    for batch in batches[:2]:
        sac.losses = sac.optimize_policy(batch)
        sac._update_targets()
    assert all(torch.isfinite(losses).all() for losses in sac.losses)
    after = sac.critics.state_dict()
    encoder = [key for key in before if ".encoder." in key]
    assert encoder
    assert all(not torch.equal(before[key], after[key]) for key in encoder)
    assert any(not torch.equal(before[key], after[key]) for key in before if ".trunk." in key)

    set_algorithm_state(other, get_algorithm_state(sac))
    other.objective.set_state(sac.objective.get_state())
    check_copies(other)
    for each in (sac, other):
        each.optimize_policy(batches[2])
        each._update_targets()
    first, second = (get_algorithm_state(each).arrays for each in (sac, other))
    assert first.keys() == second.keys()
    assert not any("policy/architecture.encoder.context" in key for key in first if "opt" in key)
    for key, array in first.items():
        np.testing.assert_array_equal(second[key], array, err_msg=key)


def test_policies_that_differ_from_the_critics_and_weighing_critics():
    sac = make_encoded_sac("separate", "decaf")
    sac.losses = sac.optimize_policy(make_batch(np.random.default_rng(0)))
    assert all(torch.isfinite(losses).all() for losses in sac.losses)
    check_copies(sac)


def test_copies_are_made_in_place():
    """The sampler and the optimizer hold these very parameters."""
    sac = make_encoded_sac()
    before = {name: parameter.data_ptr() for name, parameter in named(sac.policy).items()}
    sac.optimize_policy(make_batch(np.random.default_rng(0)))
    assert before == {name: each.data_ptr() for name, each in named(sac.policy).items()}
    sent = sac.policy.get_param_values()
    assert all(f"architecture.{name}" in sent for name in before)


def test_precision_bf16_trains():
    sac = make_encoded_sac(sac={"precision": "bf16"})
    exact = make_encoded_sac()
    batch = make_batch(np.random.default_rng(0))
    ours, theirs = (torch.stack(each.optimize_policy(batch)) for each in (sac, exact))
    torch.testing.assert_close(ours, theirs, rtol=0.05, atol=0.05)
    assert not torch.equal(ours, theirs)
    check_copies(sac)


def test_numbers_of_parameters_of_the_papers():
    """Trunks of PTSL's paper: its README calls them the same size."""
    attention = 2 * 51 * 50 + 51 * 4
    care = count_parameters(resolve("care", "MetaWorldMT10-v2"))
    care_ptsl = count_parameters(resolve("care_ptsl", "MetaWorldMT10-v2"))
    assert care.policies - attention == 364_408
    assert care_ptsl.policies - attention == 366_926
    # Both critics have one encoder: experts of 39 inputs, embeddings of 384 numbers.
    context = 385 * 100 + 101 * 50 + 3 * 51 * 50
    experts = 4 * (40 * 50 + 51 * 50)
    trunk = 105 * 400 + 2 * 401 * 400 + 401
    assert care.critics == 2 * trunk + context + experts + attention
    assert care.n_tasks == 10 != N_TASKS

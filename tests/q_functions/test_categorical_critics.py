"""Categorical critics: values, targets and losses against a loop, and who uses which number."""

import numpy as np
import pytest
import torch

from learning.policies.proposal_scores import confident_choice, proposal_scores, twin_scores
from learning.q_functions.categorical_critics import CategoricalCritics
from learning.q_functions.critic_options import CriticOptions
from learning.replay.uds import CDS
from tests.algorithms.batches import make_batch
from tests.policies.test_q_switch import propose
from tests.q_functions.test_projection import slow_project
from tests.small_learner import (
    ACTION_SIZE,
    N_TASKS,
    OBSERVATION_SIZE,
    SmallTaskSet,
    make_architecture,
    make_critics,
    make_data_sharing,
    make_policies,
    make_replay_buffer,
)

ATOMS = 11
OPTIONS = {"critic": "categorical", "critic_atoms": ATOMS, "return_bound": 2.0}
PLACES = np.linspace(-2.0, 2.0, ATOMS)


def slow_probabilities(critics, group, task, observation, action):
    """Of one critic and one sample, the other tasks asked with zeros."""
    inputs = torch.zeros(2 * N_TASKS, 1, OBSERVATION_SIZE + ACTION_SIZE)
    row = group * N_TASKS + task
    inputs[row, 0] = torch.cat((observation, action))
    logits = critics.architecture(inputs)[row, 0].double()
    shifted = torch.exp(logits - logits.max())
    return (shifted / shifted.sum()).detach().numpy()


@pytest.mark.parametrize("name", ["separate", "multihead", "shared"])
@torch.no_grad()
def test_values_are_means_and_losses_cross_entropies(name):
    critics, target = make_critics(name=name, **OPTIONS), make_critics(5, name, **OPTIONS)
    batch = make_batch(np.random.default_rng(0), batch_size=4)
    next_actions = batch.actions.flip(1)
    penalty, factor = torch.rand(N_TASKS, 4), 0.9 * (1.0 - batch.terminated)
    values = critics(batch.observations, batch.actions)
    first = critics.first(batch.observations, batch.actions)
    targets = critics.targets(
        target.ahead(batch.next_observations, next_actions), penalty, batch.rewards, factor
    )
    errors = critics.errors(critics.inputs(batch.observations, batch.actions), targets)
    assert (values.shape, targets.shape) == ((2, N_TASKS, 4), (N_TASKS, 4, ATOMS))
    assert batch.terminated.any()
    for task in range(N_TASKS):
        for at in range(4):
            ahead = sum(
                slow_probabilities(
                    target, group, task, batch.next_observations[task, at], next_actions[task, at]
                )
                for group in range(2)
            )
            r, f, p = (float(each[task, at]) for each in (batch.rewards, factor, penalty))
            goal = slow_project([r + f * (z - p) for z in PLACES], ahead / 2.0, PLACES)
            np.testing.assert_allclose(targets[task, at], goal, atol=1e-5)
            for group in range(2):
                said = slow_probabilities(
                    critics, group, task, batch.observations[task, at], batch.actions[task, at]
                )
                assert float(values[group, task, at]) == pytest.approx(said @ PLACES, abs=1e-5)
                loss = -sum(g * np.log(s) for g, s in zip(goal, said, strict=True))
                assert float(errors[group, task, at]) == pytest.approx(loss, abs=1e-4)
    torch.testing.assert_close(first, values[0])
    torch.testing.assert_close(critics.trusted(values), values.mean(dim=0))


def test_the_gradient_of_the_loss_is_what_is_said_less_what_is_to_be_learned():
    critics = make_critics(**OPTIONS)
    batch = make_batch(np.random.default_rng(0), batch_size=4)
    inputs = critics.inputs(batch.observations, batch.actions)
    targets = torch.rand(N_TASKS, 4, ATOMS, generator=torch.Generator().manual_seed(0)).softmax(-1)
    seen = {}

    def keep(module, asked, logits):
        logits.retain_grad()
        seen["logits"] = logits

    critics.architecture.register_forward_hook(keep)
    critics.errors(inputs, targets).sum().backward()
    logits = seen["logits"]
    expected = logits.softmax(dim=-1).view(2, N_TASKS, 4, ATOMS) - targets
    torch.testing.assert_close(logits.grad.view_as(expected), expected, atol=1e-6, rtol=1e-5)


@torch.no_grad()
def test_bf16_rounds_the_network_and_not_the_mean():
    critics = make_critics(**OPTIONS)
    batch = make_batch(np.random.default_rng(0))
    exact = critics(batch.observations, batch.actions)
    with torch.autocast("cpu", torch.bfloat16):
        rough = critics(batch.observations, batch.actions)
        logits = critics.architecture(
            critics.inputs(batch.observations, batch.actions).flatten(0, 1)
        )
    assert rough.dtype == torch.float32
    atoms = torch.tensor(PLACES, dtype=torch.float32)
    means = (logits.softmax(dim=-1) * atoms).sum(dim=-1)
    torch.testing.assert_close(rough, means.view_as(rough))
    assert not torch.equal(rough, exact), "bf16 changed nothing: it is not in use"
    torch.testing.assert_close(rough, exact, atol=0.05, rtol=0.05)


@torch.no_grad()
def test_the_q_switch_compares_means():
    policies, critics = make_policies(), make_critics(**OPTIONS)
    observations = torch.randn(N_TASKS, 5, 4, generator=torch.Generator().manual_seed(7))
    proposals = propose(policies, observations)
    twins = twin_scores(critics, proposals, "mean_min")
    torch.testing.assert_close(proposal_scores(critics, proposals, "mean_q1"), twins[0])
    torch.testing.assert_close(proposal_scores(critics, proposals, "mean_min"), twins.mean(dim=0))
    for policy in range(N_TASKS):
        values = critics(observations, proposals.means[policy])
        torch.testing.assert_close(twins[:, policy], values)
    own = torch.arange(N_TASKS)
    doubted = twins.amin(dim=0) > twins.amax(dim=0)[own, own]
    chosen = confident_choice(critics, proposals, "mean_min")
    for task in range(N_TASKS):
        for at in range(5):
            others = [int(policy) for policy in own if doubted[policy, task, at]]
            best = max(others, key=lambda j: twins[:, j, task, at].min(), default=task)
            assert chosen[task, at] == best


def test_cds_keeps_what_the_means_are_above():
    task_set = SmallTaskSet(min_reward=(-1.0,) * N_TASKS)
    sharing = make_data_sharing(CDS, task_set=task_set, sharing_quantile=0.5)
    buffer, critics = make_replay_buffer(), make_critics(**OPTIONS)
    rng = np.random.default_rng(0)
    for task in range(N_TASKS):
        buffer.add_rows(task, rng.normal(size=(20, 12)).astype(np.float32))
    batch = sharing.draw(buffer, critics, 8, torch.device("cpu"))
    with torch.no_grad():
        means = critics.first(batch.observations, batch.actions)
    threshold = torch.quantile(means[:, :8], 0.5, dim=1, keepdim=True)
    torch.testing.assert_close(batch.weights[:, 8:], (means > threshold).float()[:, 8:])
    assert 0 < batch.weights[:, 8:].sum() < batch.weights[:, 8:].numel()


def test_a_network_with_other_outputs_is_refused():
    architecture = make_architecture(6, (1,), n_groups=2, n_blocks=2)
    with pytest.raises(ValueError, match=r"two groups with outputs \(11,\), not 2 groups"):
        CategoricalCritics(architecture, CriticOptions(**OPTIONS))

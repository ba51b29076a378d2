"""A learned task embedding: what networks see, and whose losses train it."""

import numpy as np
import pytest
import torch

from environments import TaskKnowledge
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.table import ARCHITECTURES
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions.critic_options import CriticOptions
from learning.q_functions.making import make_critics
from learning.state_encoders.encoded import EncodedArchitecture
from learning.state_encoders.state_encoder import StateEncoderSpec
from learning.state_encoders.task_embedding import TaskEmbeddingEncoder
from learning.state_encoders.task_embedding_options import TaskEmbeddingOptions
from tests.algorithms.batches import make_batch
from tests.small_learner import (
    ACTION_SIZE,
    N_TASKS,
    OBSERVATION_SIZE,
    make_names,
    make_sac,
    make_spec,
)

SIZE = 5
TASKS = TaskKnowledge(names=make_names(N_TASKS))


def make_encoder(seed=0):
    spec = StateEncoderSpec(
        n_tasks=N_TASKS,
        observation_size=OBSERVATION_SIZE,
        options=TaskEmbeddingOptions(task_embedding_size=SIZE),
        tasks=TASKS,
    )
    return TaskEmbeddingEncoder(spec, torch.Generator().manual_seed(seed))


def make_encoded(kind, n_blocks, outputs, seed=0):
    member = ARCHITECTURES["shared"]
    is_policy = kind == "policy"
    spec = ArchitectureSpec(
        n_tasks=N_TASKS,
        n_groups=1 if is_policy else 2,
        input_size=OBSERVATION_SIZE if is_policy else OBSERVATION_SIZE + ACTION_SIZE,
        output_sizes=outputs,
        initializer="orthogonal",
        options=member.options(hidden_sizes=(16,)),
        tasks=TASKS,
        n_blocks=n_blocks,
    )
    generator = torch.Generator().manual_seed(seed)
    return EncodedArchitecture(
        spec, generator, encoder=make_encoder(seed), trunk=member.load(), is_policy=is_policy
    )


def make_brc():
    """One network of policies and one of each critic for all tasks, told the task so."""
    options = CriticOptions(critic="categorical", critic_atoms=11, return_bound=2.0)
    critics = make_critics(make_encoded("critics", 2, (11,), seed=2), options)
    policy = make_encoded("policy", 1, (ACTION_SIZE, ACTION_SIZE))
    policies = TanhGaussianPolicies(make_spec(), policy, random=np.random.default_rng(0))
    return make_sac(policies, critics)


def test_a_task_sees_its_unit_vector_beside_the_state():
    encoder = make_encoder()
    observations = torch.randn(N_TASKS, 6, OBSERVATION_SIZE)
    encoded = encoder(observations)
    assert encoded.shape == (N_TASKS, 6, OBSERVATION_SIZE + SIZE)
    assert encoder.output_size == OBSERVATION_SIZE + SIZE
    for task in range(N_TASKS):
        vector = encoder.vectors[task, 0]
        unit = vector / torch.sqrt((vector * vector).sum())
        for at in range(6):
            expected = torch.cat((observations[task, at], unit))
            torch.testing.assert_close(encoded[task, at], expected)


def test_a_tasks_loss_reaches_its_own_vector_and_does_not_lengthen_it():
    encoder = make_encoder()
    encoder(torch.zeros(N_TASKS, 6, OBSERVATION_SIZE))[1, :, -SIZE].sum().backward()
    gradients = encoder.vectors.grad[:, 0]
    assert gradients[[0, 2]].abs().sum() == 0
    assert gradients[1].abs().sum() > 0
    along = (gradients[1] * encoder.vectors[1, 0]).sum()
    assert along.item() == pytest.approx(0.0, abs=1e-5)


def test_the_critics_losses_alone_train_it():
    sac = make_brc()
    ours = sac.critics.architecture.encoder.vectors
    copied = sac.policy.architecture.encoder.vectors
    target = sac.target_critics.architecture.encoder.vectors
    assert torch.equal(ours, copied), "the policies begin with the critics'"
    before = ours.detach().clone()
    batch = make_batch(np.random.default_rng(0))
    sac.optimize_policy(batch)
    assert (ours != before).flatten(1).any(dim=1).all()
    assert torch.equal(copied, ours)
    assert not copied.requires_grad
    assert torch.equal(target, before)
    sac._update_targets()
    torch.testing.assert_close(target, 0.95 * before + 0.05 * ours)


def test_one_network_acts_for_each_task_in_its_own_way():
    sac = make_brc()
    states = torch.randn(7, OBSERVATION_SIZE, generator=torch.Generator().manual_seed(0))
    means, _ = sac.policy.ask_all(states)
    alone, _ = sac.policy(states.expand(N_TASKS, 7, -1))
    torch.testing.assert_close(means, alone)
    assert (means[0] - means[1]).abs().max() > 1e-3

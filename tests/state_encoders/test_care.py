"""CARE's encoder against its definition, sample by sample and expert by expert; and PCGrad."""

import copy
import itertools

import numpy as np
import pytest
import torch

from environments import TaskKnowledge
from learning.errors import ConfigError
from learning.state_encoders.care import CareEncoder
from learning.state_encoders.care_options import CareOptions
from learning.state_encoders.state_encoder import StateEncoderSpec
from tests.architectures.members import check_pcgrad
from tests.small_learner import ACTION_SIZE, N_TASKS, OBSERVATION_SIZE, make_names
from tests.state_encoders.encoders import (
    CONTEXTS,
    EMBEDDINGS,
    TRUNKS,
    make_encoded,
    make_encoder,
    part_of,
)

GATES = ("soft", "top2")
GRADIENTS = ("attention", "trunk_only")


def slow_perceptron(perceptron, hidden):
    """Linear layers with a ReLU after all but the last."""
    for index, layer in enumerate(perceptron.layers):
        hidden = layer.weight[0].T @ hidden + layer.bias[0, 0]
        if index < len(perceptron.layers) - 1:
            hidden = torch.relu(hidden)
    return hidden


def slow_shares(encoder, context):
    """What a task takes of each expert."""
    options = encoder.spec.options
    if options.care_context_gradient == "trunk_only":
        context = context.detach()
    exponentials = slow_perceptron(encoder.attention, context).exp()
    shares = list(exponentials / exponentials.sum())
    if options.care_gate == "top2":
        second = sorted(shares)[-2].item()
        shares = [share if share.item() >= second else 0.0 * share for share in shares]
    return shares


def slow_encoding(encoder, task, state):
    """[z_enc, z_ctx] of one state."""
    width = encoder.spec.options.care_width
    context = slow_perceptron(
        encoder.context.perceptron, torch.relu(encoder.context.embedding[task])
    )
    shares = slow_shares(encoder, context)
    first, second = encoder.experts.first, encoder.experts.second
    encoded = 0.0
    for expert, share in enumerate(shares):
        units = slice(expert * width, (expert + 1) * width)
        hidden = torch.relu(first.weight[0, :, units].T @ state + first.bias[0, 0, units])
        encoded = encoded + share * (
            second.weight[0, expert].T @ hidden + second.bias[0, expert, 0]
        )
    return torch.cat((encoded / sum(shares), context))


def slow_outputs(encoded, inputs):
    """All outputs of a network with a plain trunk behind the encoder, [rows, B, out]."""
    n_rows, batch_size, _ = inputs.shape
    outputs = []
    for row in range(n_rows):
        for sample in range(batch_size):
            state = inputs[row, sample, :OBSERVATION_SIZE].double()
            others = inputs[row, sample, OBSERVATION_SIZE:].double()
            hidden = torch.cat((slow_encoding(encoded.encoder, row % N_TASKS, state), others))
            for layer in encoded.trunk.trunk.layers:
                group = row // N_TASKS
                hidden = torch.relu(layer.weight[group].T @ hidden + layer.bias[group, 0])
            last = encoded.trunk.output
            outputs.append(last.weight[group].T @ hidden + last.bias[group, 0])
    return torch.stack(outputs).view(n_rows, batch_size, -1)


def make_inputs(part, batch_size=6, seed=1):
    """A batch of every row; both critics are asked about the same states, and other actions."""
    generator = torch.Generator().manual_seed(seed)
    n_groups = 1 if part == "policy" else 2
    states = torch.randn(N_TASKS, batch_size, OBSERVATION_SIZE, generator=generator)
    if part == "policy":
        return states
    actions = torch.randn(n_groups * N_TASKS, batch_size, ACTION_SIZE, generator=generator)
    return torch.cat((states.repeat(n_groups, 1, 1), actions), dim=-1)


def check_against_slow(part, *, autocast=False, **options):
    """Outputs and the gradients of every parameter."""
    encoded = make_encoded(part, **options)
    exact = copy.deepcopy(encoded).double()
    inputs = make_inputs(part, 40 if autocast else 6)
    expected = slow_outputs(exact, inputs)
    scale = torch.randn(expected.shape, generator=torch.Generator().manual_seed(2))
    (expected * scale).sum().backward()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        outputs = encoded(inputs)
    (outputs * scale).sum().backward()
    pairs = [(outputs, expected)]
    for (name, ours), theirs in zip(encoded.named_parameters(), exact.parameters(), strict=True):
        if part == "policy" and part_of(name) in ("context", "experts"):
            assert ours.grad is None
            assert theirs.grad is None
            continue
        assert theirs.grad.abs().max() > 1e-4, f"nothing reaches {name}: the test says nothing"
        pairs.append((ours.grad, theirs.grad))
    assert all(ours.dtype == torch.float32 for ours, _ in pairs)
    if autocast:
        # All gradients as one: rounding moves a unit across zero here and there, and small ones
        # are sums in which much cancels.
        as_one = [torch.cat([each.flatten() for each in of]) for of in zip(*pairs[1:], strict=True)]
        for bound, (ours, theirs) in ((0.02, pairs[0]), (0.15, as_one)):
            assert 1e-4 < (ours - theirs).norm() / theirs.norm() < bound
        return
    for ours, theirs in pairs:
        atol = 1e-6 * theirs.abs().max().item()
        torch.testing.assert_close(ours.double(), theirs, rtol=2e-4, atol=atol)


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("part", ["policy", "critics"])
def test_equals_its_definition(part, context, gate, gradient):
    options = CONTEXTS[context] | {"care_gate": gate, "care_context_gradient": gradient}
    if gate == "top2":
        options["care_experts"] = 3
    check_against_slow(part, **options)


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("part", ["policy", "critics"])
def test_bf16_is_close_to_its_definition(part, context):
    check_against_slow(part, autocast=True, **CONTEXTS[context])


def test_what_the_contexts_are_made_of():
    given = {name: make_encoder(**options).context.embedding for name, options in CONTEXTS.items()}
    np.testing.assert_array_equal(given["task_set"], EMBEDDINGS)
    np.testing.assert_array_equal(given["given"], EMBEDDINGS[::-1])
    np.testing.assert_array_equal(given["one_hot"], np.eye(N_TASKS))
    assert given["learned"].shape == (N_TASKS, 5)
    sizes = {
        name: [layer.weight.shape[1:] for layer in make_encoder(**each).context.perceptron.layers]
        for name, each in CONTEXTS.items()
    }
    assert sizes["task_set"] == [(4, 10), (10, 5), (5, 5), (5, 5), (5, 5)]
    assert sizes["one_hot"] == [(3, 10), (10, 5), (5, 5), (5, 5), (5, 5)]
    assert sizes["learned"] == [(5, 5), (5, 5), (5, 5)]


def test_sizes_of_the_reference():
    spec = StateEncoderSpec(
        n_tasks=10,
        observation_size=12,
        options=CareOptions(),
        tasks=TaskKnowledge(names=make_names(10), embeddings=np.zeros((10, 768), dtype=np.float32)),
    )
    encoder = CareEncoder(spec, torch.Generator())
    assert encoder.output_size == 100

    def linear(*sizes):
        return sum((n + 1) * m for n, m in itertools.pairwise(sizes))

    assert count(encoder.context) == linear(768, 100, 50) + linear(50, 50, 50, 50)
    assert count(encoder.experts) == 4 * linear(12, 50, 50)
    assert count(encoder.attention) == linear(50, 50, 50, 4)
    # PTSL's code counts 18104 for an encoder, which is its experts and attention.
    assert count(encoder.experts) + count(encoder.attention) == 18_104
    assert all(
        parameter.abs().max() == 0
        for name, parameter in encoder.named_parameters()
        if name.endswith("bias")
    )
    bound = np.sqrt(6 / (12 + 50))
    assert 0.98 * bound < encoder.experts.first.weight.abs().max() <= bound


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("trunk", [name for name in TRUNKS if name != "decaf"])
def test_ask_all_asks_every_row_of_the_first_group(trunk, gate):
    encoded = make_encoded("policy", trunk, care_gate=gate)
    states = torch.randn(7, OBSERVATION_SIZE, generator=torch.Generator().manual_seed(3))
    outputs = encoded.ask_all(states)
    rows = encoded(states.expand(N_TASKS, -1, -1))
    torch.testing.assert_close(outputs, rows)
    assert outputs.shape == (N_TASKS, 7, 2 * ACTION_SIZE)
    assert not torch.allclose(outputs[0], outputs[1])


def test_the_first_group_alone_equals_its_part_of_the_whole():
    critics, inputs = make_encoded("critics"), make_inputs("critics")
    torch.testing.assert_close(critics(inputs[:N_TASKS]), critics(inputs)[:N_TASKS])


def test_two_largest_weights_of_a_task_are_all_there_is():
    encoder = make_encoder(care_gate="top2", care_experts=5)
    shares = encoder._shares(encoder.context())
    assert (shares > 0).sum(dim=1).tolist() == [2, 2, 2]
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(3))
    with pytest.raises(ConfigError, match="care_gate = 'top2' with care_experts = 1"):
        CareOptions(care_gate="top2", care_experts=1)
    one = make_encoder(care_experts=1)
    assert one._shares(one.context()).tolist() == [[1.0]] * N_TASKS


def test_embeddings_that_a_task_set_lacks_are_an_error():
    spec = StateEncoderSpec(
        n_tasks=3,
        observation_size=4,
        options=CareOptions(),
        tasks=TaskKnowledge(names=make_names(3)),
    )
    with pytest.raises(ConfigError, match="choose learned or one_hot, or give --care_embeddings"):
        CareEncoder(spec, torch.Generator())


@pytest.mark.parametrize("context", ["task_set", "learned"])
@pytest.mark.parametrize("trunk", ["shared", "ptsl", "softmod"])
@pytest.mark.parametrize("part", ["policy", "critics"])
def test_pcgrad_equals_a_backward_pass_a_task(part, trunk, context):
    encoded = make_encoded(part, trunk, seed=3, **CONTEXTS[context])
    check_pcgrad(encoded, make_inputs(part))


def test_what_a_loss_of_one_task_reaches():
    critics = make_encoded("critics", **CONTEXTS["learned"])
    critics(make_inputs("critics"))[1].sum().backward()
    shared = {id(parameter) for parameter in critics.shared_parameters()}
    for name, parameter in critics.named_parameters():
        reached = parameter.grad.flatten(start_dim=1).abs().sum(dim=1) > 0
        if name == "encoder.context.embedding":
            assert id(parameter) not in shared
            assert reached.tolist() == [False, True, False]
            continue
        assert id(parameter) in shared, name
        assert reached.tolist() == ([True] if name.startswith("encoder") else [True, False]), name

"""PaCo equals its definition, sample by sample and set by set; what is shared, and PCGrad."""

import copy

import pytest
import torch

from learning.config.resolving import resolve
from tests.architectures.members import (
    CRITICS,
    POLICY,
    check_against_slow,
    check_ask_all,
    check_pcgrad,
    check_what_a_loss_reaches,
    make,
    make_inputs,
    slow_outputs,
)
from tests.small_learner import N_TASKS


def slow_output(architecture, row, sample, weights=None):
    """One row's output for one input: every layer is K linear layers of what enters it."""
    weights = architecture.shares[row] if weights is None else weights
    hidden = sample
    for index, layer in enumerate(architecture.layers):
        matrices, biases = layer.sets.weight[row // N_TASKS], layer.sets.bias[row // N_TASKS]
        combined = 0.0
        for weight, matrix, bias in zip(weights, matrices, biases, strict=True):
            combined = combined + weight * (matrix.T @ hidden + bias[0])
        is_last = index == len(architecture.layers) - 1
        hidden = combined if is_last else torch.relu(combined)
    return hidden


@pytest.mark.parametrize("n_sets", [1, 2, 5])
@pytest.mark.parametrize("n_groups", [1, 2])
def test_equals_its_definition(n_groups, n_sets):
    architecture = make("paco", n_groups=n_groups, paco_sets=n_sets)
    check_against_slow(slow_output, architecture, make_inputs(n_groups * N_TASKS))


@pytest.mark.parametrize("n_sets", [1, 2, 5])
@pytest.mark.parametrize("n_groups", [1, 2])
def test_bf16_is_close_to_its_definition(n_groups, n_sets):
    architecture = make("paco", n_groups=n_groups, paco_sets=n_sets)
    inputs = make_inputs(n_groups * N_TASKS, 40)
    check_against_slow(slow_output, architecture, inputs, autocast=True)


def test_rows_are_a_linear_layer_of_the_one_hot_with_its_bias():
    architecture = make("paco", paco_sets=4)
    one_hots = torch.eye(N_TASKS)
    encoder = torch.nn.Linear(N_TASKS, 4)
    torch.nn.init.normal_(encoder.bias)
    with torch.no_grad():
        architecture.shares.copy_(encoder(one_hots))
    inputs = make_inputs(N_TASKS)

    def with_encoder(network, row, sample):
        return slow_output(network, row, sample, weights=encoder.double()(one_hots[row].double()))

    expected = slow_outputs(with_encoder, copy.deepcopy(architecture).double(), inputs)
    torch.testing.assert_close(architecture(inputs), expected.float(), rtol=1e-4, atol=1e-5)


def test_the_first_group_alone_equals_its_part_of_the_whole():
    architecture = make("paco", n_groups=2)
    inputs = make_inputs(2 * N_TASKS)
    whole = architecture(inputs)
    torch.testing.assert_close(architecture(inputs[:N_TASKS]), whole[:N_TASKS])
    assert not torch.allclose(architecture(inputs[:N_TASKS].repeat(2, 1, 1))[N_TASKS:], whole[:3])


@pytest.mark.parametrize("n_groups", [1, 2])
def test_ask_all_asks_every_row_of_the_first_group(n_groups):
    check_ask_all(make("paco", n_groups=n_groups))


@pytest.mark.parametrize("shape", [POLICY, CRITICS])
def test_what_the_tasks_hold_in_common(shape):
    check_what_a_loss_reaches(make("paco", **shape), n_shared=6)


@pytest.mark.parametrize("n_sets", [1, 3])
@pytest.mark.parametrize("shape", [POLICY, CRITICS])
def test_pcgrad_equals_a_backward_pass_a_task(shape, n_sets):
    check_pcgrad(make("paco", paco_sets=n_sets, **shape))


def test_numbers_of_the_meta_world_preset():
    assert make("paco").shares.shape == (N_TASKS, 5)
    config = resolve("paco", "MetaWorldMT10-v2")
    assert (config.hidden_sizes, config.paco_sets) == ((400, 400, 400), 5)
    assert (config.policy_architecture, config.q_architecture) == ("paco", "paco")

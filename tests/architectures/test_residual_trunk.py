"""Networks with residual blocks equal a loop over rows and samples, written from the formula."""

import math

import pytest
import torch

from learning.architectures.batched_linear import BatchedLinear
from tests.architectures.members import (
    CRITICS,
    POLICY,
    check_against_slow,
    check_ask_all,
    check_pcgrad,
    check_what_a_loss_reaches,
    make,
    make_inputs,
)
from tests.small_learner import N_TASKS

NAMES = ("separate", "multihead", "shared")


def make_with_blocks(name, n_blocks=2, **options):
    """Gains are not one, biases not zero."""
    architecture = make(name, n_blocks=n_blocks, **options)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for key, parameter in architecture.named_parameters():
            if parameter.shape[1] == 1 and key.endswith("weight"):
                parameter.uniform_(0.5, 1.5, generator=generator)
    return architecture


def normalised(numbers, gain, bias):
    """Of one sample, a number after another."""
    mean = sum(numbers) / len(numbers)
    variance = sum((number - mean) ** 2 for number in numbers) / len(numbers)
    return torch.stack(
        [
            g * (number - mean) / torch.sqrt(variance + 1e-6) + b
            for number, g, b in zip(numbers, gain, bias, strict=True)
        ]
    )


def slow_output(architecture, row, sample):
    """What row ``row`` says of one sample [in]."""
    state = dict(architecture.named_parameters())
    shared = type(architecture).__name__ != "SeparateArchitecture"
    of_trunk = row // N_TASKS if shared else row

    def layer(hidden, key, number):
        dense = f"trunk.{key}.{number}"
        hidden = hidden @ state[f"{dense}.weight"][of_trunk] + state[f"{dense}.bias"][of_trunk, 0]
        norm = f"trunk.{key}.{number + 1}"
        return normalised(
            hidden, state[f"{norm}.weight"][of_trunk, 0], state[f"{norm}.bias"][of_trunk, 0]
        )

    hidden = layer(sample, "first", 0).clamp(min=0)
    for block in range(architecture.spec.n_blocks):
        inner = layer(hidden, f"blocks.{block}", 0).clamp(min=0)
        hidden = hidden + layer(inner, f"blocks.{block}", 3)
    last = {"SeparateArchitecture": "layers.0", "MultiheadArchitecture": "heads"}
    name = last.get(type(architecture).__name__, "output")
    of_output = of_trunk if name == "output" else row
    return hidden @ state[f"{name}.weight"][of_output] + state[f"{name}.bias"][of_output, 0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [POLICY, CRITICS])
@pytest.mark.parametrize("autocast", [False, True])
def test_outputs_and_gradients_are_those_of_a_loop_over_samples(name, kind, autocast):
    architecture = make_with_blocks(name, **kind)
    inputs = make_inputs(architecture.spec.n_rows)
    check_against_slow(slow_output, architecture, inputs, autocast=autocast)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_group_alone_equals_its_part_of_the_whole(name):
    architecture = make_with_blocks(name, **CRITICS)
    inputs = make_inputs(N_TASKS)
    whole = architecture(torch.cat((inputs, inputs)))
    torch.testing.assert_close(architecture(inputs), whole[:N_TASKS])
    assert not torch.allclose(whole[:N_TASKS], whole[N_TASKS:])


@pytest.mark.parametrize("name", ["separate", "multihead"])
def test_ask_all(name):
    check_ask_all(make_with_blocks(name))


def test_a_shared_network_is_asked_once_for_all():
    architecture = make_with_blocks("shared")
    inputs = make_inputs(1, 7)[0]
    outputs = architecture.ask_all(inputs)
    rows = architecture(inputs.expand(N_TASKS, *inputs.shape))
    torch.testing.assert_close(outputs, rows)


def test_a_task_reaches_its_head_and_its_groups_trunk_alone():
    # Weight and bias of five dense layers and of five that normalise.
    check_what_a_loss_reaches(make_with_blocks("multihead", **CRITICS), n_shared=20)


@pytest.mark.parametrize("name", ["multihead", "shared"])
@pytest.mark.parametrize("kind", [POLICY, CRITICS])
def test_pcgrad_projects_the_norms_too(name, kind):
    check_pcgrad(make_with_blocks(name, n_blocks=1, seed=1, **kind))


def test_the_width_is_the_last_hidden_size_in_every_layer():
    architecture = make_with_blocks("separate", n_blocks=3, hidden_sizes=(5, 9))
    widths = [each.weight.shape[1:] for each in architecture.modules() if hasattr(each, "weight")]
    dense = [tuple(size) for size in widths if size[0] != 1]
    assert dense == [(4, 9), *[(9, 9)] * 6, (9, 5)]


@pytest.mark.parametrize("sizes", [(30, (7,)), (7, (30,)), (20, (20,)), (20, (3, 6))])
def test_orthogonal_weights_keep_lengths_up_to_the_gain(sizes):
    input_size, output_sizes = sizes
    layer = BatchedLinear(
        n_rows=4,
        input_size=input_size,
        output_sizes=output_sizes,
        initializer="orthogonal",
        generator=torch.Generator().manual_seed(0),
    )
    start = 0
    for size in output_sizes:
        head = layer.weight.detach()[..., start : start + size]
        gram = head.mT @ head if size <= input_size else head @ head.mT
        identity = torch.eye(gram.shape[-1]).expand_as(gram)
        torch.testing.assert_close(gram, 2.0 * identity, atol=1e-5, rtol=1e-5)
        start += size
    first, second = layer.weight.detach()[:2]
    assert not torch.allclose(first.abs(), second.abs()), "rows are drawn alike"
    assert math.isclose(layer.bias.detach().abs().sum().item(), 0.0)

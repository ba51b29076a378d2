"""Stacked networks equal a loop over rows of plain linear layers."""

import math

import pytest
import torch

from learning.architectures import architecture_names, build_architecture
from tests.small_learner import N_TASKS, make_architecture


@pytest.mark.parametrize("n_groups", [1, 2])
def test_rows_equal_a_loop_of_linear_layers(n_groups):
    architecture = make_architecture(4, (3, 2), n_groups=n_groups)
    inputs = torch.randn(n_groups * N_TASKS, 6, 4, generator=torch.Generator().manual_seed(1))
    outputs = architecture(inputs)
    assert outputs.shape == (n_groups * N_TASKS, 6, 5)
    for row in range(n_groups * N_TASKS):
        hidden = inputs[row]
        for index, layer in enumerate(architecture.layers):
            hidden = torch.nn.functional.linear(hidden, layer.weight[row].T, layer.bias[row, 0])
            if index < 2:
                hidden = torch.relu(hidden)
        torch.testing.assert_close(outputs[row], hidden)


def test_the_first_group_alone_equals_its_part_of_the_whole():
    architecture = make_architecture(4, (1,), n_groups=2)
    inputs = torch.randn(N_TASKS, 6, 4, generator=torch.Generator().manual_seed(1))
    whole = architecture(torch.cat((inputs, inputs)))
    torch.testing.assert_close(architecture(inputs), whole[:N_TASKS])
    assert not torch.allclose(whole[:N_TASKS], whole[N_TASKS:])


def test_rows_are_independent():
    """The gradient of one row's output touches no other row's weights."""
    architecture = make_architecture(4, (2,))
    architecture(torch.ones(N_TASKS, 5, 4))[1].sum().backward()
    for parameter in architecture.parameters():
        assert parameter.grad[1].abs().sum() > 0
        assert parameter.grad[[0, 2]].abs().sum() == 0


@pytest.mark.parametrize("initializer", ["xavier_uniform", "xavier_normal"])
def test_heads_are_drawn_with_their_own_fan_out(initializer):
    architecture = build_architecture(
        "separate",
        n_tasks=20,
        n_groups=1,
        input_size=30,
        output_sizes=(10, 50),
        hidden_sizes=(40,),
        initializer=initializer,
        generator=torch.Generator().manual_seed(0),
    )
    last = architecture.layers[-1].weight.detach()
    for head, fan_out in ((last[..., :10], 10), (last[..., 10:], 50)):
        std = math.sqrt(2 / (40 + fan_out))
        assert head.std().item() == pytest.approx(std, rel=0.05)
        if initializer == "xavier_uniform":
            assert head.abs().max().item() <= math.sqrt(3) * std
    assert all((layer.bias == 0).all() for layer in architecture.layers)


def test_unknown_name_is_an_error_that_names_the_known():
    with pytest.raises(ValueError, match=f"known are: {', '.join(architecture_names())}"):
        build_architecture(
            "seperate",
            n_tasks=1,
            n_groups=1,
            input_size=1,
            output_sizes=(1,),
            hidden_sizes=(),
            initializer="xavier_normal",
            generator=torch.Generator(),
        )

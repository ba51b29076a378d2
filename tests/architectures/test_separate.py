"""Stacked networks equal a loop over rows of plain linear layers."""

import math

import pytest
import torch

from learning.architectures.table import ARCHITECTURES, CRITIC_ARCHITECTURES
from learning.config.members import check_member
from learning.errors import ConfigError
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
    architecture = make_architecture(
        30, (10, 50), n_tasks=20, hidden_sizes=(40,), initializer=initializer
    )
    last = architecture.layers[-1].weight.detach()
    for head, fan_out in ((last[..., :10], 10), (last[..., 10:], 50)):
        std = math.sqrt(2 / (40 + fan_out))
        assert head.std().item() == pytest.approx(std, rel=0.05)
        if initializer == "xavier_uniform":
            assert head.abs().max().item() <= math.sqrt(3) * std
    assert all((layer.bias == 0).all() for layer in architecture.layers)


def test_unknown_name_is_an_error_that_names_the_known():
    known = [*ARCHITECTURES, *CRITIC_ARCHITECTURES]
    with pytest.raises(ConfigError, match=f"allowed is one of {', '.join(ARCHITECTURES)}$"):
        check_member("policy_architecture", "seperate")
    with pytest.raises(ConfigError, match=f"allowed is one of {', '.join(known)}$"):
        check_member("q_architecture", "seperate")


@pytest.mark.parametrize(
    ("name", "sharing"),
    [("separate", "nothing"), ("shared", "everything"), ("multihead", "some"),
     ("decaf", "nothing")],
)  # fmt: skip
def test_what_the_tasks_networks_hold_in_common(name, sharing):
    """What is said of it, against what a loss of the first task reaches of it."""
    architecture = make_architecture(4, (1,), n_groups=2, name=name)
    assert architecture.sharing == sharing
    shared = {id(parameter) for parameter in architecture.shared_parameters()}
    inputs = torch.randn(2 * N_TASKS, 5, 4, generator=torch.Generator().manual_seed(1))
    architecture(inputs)[0].sum().backward()
    for parameter in architecture.parameters():
        is_shared = id(parameter) in shared
        assert len(parameter) == (2 if is_shared else 2 * N_TASKS)
        reached = parameter.grad.flatten(start_dim=1).abs().sum(dim=1) > 0
        assert not reached[1:].any()
    assert len(shared) == {"nothing": 0, "some": 4, "everything": 6}[sharing]
    assert shared <= {id(parameter) for parameter in architecture.parameters()}

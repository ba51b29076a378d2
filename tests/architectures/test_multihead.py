"""One trunk and a head a task equal a loop of plain linear layers."""

import pytest
import torch

from tests.small_learner import N_TASKS, make_architecture


def slow_output(architecture, row, inputs):
    """Row ``row``'s output for inputs [B, in], layer by layer."""
    hidden = inputs
    group = row // N_TASKS
    for layer in architecture.trunk.layers:
        linear = torch.nn.functional.linear(hidden, layer.weight[group].T, layer.bias[group, 0])
        hidden = torch.relu(linear)
    heads = architecture.heads
    return torch.nn.functional.linear(hidden, heads.weight[row].T, heads.bias[row, 0])


@pytest.mark.parametrize("n_groups", [1, 2])
def test_rows_equal_a_loop_of_linear_layers(n_groups):
    architecture = make_architecture(4, (3, 2), n_groups=n_groups, name="multihead")
    inputs = torch.randn(n_groups * N_TASKS, 6, 4, generator=torch.Generator().manual_seed(1))
    outputs = architecture(inputs)
    assert outputs.shape == (n_groups * N_TASKS, 6, 5)
    for row in range(n_groups * N_TASKS):
        torch.testing.assert_close(outputs[row], slow_output(architecture, row, inputs[row]))


def test_the_first_group_alone_equals_its_part_of_the_whole():
    architecture = make_architecture(4, (1,), n_groups=2, name="multihead")
    inputs = torch.randn(N_TASKS, 6, 4, generator=torch.Generator().manual_seed(1))
    whole = architecture(torch.cat((inputs, inputs)))
    torch.testing.assert_close(architecture(inputs), whole[:N_TASKS])
    assert not torch.allclose(whole[:N_TASKS], whole[N_TASKS:])


@pytest.mark.parametrize("name", ["multihead", "separate"])
def test_ask_all_asks_every_row_of_the_first_group(name):
    architecture = make_architecture(4, (3,), n_groups=2, name=name)
    inputs = torch.randn(7, 4, generator=torch.Generator().manual_seed(1))
    outputs = architecture.ask_all(inputs)
    assert outputs.shape == (N_TASKS, 7, 3)
    for task in range(N_TASKS):
        alone = architecture(inputs.expand(N_TASKS, 7, 4))[task]
        torch.testing.assert_close(outputs[task], alone)
    if name == "multihead":
        torch.testing.assert_close(outputs[1], slow_output(architecture, 1, inputs))


def test_a_task_reaches_its_head_and_its_groups_trunk_alone():
    architecture = make_architecture(4, (2,), n_groups=2, name="multihead")
    architecture(torch.ones(2 * N_TASKS, 5, 4))[N_TASKS + 1].sum().backward()
    for parameter in architecture.heads.parameters():
        reached = parameter.grad.abs().sum(dim=(1, 2)) > 0
        assert reached.tolist() == [row == N_TASKS + 1 for row in range(2 * N_TASKS)]
    for parameter in architecture.trunk.parameters():
        assert parameter.grad[0].abs().sum() == 0
        assert parameter.grad[1].abs().sum() > 0

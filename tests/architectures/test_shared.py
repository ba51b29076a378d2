"""One network for all tasks, and its gradient by task in one backward pass."""

import pytest
import torch

from learning.architectures.shared_linear import SharedLinear
from tests.small_learner import N_TASKS, make_architecture


def slow_output(architecture, group, inputs):
    hidden = inputs
    layers = [*architecture.trunk.layers, architecture.output]
    for index, layer in enumerate(layers):
        hidden = torch.nn.functional.linear(hidden, layer.weight[group].T, layer.bias[group, 0])
        if index < len(layers) - 1:
            hidden = torch.relu(hidden)
    return hidden


@pytest.mark.parametrize("n_groups", [1, 2])
def test_all_rows_of_a_group_equal_one_network(n_groups):
    architecture = make_architecture(4, (3, 2), n_groups=n_groups, name="shared")
    inputs = torch.randn(n_groups * N_TASKS, 6, 4, generator=torch.Generator().manual_seed(1))
    outputs = architecture(inputs)
    assert outputs.shape == (n_groups * N_TASKS, 6, 5)
    for row in range(n_groups * N_TASKS):
        expected = slow_output(architecture, row // N_TASKS, inputs[row])
        torch.testing.assert_close(outputs[row], expected)


def test_the_first_group_alone_equals_its_part_of_the_whole():
    architecture = make_architecture(4, (1,), n_groups=2, name="shared")
    inputs = torch.randn(N_TASKS, 6, 4, generator=torch.Generator().manual_seed(1))
    whole = architecture(torch.cat((inputs, inputs)))
    torch.testing.assert_close(architecture(inputs), whole[:N_TASKS])
    assert not torch.allclose(whole[:N_TASKS], whole[N_TASKS:])


def test_ask_all_asks_the_one_network():
    architecture = make_architecture(4, (3,), n_groups=2, name="shared")
    inputs = torch.randn(7, 4, generator=torch.Generator().manual_seed(1))
    outputs = architecture.ask_all(inputs)
    assert outputs.shape == (N_TASKS, 7, 3)
    for task in range(N_TASKS):
        torch.testing.assert_close(outputs[task], slow_output(architecture, 0, inputs))


def test_groups_are_independent():
    architecture = make_architecture(4, (2,), n_groups=2, name="shared")
    architecture(torch.ones(2 * N_TASKS, 5, 4))[N_TASKS:].sum().backward()
    for parameter in architecture.parameters():
        assert parameter.grad[0].abs().sum() == 0
        assert parameter.grad[1].abs().sum() > 0


def make_layer(n_groups):
    generator = torch.Generator().manual_seed(0)
    layer = SharedLinear(
        n_groups=n_groups,
        n_tasks=N_TASKS,
        input_size=4,
        output_sizes=(5,),
        initializer="xavier_normal",
        generator=generator,
    )
    return layer, torch.randn(n_groups, N_TASKS * 6, 4, generator=generator)


@pytest.mark.parametrize("n_groups", [1, 2])
def test_by_task_gives_each_tasks_gradient_in_one_pass(n_groups):
    layer, inputs = make_layer(n_groups)
    with layer.by_task():
        outputs = layer(inputs)
        (outputs**3).sum().backward()
        (weight, of_weight), (bias, of_bias) = layer.task_gradients()
        assert layer.weight.grad is None
    assert (weight, bias) == (layer.weight, layer.bias)
    torch.testing.assert_close(outputs, layer(inputs))
    for task in range(N_TASKS):
        rows = slice(6 * task, 6 * (task + 1))
        expected = torch.autograd.grad((layer(inputs)[:, rows] ** 3).sum(), (weight, bias))
        torch.testing.assert_close(of_weight[:, task], expected[0])
        torch.testing.assert_close(of_bias[:, task], expected[1])


def test_by_task_passes_the_gradient_of_the_inputs_on():
    layer, inputs = make_layer(2)
    inputs.requires_grad_()
    (expected,) = torch.autograd.grad((layer(inputs) ** 3).sum(), inputs)
    with layer.by_task():
        (gradient,) = torch.autograd.grad((layer(inputs) ** 3).sum(), inputs)
    torch.testing.assert_close(gradient, expected)


def test_by_task_refuses_what_would_lose_a_gradient():
    layer, inputs = make_layer(2)
    with layer.by_task():
        with torch.no_grad():
            layer(inputs[:1])
        with pytest.raises(RuntimeError, match="no backward pass"):
            layer.task_gradients()
        with pytest.raises(RuntimeError, match="one pass of all groups"):
            layer(inputs[:1])
        layer(inputs)
        with pytest.raises(RuntimeError, match="one pass of all groups"):
            layer(inputs)
    assert layer(inputs).requires_grad

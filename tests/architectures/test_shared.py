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


def test_by_task_adds_up_what_several_passes_leave():
    """Two passes, of other inputs and numbers of them, and one of the first group alone."""
    layer, inputs = make_layer(2)
    shorter = inputs[:, : N_TASKS * 2] - 1.0

    def losses(task):
        """Of one task, through the layer itself."""
        long, short = slice(6 * task, 6 * (task + 1)), slice(2 * task, 2 * (task + 1))
        total = (layer(inputs)[:, long] ** 3).sum()
        total = total + (torch.tanh(layer(shorter))[:, short] ** 2).sum()
        return total + (layer(inputs[:1])[:, long] ** 4).sum()

    with layer.by_task():
        total = (layer(inputs) ** 3).sum()
        total = total + (torch.tanh(layer(shorter)) ** 2).sum()
        (total + (layer(inputs[:1]) ** 4).sum()).backward()
        (weight, of_weight), (bias, of_bias) = layer.task_gradients()
        assert layer.weight.grad is None
    for task in range(N_TASKS):
        expected = torch.autograd.grad(losses(task), (weight, bias))
        torch.testing.assert_close(of_weight[:, task], expected[0])
        torch.testing.assert_close(of_bias[:, task], expected[1])
    of_second_group = torch.autograd.grad((layer(inputs[:1]) ** 4).sum(), weight)[0][1]
    assert not of_second_group.any()


def test_by_task_passes_one_after_another_through_the_same_layer():
    """A recurrent use: the second pass's inputs come from the first."""
    generator = torch.Generator().manual_seed(3)
    layer = SharedLinear(
        n_groups=2,
        n_tasks=N_TASKS,
        input_size=4,
        output_sizes=(4,),
        initializer="xavier_normal",
        generator=generator,
    )
    inputs = torch.randn(2, N_TASKS * 6, 4, generator=generator)

    def output():
        return layer(torch.tanh(layer(inputs)))

    with layer.by_task():
        (output() ** 2).sum().backward()
        gradients = layer.task_gradients()
    for task in range(N_TASKS):
        rows = slice(6 * task, 6 * (task + 1))
        expected = torch.autograd.grad((output()[:, rows] ** 2).sum(), (layer.weight, layer.bias))
        for (_, by_task), slow in zip(gradients, expected, strict=True):
            torch.testing.assert_close(by_task[:, task], slow)


def test_by_task_tells_what_no_loss_has_reached():
    layer, inputs = make_layer(2)
    with layer.by_task():
        with torch.no_grad():
            assert not layer(inputs[:1]).requires_grad
        assert layer.task_gradients() == []
        # The first group's losses alone: the second group's gradients are zeros.
        layer(inputs[:1]).sum().backward()
        for parameter, by_task in layer.task_gradients():
            assert by_task.shape == (2, N_TASKS, *parameter.shape[1:])
            assert by_task[0].any()
            assert not by_task[1].any()
    assert layer.weight.grad is None
    # What one block left is gone in the next, and the layer is then as ever.
    with layer.by_task():
        assert layer.task_gradients() == []
    assert layer(inputs).requires_grad
    layer(inputs).sum().backward()
    assert layer.weight.grad is not None

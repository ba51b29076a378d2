"""DECAF equals a loop over tasks and their Q-functions; what passes a gradient, and what moves."""

import pytest
import torch

from tests.small_learner import N_TASKS, make_architecture, make_critics, make_policies, make_sac


def slow_value(architecture, row, inputs, *, detach=True):
    """Q_i^used at inputs [B, in], a Q-function after another."""
    group, task = divmod(row, N_TASKS)

    def of_row(networks, index):
        everywhere = inputs.expand(2 * N_TASKS, *inputs.shape)
        return networks(everywhere)[index]

    weights = torch.softmax(of_row(architecture.weights, row), dim=-1)
    total = 0.0
    for output in range(N_TASKS):
        other = (task - output) % N_TASKS
        value = of_row(architecture.values, group * N_TASKS + other)
        if detach and other != task:
            value = value.detach()
        total = total + weights[:, output : output + 1] * value
    return total


def make(seed=0):
    architecture = make_architecture(4, (1,), n_groups=2, name="decaf", seed=seed)
    with torch.no_grad():
        # Larger outputs, so that weights and values differ from one another.
        architecture.weights.layers[-1].weight.mul_(5.0)
        architecture.values.layers[-1].weight.mul_(5.0)
    inputs = torch.randn(2 * N_TASKS, 6, 4, generator=torch.Generator().manual_seed(1))
    return architecture, inputs


def test_values_equal_a_loop_over_tasks_and_q_functions():
    architecture, inputs = make()
    outputs = architecture(inputs)
    assert outputs.shape == (2 * N_TASKS, 6, 1)
    for row in range(2 * N_TASKS):
        torch.testing.assert_close(outputs[row], slow_value(architecture, row, inputs[row]))


def test_the_first_group_alone_equals_its_part_of_the_whole():
    architecture, inputs = make()
    torch.testing.assert_close(architecture(inputs[:N_TASKS]), architecture(inputs)[:N_TASKS])


def test_ask_all_equals_asking_each_row():
    architecture, inputs = make()
    outputs = architecture.ask_all(inputs[0])
    assert outputs.shape == (N_TASKS, 6, 1)
    for task in range(N_TASKS):
        torch.testing.assert_close(outputs[task], slow_value(architecture, task, inputs[0]))


@pytest.mark.parametrize("ask_all", [False, True])
def test_gradients_pass_through_the_own_q_function_and_weights_alone(ask_all):
    architecture, inputs = make()
    task, scale = 1, torch.randn(6, 1, generator=torch.Generator().manual_seed(2))
    outputs = architecture.ask_all(inputs[task]) if ask_all else architecture(inputs)
    (outputs[task] * scale).sum().backward()
    ours = [parameter.grad.clone() for parameter in architecture.parameters()]
    architecture.zero_grad()
    (slow_value(architecture, task, inputs[task]) * scale).sum().backward()
    for parameter, gradient in zip(architecture.parameters(), ours, strict=True):
        torch.testing.assert_close(gradient, parameter.grad)
        reached = [row for row in range(2 * N_TASKS) if gradient[row].abs().sum() > 0]
        assert reached == [task]


def test_other_q_functions_are_constants_to_the_action_too():
    architecture, inputs = make()
    inputs.requires_grad_()
    (ours,) = torch.autograd.grad(architecture(inputs).sum(), inputs)
    for row in range(2 * N_TASKS):
        (expected,) = torch.autograd.grad(slow_value(architecture, row, inputs[row]).sum(), inputs)
        torch.testing.assert_close(ours[row], expected[row])
        through_all = slow_value(architecture, row, inputs[row], detach=False).sum()
        (everything,) = torch.autograd.grad(through_all, inputs)
        assert not torch.allclose(ours[row], everything[row])


def test_one_tasks_values_depend_on_no_other_tasks_inputs():
    architecture, inputs = make()
    before = architecture(inputs)
    inputs[0] += 1.0
    after = architecture(inputs)
    torch.testing.assert_close(before[1:], after[1:])
    assert not torch.allclose(before[0], after[0])


def test_the_target_moves_with_all_its_parts():
    """As the reference's does not: there, others' Q-functions in a target stay as initialised."""
    sac = make_sac(make_policies(), make_critics(name="decaf"), target_update_tau=0.25)
    online, target = sac.critics.architecture, sac.target_critics.architecture
    with torch.no_grad():
        for parameter in online.parameters():
            parameter.add_(1.0)
    before = [parameter.clone() for parameter in target.parameters()]
    sac._update_targets()
    moved = zip(before, target.parameters(), online.parameters(), strict=True)
    for old, new, goal in moved:
        torch.testing.assert_close(new, 0.75 * old + 0.25 * goal)
    # The target of task 0 follows where the Q-function of task 1 alone goes.
    inputs = torch.randn(N_TASKS, 6, 6, generator=torch.Generator().manual_seed(3))
    value = target(inputs)[0]
    with torch.no_grad():
        online.values.layers[-1].bias[1] += 100.0
    sac._update_targets()
    # By a quarter of 100 times its weight of about a third; all else has a quarter of 0.75 to go.
    assert (target(inputs)[0] - value).min() > 2.0

"""What the tests of architectures with options of their own have in common."""

import copy

import numpy as np
import torch

from environments import TaskKnowledge
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.table import ARCHITECTURES
from learning.objectives.pcgrad import PCGrad, random_orders
from learning.streams import numpy_stream
from tests.objectives.projected_sum import projected_sum
from tests.small_learner import N_TASKS, make_names, make_objective

POLICY = {"output_sizes": (2, 2), "n_groups": 1}
CRITICS = {"output_sizes": (1,), "n_groups": 2}


def make(
    name,
    *,
    output_sizes=(3, 2),
    n_groups=1,
    hidden_sizes=(16, 12),
    n_blocks=None,
    seed=0,
    **options,
):
    """A member of the table with T = 3 tasks and 4 inputs; biases are not zero."""
    member = ARCHITECTURES[name]
    spec = ArchitectureSpec(
        n_tasks=N_TASKS,
        n_groups=n_groups,
        input_size=4,
        output_sizes=output_sizes,
        initializer="xavier_uniform" if n_blocks is None else "orthogonal",
        options=member.options(hidden_sizes=hidden_sizes, **options),
        tasks=TaskKnowledge(names=make_names(N_TASKS)),
        n_blocks=n_blocks,
    )
    generator = torch.Generator().manual_seed(seed)
    architecture = member.load()(spec, generator)
    with torch.no_grad():
        for key, parameter in architecture.named_parameters():
            if key.endswith("bias"):
                parameter.normal_(0.0, 0.3, generator=generator)
            elif key == "shares":
                parameter.normal_(generator=generator)
    return architecture


def make_inputs(n_rows, batch_size=5, seed=1):
    return torch.randn(n_rows, batch_size, 4, generator=torch.Generator().manual_seed(seed))


def slow_outputs(slow, architecture, inputs):
    """All rows' outputs [rows, B, out], a sample after another, in float64."""
    return torch.stack(
        [
            torch.stack([slow(architecture, row, sample) for sample in samples.double()])
            for row, samples in enumerate(inputs)
        ]
    )


def check_against_slow(slow, architecture, inputs, *, autocast=False):
    """Outputs and the gradients of all parameters, in bf16 by the length of what they differ by."""
    scale = torch.randn(
        *inputs.shape[:2],
        sum(architecture.output_sizes),
        generator=torch.Generator().manual_seed(2),
    )
    exact = copy.deepcopy(architecture).double()
    expected = slow_outputs(slow, exact, inputs)
    (expected * scale).sum().backward()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        outputs = architecture(inputs)
    (outputs * scale).sum().backward()
    pairs = [(outputs, expected)]
    for ours, theirs in zip(architecture.parameters(), exact.parameters(), strict=True):
        assert theirs.grad.abs().max() > 1e-3, "nothing reaches it: the test says nothing"
        pairs.append((ours.grad, theirs.grad))
    for ours, theirs in pairs:
        assert ours.dtype == torch.float32
        if autocast:
            error = (ours - theirs).norm() / theirs.norm()
            assert 1e-4 < error < 0.15
        else:
            atol = 1e-6 * theirs.abs().max().item()
            torch.testing.assert_close(ours.double(), theirs, rtol=1e-4, atol=atol)
    assert outputs.shape == (*inputs.shape[:2], sum(architecture.output_sizes))


def check_ask_all(architecture):
    """What all rows of the first group say, against each row alone."""
    inputs = make_inputs(1, 7)[0]
    outputs = architecture.ask_all(inputs)
    assert outputs.shape == (N_TASKS, 7, sum(architecture.output_sizes))
    assert outputs.dtype == torch.float32
    rows = architecture(inputs.expand(N_TASKS, *inputs.shape))
    torch.testing.assert_close(outputs, rows)
    assert not torch.allclose(outputs[0], outputs[1])


def check_what_a_loss_reaches(architecture, n_shared):
    """The loss of the first group's second task, against what the architecture says of itself."""
    assert architecture.sharing == "some"
    shared = {id(parameter) for parameter in architecture.shared_parameters()}
    assert len(shared) == n_shared
    architecture(make_inputs(architecture.spec.n_rows))[1].sum().backward()
    for parameter in architecture.parameters():
        is_shared = id(parameter) in shared
        n_first = architecture.n_groups if is_shared else architecture.spec.n_rows
        assert len(parameter) == n_first
        reached = parameter.grad.flatten(start_dim=1).abs().sum(dim=1) > 0
        assert reached.tolist() == [index == (0 if is_shared else 1) for index in range(n_first)]


def losses_of(outputs):
    """A loss a row, [G, T]: the tasks want outputs far from each other."""
    targets = torch.linspace(-3.0, 3.0, N_TASKS).repeat(len(outputs) // N_TASKS)[:, None, None]
    return ((outputs - targets) ** 2).mean(dim=(1, 2)).view(-1, N_TASKS)


def check_pcgrad(architecture, inputs=None):
    """PCGrad against a pass and a backward pass a task, and algorithm 1 on vectors.

    Groups are networks of their own, or one network where they have parameters in common.
    """
    inputs = make_inputs(architecture.spec.n_rows) if inputs is None else inputs
    parameters = [each for each in architecture.parameters() if each.requires_grad]
    shared = {id(parameter) for parameter in architecture.shared_parameters()}
    where = [index for index, each in enumerate(parameters) if id(each) in shared]
    groups = list(range(architecture.n_groups))
    if any(len(parameters[index]) < architecture.n_groups for index in where):
        groups = [slice(None)]
    pcgrad = make_objective(PCGrad, seed=7)
    orders = random_orders(len(groups), N_TASKS, numpy_stream(7, "objective"))
    by_task = []
    for task in range(N_TASKS):
        losses_of(architecture(inputs))[:, task].sum().backward()
        by_task.append([each.grad.clone() for each in parameters])
        architecture.zero_grad()

    with pcgrad.gradients_of("policy", architecture) as backward:
        backward(losses_of(architecture(inputs)))
    assert pcgrad.read_statistics()["Objective/policy/ConflictShare"] > 0

    for parameter in architecture.parameters():
        assert (parameter.grad is None) == (not parameter.requires_grad)
    for index, parameter in enumerate(parameters):
        if index not in where:
            plain = sum(gradients[index] for gradients in by_task)
            torch.testing.assert_close(parameter.grad, plain, rtol=1e-4, atol=1e-6)
    changes = []
    for group, order in zip(groups, orders, strict=True):
        vectors = [
            torch.cat([gradients[index][group].flatten() for index in where]).double()
            for gradients in by_task
        ]
        ours = torch.cat([parameters[index].grad[group].flatten() for index in where])
        expected = projected_sum(vectors, order)
        np.testing.assert_allclose(ours.double(), expected, rtol=1e-3, atol=1e-5)
        changes.append((expected - sum(vectors)).abs().max())
    assert max(changes) > 1e-2, "nothing conflicts here: the test says nothing"

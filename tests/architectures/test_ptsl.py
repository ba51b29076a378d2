"""PTSL against its equations, a sample and a task at a time; where its inits begin and end."""

import copy
import dataclasses
import itertools

import numpy as np
import pytest
import torch

from environments import TaskKnowledge
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.batched_linear import BatchedLinear
from learning.architectures.ptsl import PTSLArchitecture
from learning.architectures.ptsl_options import PTSLOptions
from learning.architectures.shared_linear import SharedLinear
from learning.config.resolving import resolve
from learning.errors import ConfigError
from learning.objectives.pcgrad import PCGrad, random_orders
from learning.streams import numpy_stream
from tests.algorithms.batches import make_batch
from tests.objectives.projected_sum import projected_sum
from tests.small_learner import (
    make_architecture,
    make_critics,
    make_names,
    make_objective,
    make_policies,
    make_sac,
)

PROJECTIONS = ("shared", "independent")
RESIDUALS = ("none", "sum", "linear", "project")
EVERY = list(itertools.product(PROJECTIONS, RESIDUALS))


@dataclasses.dataclass(frozen=True)
class Case:
    """A network's sizes. With T = 3 and p = 2 a D of its own is worth it from 3 inputs on."""

    inputs: int = 5
    outputs: tuple = (1,)
    hidden: tuple = (6, 6, 6)
    projection: str = "shared"
    residual: str = "none"
    init: str = "paper"
    tasks: int = 3
    groups: int = 1
    rank: int = 2


def make(case, seed=0):
    spec = ArchitectureSpec(
        n_tasks=case.tasks,
        n_groups=case.groups,
        input_size=case.inputs,
        output_sizes=case.outputs,
        initializer="xavier_uniform",
        options=PTSLOptions(
            hidden_sizes=case.hidden,
            ptsl_rank=case.rank,
            ptsl_projection=case.projection,
            ptsl_residual=case.residual,
            ptsl_init=case.init,
        ),
        tasks=TaskKnowledge(names=make_names(case.tasks)),
    )
    return PTSLArchitecture(spec, torch.Generator().manual_seed(seed))


def make_random(case):
    """One in which no parameter is zero, so that each has a part in outputs and gradients."""
    architecture = make(case)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in architecture.parameters():
            parameter.normal_(0.0, 0.6, generator=generator)
    return architecture


def draw_inputs(case, batch_size=4, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(case.groups * case.tasks, batch_size, case.inputs, generator=generator)


def slow_names(case):
    """Of each layer the names of D and U or None, and how many numbers its tasks' layers take."""
    T, p, n_layers = case.tasks, case.rank, len(case.hidden) + 1
    sizes = [case.inputs, *case.hidden, sum(case.outputs)]
    names = []
    for layer in range(n_layers):
        n_in, n_out = sizes[layer], sizes[layer + 1]
        first, last = layer == 0, layer == n_layers - 1
        if case.projection == "shared" and not first:
            down = "down"
        else:
            is_cheaper = n_in * p + T * (p + 1) * p <= T * (n_in + 1) * p
            down = f"down_{layer}" if is_cheaper or case.residual != "none" else None
        p_in = n_in if down is None else p
        if case.projection == "shared" and not last:
            up = "up"
        else:
            is_cheaper = n_out * p + T * (p_in + 1) * p <= T * (p_in + 1) * n_out
            needed = case.residual != "none" and not last
            up = f"up_{layer}" if is_cheaper or needed else None
        names.append((down, up, p_in))
    return names


def slow_output(case, numbers, row, x):
    """The network of a row for one input [in], from `numbers`: name -> tensor."""
    group = row // case.tasks

    def project(name, vector):
        return vector if name is None else numbers[f"projections.{name}.weight"][group].T @ vector

    hidden, previous = x, None
    names = slow_names(case)
    for layer, (down, up, _) in enumerate(names):
        x_l = project(down, hidden)
        z = x_l
        if previous is not None and case.residual != "none":
            x_before, y_before = previous
            if case.residual == "sum":
                z = x_l + x_before + y_before
            elif case.residual == "linear":
                a0, a1, a2 = numbers["residual_weights"][group].flatten()
                z = a0 * x_l + a1 * x_before + a2 * y_before
            else:
                stacked = torch.cat((x_l, x_before, y_before))
                z = numbers["residual_projection.weight"][group].T @ stacked
        own = numbers[f"task_layers.{layer}.weight"][row].T
        y_l = own @ z + numbers[f"task_layers.{layer}.bias"][row, 0]
        shared = numbers[f"shared_layers.{layer}.weight"][group].T
        output = shared @ hidden + numbers[f"shared_layers.{layer}.bias"][group, 0]
        output = output + project(up, y_l)
        hidden = output if layer == len(names) - 1 else torch.clamp(output, min=0)
        previous = (x_l, y_l)
    return hidden


def slow_numbers(architecture):
    """Its parameters in float64, as leaves of their own."""
    return {
        name: parameter.detach().double().requires_grad_()
        for name, parameter in architecture.named_parameters()
    }


def slow_outputs(case, numbers, inputs):
    rows = [
        torch.stack([slow_output(case, numbers, row, x) for x in samples])
        for row, samples in enumerate(inputs.double())
    ]
    return torch.stack(rows)


HIDDEN = {"shared": [(6, 6, 6), (5,)], "independent": [(6, 2, 5), (3, 3)]}
CASES = [
    Case(
        inputs=inputs,
        outputs=outputs,
        hidden=hidden,
        projection=projection,
        residual=residual,
        groups=groups,
    )
    for projection, residual in EVERY
    for hidden in HIDDEN[projection]
    for inputs in (2, 3, 5)
    for outputs in ((1,), (2, 2))
    for groups in (1, 2)
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_outputs_and_gradients_equal_the_slow_form(case):
    architecture, inputs = make_random(case), draw_inputs(case).requires_grad_()
    numbers = slow_numbers(architecture)
    outputs, expected = architecture(inputs), slow_outputs(case, numbers, inputs)
    assert outputs.shape == (case.groups * case.tasks, 4, sum(case.outputs))
    assert outputs.dtype == torch.float32
    torch.testing.assert_close(outputs, expected.float(), rtol=1e-5, atol=1e-5)

    scales = torch.randn(outputs.shape, generator=torch.Generator().manual_seed(2))
    (outputs * scales).sum().backward()
    of_inputs = torch.autograd.grad((expected * scales).sum(), inputs, retain_graph=True)[0]
    torch.testing.assert_close(inputs.grad, of_inputs, rtol=1e-4, atol=1e-5)
    (expected * scales).sum().backward()
    for name, parameter in architecture.named_parameters():
        slow = numbers[name].grad.float()
        torch.testing.assert_close(parameter.grad, slow, rtol=1e-4, atol=1e-5, msg=name)
        assert slow.any(), name


@pytest.mark.parametrize(("projection", "residual"), EVERY)
def test_bf16_is_close_and_gives_float32(projection, residual):
    case = Case(projection=projection, residual=residual, groups=2)
    architecture, inputs = make_random(case), draw_inputs(case)
    numbers = slow_numbers(architecture)
    expected = slow_outputs(case, numbers, inputs)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = architecture(inputs)
    assert outputs.dtype == torch.float32
    assert not torch.equal(outputs, architecture(inputs)), "nothing was rounded"
    scale = expected.abs().max().item()
    torch.testing.assert_close(outputs, expected.float(), rtol=0.05, atol=0.05 * scale)
    outputs.sum().backward()
    expected.sum().backward()
    for name, parameter in architecture.named_parameters():
        slow = numbers[name].grad.float()
        assert parameter.grad.dtype == torch.float32
        scale = slow.abs().max().item()
        torch.testing.assert_close(parameter.grad, slow, rtol=0.1, atol=0.1 * scale, msg=name)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_projection_is_left_out_where_it_costs_more_than_it_spares(case):
    architecture, names = make(case), slow_names(case)
    expected = {name for down, up, _ in names for name in (down, up) if name is not None}
    assert set(architecture.projections) == expected
    for layer, (_, up, n_in) in zip(architecture.task_layers, names, strict=True):
        assert layer.weight.shape[:2] == (case.groups * case.tasks, n_in)
        assert (layer.weight.shape[2] == case.rank) or up is None
    # A module that several layers share is kept once.
    assert len(architecture.state_dict()) == len(list(architecture.parameters()))


@pytest.mark.parametrize(("projection", "residual"), EVERY)
def test_the_first_group_alone_and_all_rows_about_the_same(projection, residual):
    case = Case(projection=projection, residual=residual, groups=2)
    architecture, inputs = make_random(case), draw_inputs(case)
    inputs[3:] = inputs[:3]
    whole = architecture(inputs)
    torch.testing.assert_close(architecture(inputs[:3]), whole[:3])
    assert not torch.allclose(whole[:3], whole[3:])
    answers = architecture.ask_all(inputs[0])
    assert answers.shape == (3, 4, 1)
    numbers = slow_numbers(architecture)
    for task in range(3):
        slow = [slow_output(case, numbers, task, x) for x in inputs[0].double()]
        torch.testing.assert_close(answers[task], torch.stack(slow).float(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("projection", "residual"), EVERY)
def test_a_task_reaches_its_rows_and_its_groups_shared_parameters_alone(projection, residual):
    case = Case(projection=projection, residual=residual, groups=2)
    architecture = make_random(case)
    shared = {id(parameter) for parameter in architecture.shared_parameters()}
    assert architecture.sharing == "some"
    architecture(draw_inputs(case))[1].sum().backward()
    for name, parameter in architecture.named_parameters():
        is_shared = not name.startswith("task_layers")
        assert (id(parameter) in shared) == is_shared, name
        assert len(parameter) == (2 if is_shared else 6), name
        reached = parameter.grad.flatten(start_dim=1).any(dim=1).tolist()
        own = 0 if is_shared else 1
        assert reached == [index == own for index in range(len(parameter))], name


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_number_of_parameters_is_the_reference_codes():
    """T = 10, 100 -> 326, 326, 326 -> 8 at rank 50, beside three plain layers of 400."""
    case = Case(inputs=100, outputs=(4, 4), hidden=(326,) * 3, tasks=10, rank=50)
    T, n_in, h, L, p, out = 10, 100, 326, 3, 50, 8
    plain = (n_in + 1) * h + (L - 1) * (h + 1) * h + (h + 1) * out
    projections, tasks = n_in * p + 2 * h * p, T * (p + 1) * p * L + T * (p + 1) * out
    assert (plain, projections, tasks) == (248_746, 37_600, 80_580)
    assert count(make(case)) == plain + projections + tasks == 366_926
    assert count(make(dataclasses.replace(case, groups=2))) == 2 * 366_926
    shared = make_architecture(100, (4, 4), n_tasks=10, hidden_sizes=(400,) * 3, name="shared")
    assert count(shared) == 364_408


def shared_network_alone(architecture, inputs):
    """What the shared layers of the one group make of [T, B, in]."""
    *hidden_layers, last = architecture.shared_layers
    hidden = inputs
    for layer in hidden_layers:
        hidden = torch.relu(hidden @ layer.weight[0] + layer.bias[0])
    return hidden @ last.weight[0] + last.bias[0], hidden


@pytest.mark.parametrize(("projection", "residual"), EVERY)
@pytest.mark.parametrize("inputs_size", [2, 5])
@pytest.mark.parametrize("outputs", [(1,), (2, 2)])
def test_where_training_starts(projection, residual, inputs_size, outputs):
    """The shared network alone; of "sound" without the last U, that and a layer of each task."""
    case = Case(inputs=inputs_size, outputs=outputs, projection=projection, residual=residual)
    inputs = draw_inputs(case)
    architecture = make(case)
    alone, _ = shared_network_alone(architecture, inputs)
    torch.testing.assert_close(architecture(inputs), alone, rtol=1e-6, atol=1e-6)
    assert all(not projection.weight.any() for projection in architecture.projections.values())

    architecture = make(dataclasses.replace(case, init="sound"))
    alone, hidden = shared_network_alone(architecture, inputs)
    down, up, _ = slow_names(case)[-1]
    assert (up is None) == (outputs == (1,))
    added = architecture(inputs) - alone
    if up is not None:
        assert added.abs().max() < 1e-6
    else:
        assert added.abs().max() > 0.01
    if up is None and residual == "none":
        of_tasks = hidden @ architecture.projections[down].weight[0]
        of_tasks = of_tasks @ architecture.task_layers[-1].weight
        torch.testing.assert_close(added, of_tasks, rtol=1e-5, atol=1e-6)
    for name, module in architecture.projections.items():
        assert module.weight.any() == name.startswith("down")


def test_a_last_layer_that_does_not_project_at_all_does_not_start_at_the_shared_network():
    """Independent, behind a narrow layer, with few outputs: W_i sees and gives what the layer does.

    With the paper's N(0, 1) that adds a random linear function of each task from the start.
    """
    case = Case(hidden=(6, 2), projection="independent")
    assert slow_names(case)[-1][:2] == (None, None)
    architecture, inputs = make(case), draw_inputs(case)
    alone, hidden = shared_network_alone(architecture, inputs)
    added = architecture(inputs) - alone
    of_tasks = hidden @ architecture.task_layers[-1].weight
    torch.testing.assert_close(added, of_tasks, rtol=1e-5, atol=1e-6)
    assert added.abs().max() > 0.1


def test_what_the_inits_draw():
    case = Case(inputs=40, hidden=(40, 40), tasks=20, rank=30, residual="project")
    for init in ("paper", "sound"):
        architecture = make(dataclasses.replace(case, init=init))
        own = architecture.task_layers[0].weight.std().item()
        assert own == pytest.approx(1.0 if init == "paper" else (2 / 60) ** 0.5, rel=0.05)
        assert all(not layer.bias.any() for layer in architecture.task_layers)
        shared = architecture.shared_layers[1].weight.std().item()
        assert shared == pytest.approx((2 / 80) ** 0.5, rel=0.05)
        assert bool(architecture.residual_projection.weight.any()) == (init == "sound")
    linear = make(Case(residual="linear")).residual_weights
    torch.testing.assert_close(linear.flatten(), torch.full((3,), 1 / 3))


def take_adam_steps(architecture, case, n_steps):
    """Steps on a loss that differs by task; the gradients of the last one stay."""
    optimizer = torch.optim.Adam(architecture.parameters(), lr=1e-2)
    targets = torch.arange(float(case.groups * case.tasks))[:, None, None]
    for step in range(n_steps):
        optimizer.zero_grad()
        ((architecture(draw_inputs(case, 32, seed=step)) - targets) ** 2).mean().backward()
        if step < n_steps - 1:
            optimizer.step()


def without_gradient(architecture):
    """Of projections, task layers and residual, what has a gradient of exactly zero."""
    return {
        name.removesuffix(".weight")
        for name, parameter in architecture.named_parameters()
        if not parameter.grad.any() and not name.startswith("shared_layers")
    }


def test_the_papers_init_leaves_independent_projections_without_gradient_for_ever():
    """D, U, W_i and b_i of all layers but the last, which has no U."""
    case = Case(projection="independent")
    architecture = make(case)
    before = copy.deepcopy(architecture.state_dict())
    for n_steps in (1, 2, 50):
        take_adam_steps(architecture, case, n_steps)
        stuck = {f"projections.{kind}_{layer}" for kind in ("down", "up") for layer in range(3)}
        stuck |= {f"task_layers.{layer}" for layer in range(3)}
        stuck |= {f"task_layers.{layer}.bias" for layer in range(3)}
        # In the last layer D alone at first: what W_i sees of D = 0 is nothing.
        at_first = {"task_layers.3"} if n_steps == 1 else set()
        assert without_gradient(architecture) == stuck | at_first
    for name, number in architecture.state_dict().items():
        is_stuck = name.removesuffix(".weight") in stuck
        assert torch.equal(number, before[name]) == is_stuck, name


def test_a_layer_that_lacks_a_projection_escapes():
    """Too few inputs for a D of its own: then U has a gradient from the start."""
    case = Case(inputs=2, projection="independent")
    architecture = make(case)
    take_adam_steps(architecture, case, 2)
    stuck = {f"projections.{kind}_{layer}" for kind in ("down", "up") for layer in (1, 2)}
    stuck |= {f"task_layers.{layer}{end}" for layer in (1, 2) for end in ("", ".bias")}
    assert without_gradient(architecture) == stuck


def test_the_papers_init_leaves_the_projecting_residual_without_gradient_for_ever():
    """P = 0 cuts every way into D; all that learns of the task parts is the last bias."""
    for projection in PROJECTIONS:
        case = Case(projection=projection, residual="project")
        architecture = make(case)
        take_adam_steps(architecture, case, 20)
        everything = {
            name.removesuffix(".weight")
            for name, _ in architecture.named_parameters()
            if not name.startswith("shared_layers")
        }
        assert without_gradient(architecture) == everything - {"task_layers.3.bias"}


def test_the_papers_init_leaves_all_without_gradient_where_the_last_layer_has_its_u():
    """Shared projections, and outputs enough for a U: D = 0 and U = 0 in every layer."""
    case = Case(outputs=(2, 2))
    architecture = make(case)
    take_adam_steps(architecture, case, 20)
    names = {"down_0", "down", "up", "up_3"}
    stuck = {f"projections.{name}" for name in names}
    stuck |= {f"task_layers.{layer}{end}" for layer in range(4) for end in ("", ".bias")}
    assert without_gradient(architecture) == stuck
    # A first layer without a D of its own moves U, and that the rest.
    case = Case(inputs=2, outputs=(2, 2))
    architecture = make(case)
    take_adam_steps(architecture, case, 5)
    assert not without_gradient(architecture)


@pytest.mark.parametrize(("projection", "residual"), [("shared", "none"), ("shared", "sum"),
    ("shared", "linear"), ("independent", "sum"), ("independent", "linear")])  # fmt: skip
def test_the_papers_init_unlocks_by_itself_elsewhere(projection, residual):
    case = Case(projection=projection, residual=residual)
    architecture = make(case)
    take_adam_steps(architecture, case, 1)
    assert without_gradient(architecture)
    take_adam_steps(architecture, case, 5)
    assert not without_gradient(architecture)


@pytest.mark.parametrize(("projection", "residual"), EVERY)
@pytest.mark.parametrize("outputs", [(1,), (2, 2)])
def test_the_sound_init_has_all_gradients_after_a_step(projection, residual, outputs):
    case = Case(outputs=outputs, projection=projection, residual=residual, init="sound", groups=2)
    architecture = make(case)
    take_adam_steps(architecture, case, 2)
    assert not without_gradient(architecture)


@pytest.mark.parametrize(("projection", "residual"), EVERY)
@pytest.mark.parametrize(("groups", "outputs"), [(1, (2, 2)), (2, (1,))])
def test_pcgrad_equals_backward_passes_by_task_and_plain_loops(
    projection, residual, groups, outputs
):
    """A policy, one group with two heads, and twin critics, two groups with one output."""
    case = Case(outputs=outputs, projection=projection, residual=residual, groups=groups)
    architecture, inputs = make_random(case).double(), draw_inputs(case).double()
    targets = torch.tensor([-300.0, 300.0, -300.0]).repeat(groups)[:, None, None]

    def losses():
        return ((architecture(inputs) - targets) ** 2).mean(dim=(1, 2)).view(groups, 3)

    parameters = dict(architecture.named_parameters())
    by_task = []
    for task in range(3):
        gradients = torch.autograd.grad(losses()[:, task].sum(), list(parameters.values()))
        by_task.append(dict(zip(parameters, gradients, strict=True)))
    expected = {name: sum(gradients[name] for gradients in by_task) for name in parameters}
    plain = {name: gradient.clone() for name, gradient in expected.items()}
    shared = [name for name in parameters if not name.startswith("task_layers")]
    orders = random_orders(groups, 3, numpy_stream(7, "objective"))
    for group in range(groups):
        vectors = [
            torch.cat([gradients[name][group].flatten() for name in shared])
            for gradients in by_task
        ]
        merged = projected_sum(vectors, orders[group])
        for name in shared:
            size = parameters[name][group].numel()
            expected[name][group] = merged[:size].view_as(parameters[name][group])
            merged = merged[size:]

    with make_objective(PCGrad, seed=7).gradients_of("policy", architecture) as backward:
        current = losses()
        architecture.zero_grad()
        backward(current)
    for name, parameter in parameters.items():
        torch.testing.assert_close(parameter.grad, expected[name], rtol=1e-9, atol=1e-12, msg=name)
        assert torch.allclose(plain[name], expected[name]) == (name not in shared), name


def test_updates_with_pcgrad_reach_every_parameter_of_networks_and_targets():
    def small(spec, generator):
        options = PTSLOptions(
            hidden_sizes=spec.options.hidden_sizes,
            ptsl_rank=2,
            ptsl_residual="linear",
            ptsl_init="sound",
        )
        return PTSLArchitecture(dataclasses.replace(spec, options=options), generator)

    sac = make_sac(
        make_policies(name=small), make_critics(name=small), objective=make_objective(PCGrad)
    )
    networks = {"policy": sac.policy, "critics": sac.critics, "target": sac.target_critics}
    before = {name: copy.deepcopy(network) for name, network in networks.items()}
    for _ in range(2):
        sac.optimize_policy(make_batch(np.random.default_rng(0)))
        sac._update_targets()
    for name, network in networks.items():
        pairs = zip(before[name].named_parameters(), network.parameters(), strict=True)
        for (parameter_name, old), new in pairs:
            assert not torch.equal(old, new), f"{name}: {parameter_name}"


@pytest.mark.parametrize("groups", [1, 2])
def test_a_shared_layer_without_biases(groups):
    def layer(bias):
        return SharedLinear(
            n_groups=groups,
            n_tasks=3,
            input_size=4,
            output_sizes=(5,),
            initializer="xavier_normal",
            generator=torch.Generator().manual_seed(0),
            bias=bias,
        )

    plain, other = layer(False), layer(True)
    assert list(plain.state_dict()) == ["weight"]
    assert list(other.state_dict()) == ["weight", "bias"]
    assert torch.equal(plain.weight, other.weight)
    inputs = torch.randn(groups, 12, 4, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(plain(inputs), inputs @ plain.weight)
    torch.testing.assert_close(plain(inputs[:1]), inputs[:1] @ plain.weight[:1])
    with plain.by_task():
        (plain(torch.tanh(plain(inputs) @ torch.ones(5, 4))) ** 2).sum().backward()
        ((weight, by_task),) = plain.task_gradients()
    assert weight is plain.weight
    assert by_task.shape == (groups, 3, 4, 5)
    for task in range(3):
        outputs = torch.tanh(inputs @ plain.weight @ torch.ones(5, 4)) @ plain.weight
        loss = (outputs[:, 4 * task : 4 * (task + 1)] ** 2).sum()
        torch.testing.assert_close(by_task[:, task], torch.autograd.grad(loss, plain.weight)[0])


def test_a_layer_draws_what_it_drew_before_there_was_a_choice():
    """The numbers that follow in the stream are the same too."""
    generators = [torch.Generator().manual_seed(3) for _ in range(2)]
    sizes = {"n_rows": 2, "input_size": 4, "output_sizes": (2, 3)}
    layers = [
        BatchedLinear(**sizes, initializer="xavier_uniform", generator=generator, bias=bias)
        for generator, bias in zip(generators, (True, False), strict=True)
    ]
    assert torch.equal(layers[0].weight, layers[1].weight)
    assert torch.equal(*(torch.rand(3, generator=generator) for generator in generators))


def test_the_row_and_its_preset():
    config = resolve("ptsl", "MetaWorldMT10-v2")
    assert (config.policy_architecture, config.q_architecture) == ("ptsl", "ptsl")
    assert (config.hidden_sizes, config.temperature) == ((367, 367, 367), "per_task")
    assert (config.ptsl_rank, config.ptsl_projection) == (50, "shared")
    assert (config.ptsl_residual, config.ptsl_init) == ("none", "paper")
    fifty = resolve("ptsl", "MetaWorldMT50-v2")
    assert (fifty.hidden_sizes, fifty.ptsl_rank) == ((325, 325, 325), 32)


def test_shared_projections_ask_for_layers_of_one_size():
    with pytest.raises(ConfigError, match=r"choose ptsl_projection = 'independent' for layers of"):
        resolve("ptsl", "JacoReachMT5-v1", hidden_sizes=(64, 32))
    config = resolve(
        "ptsl", "JacoReachMT5-v1", hidden_sizes=(64, 32), ptsl_projection="independent"
    )
    assert config.hidden_sizes == (64, 32)

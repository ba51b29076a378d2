"""Soft Modularization equals its formulas, sample by sample and module by module."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from learning.architectures.softmod import SoftmodArchitecture
from learning.architectures.softmod_options import SoftmodOptions
from learning.config.resolving import resolve, resolve_with_sources
from learning.errors import ConfigError
from learning.objectives.pcgrad import PCGrad, random_orders
from learning.streams import numpy_stream
from tests.algorithms.batches import make_batch
from tests.objectives.projected_sum import projected_sum
from tests.small_learner import (
    N_TASKS,
    make_architecture,
    make_critics,
    make_objective,
    make_policies,
    make_sac,
)

BATCH_SIZE, INPUT_SIZE = 2, 4
MTRL = {
    "softmod_embedding": "direct",
    "softmod_activate_observation": "never",
    "softmod_routing_input": "last_logits",
    "softmod_activation": "before_sum",
    "softmod_output": "output_modules",
}
VALUES = {
    "softmod_embedding": ("extra_layer", "direct"),
    "softmod_activate_observation": ("modules", "everywhere", "never"),
    "softmod_routing_input": ("all", "last", "last_logits"),
    "softmod_activation": ("after_sum", "before_sum"),
    "softmod_output": ("routed", "mean", "output_modules"),
}
OFFICIAL = {name: values[0] for name, values in VALUES.items()}
ONE_DIFFERENCE = [
    {**OFFICIAL, name: value} for name, values in VALUES.items() for value in values[1:]
]
FORMS = [OFFICIAL, *ONE_DIFFERENCE, MTRL]
SIZES = [
    {"softmod_modules": n, "softmod_layers": layers} for n in (1, 2, 3) for layers in (1, 2, 3)
]


def named(form):
    """What differs from the official form."""
    return "-".join(form[name] for name in VALUES if form[name] != OFFICIAL[name]) or "official"


def builder(hidden_sizes=(6, 5), **options):
    """What `make_architecture` takes as a class; small, with sizes that all differ."""
    sizes = {"softmod_module_width": 7, "softmod_routing_width": 8}

    def build(spec, generator):
        given = SoftmodOptions(hidden_sizes=hidden_sizes, **{**sizes, **options})
        return SoftmodArchitecture(dataclasses.replace(spec, options=given), generator)

    return build


def make(output_sizes=(2, 1), *, n_groups=1, redraw=True, **options):
    """An architecture whose tasks are routed apart, as after some training, and its inputs."""
    architecture = make_architecture(
        INPUT_SIZE, output_sizes, n_groups=n_groups, name=builder(**options)
    )
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in architecture.parameters() if redraw else ():
            parameter.normal_(0.0, 0.6, generator=generator)
    inputs = torch.randn(n_groups * N_TASKS, BATCH_SIZE, INPUT_SIZE, generator=generator)
    return architecture, inputs


def linear(layer, group, vector):
    """A layer of a group at one vector."""
    return vector @ layer.weight[group] + layer.bias[group, 0]


def module(architecture, layer, group, index, vector):
    """Module ``index`` of layer ``layer`` at one vector."""
    if layer > 0:
        weight, bias = (
            each[group, index] for each in architecture.later_modules[layer - 1].parameters()
        )
        return vector @ weight + bias[0]
    n_modules = architecture.spec.options.softmod_modules
    together = linear(architecture.first_modules, group, vector)
    size = len(together) // n_modules
    return together[index * size : (index + 1) * size]


def weighted_sum(weights, vectors):
    total = torch.zeros_like(vectors[0])
    for weight, vector in zip(weights, vectors, strict=True):
        total = total + weight * vector
    return total


def slow_routings(architecture, row, features):
    """The weights of one sample, a list of rows a layer; the last layer's vector is one row."""
    options, routing = architecture.spec.options, architecture.routing
    group, n_modules = row // N_TASKS, options.softmod_modules
    product = features * routing.tasks[row, 0]
    if options.softmod_embedding == "extra_layer":
        hidden = torch.relu(linear(routing.embedding[0], group, torch.relu(product)))
        embedding = linear(routing.embedding[1], group, hidden)
    else:
        embedding = linear(routing.embedding[0], group, product)
    weights, logits = [], []
    for index, layer in enumerate(routing.logits):
        if index == 0:
            state = embedding
        else:
            seen = {
                "all": [number for rows in weights for row in rows for number in row],
                "last": [number for row in weights[-1] for number in row],
                "last_logits": list(logits[-1]),
            }[options.softmod_routing_input]
            state = embedding * linear(routing.conditions[index - 1], group, torch.stack(seen))
        logits.append(linear(layer, group, torch.relu(state)))
        numbers = logits[-1].split(n_modules)
        weights.append([torch.exp(each) / torch.exp(each).sum() for each in numbers])
    return weights


def slow_output(architecture, row, vector):
    """One row's output for one sample [in], a module after another."""
    options, group = architecture.spec.options, row // N_TASKS
    n_modules, n_layers = options.softmod_modules, options.softmod_layers
    before_sum = options.softmod_activation == "before_sum"
    for layer in architecture.observation[:-1]:
        vector = torch.relu(linear(layer, group, vector))
    raw = linear(architecture.observation[-1], group, vector)
    place = options.softmod_activate_observation
    weights = slow_routings(architecture, row, torch.relu(raw) if place == "everywhere" else raw)
    heard = [raw if place == "never" else torch.relu(raw)] * n_modules
    for index in range(n_layers):
        answers = [module(architecture, index, group, j, heard[j]) for j in range(n_modules)]
        if index == n_layers - 1 and options.softmod_output == "output_modules":
            return sum(answers) / n_modules
        if before_sum:
            answers = [torch.relu(answer) for answer in answers]
        if index < n_layers - 1 or options.softmod_output == "routed":
            rows = weights[index]
        else:
            rows = [torch.full((n_modules,), 1 / n_modules)]
        heard = [weighted_sum(each, answers) for each in rows]
        if not before_sum:
            heard = [torch.relu(each) for each in heard]
    (last,) = heard
    return linear(architecture.output, group, last)


def slow_outputs(architecture, inputs, output=slow_output):
    """All rows' outputs, one sample after another."""
    return torch.stack(
        [
            torch.stack([output(architecture, row, vector) for vector in samples])
            for row, samples in enumerate(inputs)
        ]
    )


def gradients(architecture, outputs):
    """Every parameter's gradient of a loss that weighs each output differently."""
    scale = torch.randn(outputs.shape, generator=torch.Generator().manual_seed(2))
    return torch.autograd.grad((outputs * scale).sum(), list(architecture.parameters()))


def assert_equal_to_the_slow_one(architecture, inputs, output=slow_output):
    outputs, slow = architecture(inputs), slow_outputs(architecture, inputs, output)
    assert outputs.dtype == torch.float32
    torch.testing.assert_close(outputs, slow, rtol=1e-5, atol=1e-5)
    ours, expected = gradients(architecture, outputs), gradients(architecture, slow)
    for name, one, other in zip(dict(architecture.named_parameters()), ours, expected, strict=True):
        torch.testing.assert_close(
            one, other, rtol=1e-4, atol=2e-5, msg=lambda text, name=name: f"{name}: {text}"
        )


@pytest.mark.parametrize("form", FORMS, ids=named)
@pytest.mark.parametrize("n_groups", [1, 2])
def test_every_form_and_size_equals_the_loops(form, n_groups):
    for sizes in SIZES:
        if sizes["softmod_layers"] == 1 and form["softmod_output"] != "routed":
            continue
        architecture, inputs = make(n_groups=n_groups, **form, **sizes)
        assert_equal_to_the_slow_one(architecture, inputs)


@pytest.mark.parametrize("output", VALUES["softmod_output"])
def test_every_combination_of_the_forms_equals_the_loops(output):
    *others, _ = VALUES
    for values in itertools.product(*(VALUES[name] for name in others)):
        form = {**dict(zip(others, values, strict=True)), "softmod_output": output}
        architecture, inputs = make(**form, softmod_layers=3)
        assert_equal_to_the_slow_one(architecture, inputs)


def mtrl_output(architecture, row, vector):
    """mtrl's trunk and routing network for one sample, with no other form in sight."""
    group, n_modules = row // N_TASKS, architecture.spec.options.softmod_modules
    for layer in architecture.observation[:-1]:
        vector = torch.relu(linear(layer, group, vector))
    encoding = linear(architecture.observation[-1], group, vector)
    routing = architecture.routing
    h = linear(routing.embedding[0], group, encoding * routing.tasks[row, 0])
    logits = [linear(routing.logits[0], group, torch.relu(h))]
    for up, down in zip(routing.conditions, routing.logits[1:], strict=True):
        logits.append(linear(down, group, torch.relu(linear(up, group, logits[-1]) * h)))
    hidden = [encoding] * n_modules
    for index, each in enumerate(logits):
        active = [
            torch.relu(module(architecture, index, group, j, hidden[j])) for j in range(n_modules)
        ]
        shares = torch.softmax(each.view(n_modules, n_modules), dim=-1)
        hidden = [sum(shares[i, j] * active[j] for j in range(n_modules)) for i in range(n_modules)]
    last = len(logits)
    outputs = [module(architecture, last, group, j, hidden[j]) for j in range(n_modules)]
    return torch.stack(outputs).mean(dim=0)


@pytest.mark.parametrize("n_layers", [2, 4])
def test_the_options_together_give_mtrls_form(n_layers):
    architecture, inputs = make(**MTRL, n_groups=2, softmod_layers=n_layers, softmod_modules=4)
    assert architecture.output is None
    assert len(architecture.routing.logits) == n_layers - 1
    assert_equal_to_the_slow_one(architecture, inputs, mtrl_output)


def test_one_module_a_layer_is_a_perceptron():
    """With nothing to choose, it is relu(f), L layers and an output layer."""
    architecture, inputs = make(softmod_modules=1, softmod_layers=2)
    for row, samples in enumerate(inputs):
        hidden = torch.relu(linear(architecture.observation[0], 0, samples))
        hidden = torch.relu(linear(architecture.observation[1], 0, hidden))
        hidden = torch.relu(linear(architecture.first_modules, 0, hidden))
        later = architecture.later_modules[0]
        hidden = torch.relu(hidden @ later.weight[0, 0] + later.bias[0, 0])
        expected = linear(architecture.output, 0, hidden)
        torch.testing.assert_close(architecture(inputs)[row], expected)


@pytest.mark.parametrize("hidden_sizes", [(5,), (6, 9, 5)])
def test_the_last_hidden_size_is_that_of_the_embeddings(hidden_sizes):
    architecture, inputs = make(hidden_sizes=hidden_sizes)
    assert architecture.routing.tasks.shape == (N_TASKS, 1, 5)
    assert_equal_to_the_slow_one(architecture, inputs)


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_bf16_is_close_and_gives_float32(form):
    architecture, inputs = make(n_groups=2, **form, softmod_layers=3)
    found = []
    for enabled in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            outputs = architecture(inputs)
        assert outputs.dtype == torch.float32
        found.append([outputs, *gradients(architecture, outputs)])
        assert all(each.dtype == torch.float32 for each in found[-1])
    assert not torch.equal(found[0][0], found[1][0])
    for exact, rough in zip(*found, strict=True):
        torch.testing.assert_close(rough, exact, rtol=0.1, atol=0.1 * exact.abs().max().item())


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_what_a_module_hears_adds_up_to_one(form):
    architecture, inputs = make(n_groups=2, **form, softmod_modules=3, softmod_layers=3)
    features = architecture._embed(inputs.reshape(2, N_TASKS * BATCH_SIZE, INPUT_SIZE))
    weights = architecture.routing(features)
    is_routed = form["softmod_output"] == "routed"
    rows = [3, 3, 1] if is_routed else [3, 3]
    assert [each.shape for each in weights] == [(2, N_TASKS * BATCH_SIZE, n, 3) for n in rows]
    for each in weights:
        torch.testing.assert_close(each.sum(dim=-1), torch.ones(each.shape[:-1]))
        assert (each > 0).all()
        if each.shape[2] == 3:
            assert (each.sum(dim=-2) - 1).abs().max() > 0.1


def test_at_the_start_all_modules_are_mixed_alike():
    architecture, inputs = make(n_groups=2, redraw=False, softmod_modules=3, softmod_layers=4)
    for layer in architecture.routing.logits:
        assert 0.0009 < layer.weight.abs().max() <= 0.001
        assert not layer.bias.any()
    features = architecture._embed(inputs.reshape(2, N_TASKS * BATCH_SIZE, INPUT_SIZE))
    for each in architecture.routing(features):
        torch.testing.assert_close(each, torch.full_like(each, 1 / 3), rtol=0, atol=0.01)


def test_modules_and_heads_are_drawn_with_their_own_fan_out():
    architecture = make_architecture(
        INPUT_SIZE,
        (10, 50),
        n_groups=2,
        name=builder(
            hidden_sizes=(40,), softmod_modules=9, softmod_module_width=60, softmod_layers=3
        ),
    )
    for weight, sizes in (
        (architecture.first_modules.weight, (40, 60)),
        (architecture.later_modules[0].weight, (60, 60)),
        (architecture.output.weight[..., :10], (60, 10)),
        (architecture.output.weight[..., 10:], (60, 50)),
        (architecture.routing.tasks, (N_TASKS, 40)),
    ):
        std = (2 / sum(sizes)) ** 0.5
        assert weight.std().item() == pytest.approx(std, rel=0.1)
        assert weight.abs().max().item() <= 3**0.5 * std


def test_the_first_group_alone_equals_its_part_of_the_whole():
    architecture, inputs = make(n_groups=2)
    whole = architecture(inputs)
    torch.testing.assert_close(architecture(inputs[:N_TASKS]), whole[:N_TASKS])
    again = architecture(torch.cat((inputs[:N_TASKS], inputs[:N_TASKS])))
    assert not torch.allclose(again[:N_TASKS], again[N_TASKS:])


@pytest.mark.parametrize("form", [OFFICIAL, MTRL], ids=named)
def test_ask_all_asks_every_row_of_the_first_group(form):
    architecture, _ = make(n_groups=2, **form)
    inputs = torch.randn(7, INPUT_SIZE, generator=torch.Generator().manual_seed(1))
    outputs = architecture.ask_all(inputs)
    assert outputs.shape == (N_TASKS, 7, 3)
    for task in range(N_TASKS):
        torch.testing.assert_close(
            outputs[task], architecture(inputs.expand(N_TASKS, 7, INPUT_SIZE))[task]
        )
        slow = torch.stack([slow_output(architecture, task, vector) for vector in inputs])
        if form is OFFICIAL:
            torch.testing.assert_close(outputs[task], slow, rtol=1e-5, atol=1e-5)
    assert not torch.allclose(outputs[0], outputs[1])


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_a_task_reaches_what_its_group_shares_and_its_own_embedding(form):
    """Groups come first in what is shared, rows in what is a task's own."""
    architecture, inputs = make(n_groups=2, **form, softmod_layers=3)
    shared = {id(parameter) for parameter in architecture.shared_parameters()}
    assert architecture.sharing == "some"
    architecture(inputs)[N_TASKS + 1].square().sum().backward()
    for name, parameter in architecture.named_parameters():
        assert (id(parameter) in shared) == (name != "routing.tasks")
        own = [N_TASKS + 1] if name == "routing.tasks" else [1]
        reached = parameter.grad.flatten(start_dim=1).any(dim=1)
        assert len(parameter) == (2 * N_TASKS if name == "routing.tasks" else 2)
        assert reached.nonzero().flatten().tolist() == own, name


def test_a_network_that_would_not_be_told_the_task_is_refused():
    for output in ("mean", "output_modules"):
        with pytest.raises(ConfigError, match="softmod_layers of 2 or more"):
            SoftmodOptions(softmod_layers=1, softmod_output=output)
    with pytest.raises(ConfigError, match="allowed is one of routed, mean, output_modules"):
        SoftmodOptions(softmod_output="sum")
    with pytest.raises(ConfigError, match="softmod_layers of 2 or more"):
        resolve("softmod", "JacoReachMT5-v1", softmod_layers=1, softmod_output="mean")


def slow_pcgrad(architecture, losses, orders):
    """Every parameter's gradient by T backward passes; the tasks' embeddings are not projected."""
    names, parameters = zip(*architecture.named_parameters(), strict=True)
    losses = losses.view(-1, N_TASKS)
    by_task = [
        torch.autograd.grad(losses[:, task].sum(), parameters, retain_graph=True)
        for task in range(N_TASKS)
    ]
    results = [sum(each) for each in zip(*by_task, strict=True)]
    shared = [index for index, name in enumerate(names) if name != "routing.tasks"]
    for group in range(architecture.n_groups):
        vectors = [
            torch.cat([gradients[index][group].flatten() for index in shared])
            for gradients in by_task
        ]
        merged = projected_sum(vectors, orders[group])
        for index in shared:
            size = results[index][group].numel()
            results[index][group] = merged[:size].view_as(results[index][group])
            merged = merged[size:]
    return results


def count_backward_calls(monkeypatch):
    calls = []
    run = torch.Tensor.backward
    monkeypatch.setattr(
        torch.Tensor, "backward", lambda *args, **kwargs: calls.append(1) or run(*args, **kwargs)
    )
    return calls


@pytest.mark.parametrize("form", [OFFICIAL, MTRL], ids=named)
@pytest.mark.parametrize("n_groups", [1, 2])
def test_pcgrad_equals_t_backward_passes_and_loops(form, n_groups, monkeypatch):
    """Of policies (one group) and critics (two), in one backward pass."""
    architecture, inputs = make(n_groups=n_groups, **form, softmod_layers=3)
    # One task's outputs are to rise and another's to fall, so that they pull against each other.
    errors = torch.linspace(-3.0, 4.0, N_TASKS).repeat(n_groups)[:, None, None]
    targets = architecture(inputs).detach() + errors

    def losses():
        return ((architecture(inputs) - targets) ** 2).mean(dim=(1, 2)).view(n_groups, N_TASKS)

    plain = torch.autograd.grad(losses().sum(), list(architecture.parameters()))
    orders = random_orders(n_groups, N_TASKS, numpy_stream(7, "objective"))
    expected = slow_pcgrad(architecture, losses(), orders)
    calls = count_backward_calls(monkeypatch)
    with make_objective(PCGrad, seed=7).gradients_of("policy", architecture) as backward:
        backward(losses())
    assert len(calls) == 1
    for (name, parameter), slow, unprojected in zip(
        architecture.named_parameters(), expected, plain, strict=True
    ):
        torch.testing.assert_close(parameter.grad, slow, rtol=1e-4, atol=1e-5)
        changed = not torch.allclose(slow, unprojected, rtol=1e-3, atol=1e-5)
        assert changed == (name != "routing.tasks"), f"{name}: the test says nothing of it"


def test_an_update_with_pcgrad_equals_the_slow_one():
    """Policies and critics of a whole SAC, each projected on its own."""

    def make_small():
        build = builder(softmod_layers=3)
        policies, critics = make_policies(name=build), make_critics(name=build)
        return make_sac(policies, critics, objective=make_objective(PCGrad, seed=7))

    sac, slow = make_small(), make_small()
    batch = make_batch(np.random.default_rng(0))
    sac.optimize_policy(batch)

    random = numpy_stream(7, "objective")
    noise = torch.randn((2, *batch.actions.shape), generator=slow.noise)
    inputs = slow.critics.inputs(batch.observations, batch.actions)
    losses = slow._critic_objective(batch, inputs, noise[0])
    orders = random_orders(2, N_TASKS, random)
    step(slow.critics.architecture, slow._qf1_optimizer, losses, orders)
    mean, log_std = slow.policy(batch.observations)
    before_tanh = mean + log_std.exp() * noise[1]
    actions = torch.tanh(before_tanh)
    log_prob = torch.distributions.Normal(mean, log_std.exp()).log_prob(before_tanh)
    log_prob = (log_prob - torch.log(1 - actions**2 + 1e-6)).sum(dim=-1)
    values = torch.min(*slow.critics(batch.observations, actions))
    alpha = slow.log_alpha.detach().exp()[:, None]
    losses = (alpha * log_prob - values).mean(dim=1)
    orders = random_orders(1, N_TASKS, random)
    step(slow.policy.architecture, slow._policy_optimizer, losses, orders)
    for ours, theirs in ((sac.critics, slow.critics), (sac.policy, slow.policy)):
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def step(architecture, optimizer, losses, orders):
    results = slow_pcgrad(architecture, losses, orders)
    for parameter, gradient in zip(architecture.parameters(), results, strict=True):
        parameter.grad = gradient
    optimizer.step()


def test_numbers_of_the_presets():
    jaco = resolve("softmod", "JacoReachMT5-v1")
    ten, fifty = (resolve("softmod", f"MetaWorldMT{n}-v2") for n in (10, 50))
    names = ("softmod_modules", "softmod_layers", "softmod_module_width")
    assert [[config.values[name] for name in names] for config in (jaco, ten, fifty)] == [
        [2, 2, 256],
        [2, 2, 256],
        [4, 4, 128],
    ]
    assert [config.hidden_sizes for config in (jaco, ten, fifty)] == [
        (256, 256),
        (400, 400),
        (400, 400),
    ]
    assert {config.softmod_routing_width for config in (jaco, ten, fifty)} == {256}
    assert {config.temperature for config in (jaco, ten, fifty)} == {"per_task"}
    assert (ten.policy_architecture, ten.q_architecture) == ("softmod", "softmod")
    assert {name: ten.values[name] for name in VALUES} == OFFICIAL
    sources = resolve_with_sources("softmod", "MetaWorldMT50-v2").sources
    assert (
        sources["softmod_modules"] == "Soft Modularization's official code, MT50: its deep network"
    )

"""PCGrad against T backward passes and projections in plain loops, in the same random order."""

import copy

import numpy as np
import pytest
import torch

from learning.architectures.architecture import Architecture
from learning.architectures.shared_linear import SharedLinear
from learning.objectives.pcgrad import (
    PCGrad,
    conflict_share,
    projection_coefficients,
    random_orders,
)
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


def draw(generator, *shape):
    return torch.nn.Parameter(torch.randn(*shape, generator=generator))


class Headed(Architecture):
    """A linear layer a task, without a bias, after what the tasks share."""

    def __init__(self, spec, generator):
        super().__init__(spec, generator)
        self.heads = draw(generator, spec.n_rows, spec.input_size, sum(spec.output_sizes))

    def forward(self, inputs):
        n_rows, batch_size, size = inputs.shape
        hidden = self.hidden(inputs.view(-1, self.n_tasks * batch_size, size))
        return hidden.view(n_rows, batch_size, size) @ self.heads[:n_rows]


class Gated(Headed):
    """Shared are plain parameters, no layer of the project's: a gate, and a bias without a use."""

    def __init__(self, spec, generator):
        super().__init__(spec, generator)
        self.gate = draw(generator, spec.n_groups, 1, spec.input_size)
        self.unused = draw(generator, spec.n_groups, 1, spec.input_size)

    def hidden(self, inputs):
        return torch.tanh(inputs * self.gate[: len(inputs)])

    def shared_parameters(self):
        return [self.gate, self.unused]


class Twice(Headed):
    """Shared is a layer of the project's, through which the inputs pass twice."""

    def __init__(self, spec, generator):
        super().__init__(spec, generator)
        self.layer = SharedLinear(
            n_groups=spec.n_groups,
            n_tasks=spec.n_tasks,
            input_size=spec.input_size,
            output_sizes=(spec.input_size,),
            initializer="xavier_normal",
            generator=generator,
        )

    def hidden(self, inputs):
        return torch.tanh(self.layer(torch.tanh(self.layer(inputs))))


class Mixed(Twice):
    """Both: a plain parameter beside the layer."""

    def __init__(self, spec, generator):
        super().__init__(spec, generator)
        self.gate = draw(generator, spec.n_groups, 1, spec.input_size)

    def hidden(self, inputs):
        return super().hidden(inputs * self.gate[: len(inputs)])

    def shared_parameters(self):
        return [*super().shared_parameters(), self.gate]


ARCHITECTURES = ["shared", "multihead", Gated, Twice, Mixed]


def make_pcgrad(seed=0):
    return make_objective(PCGrad, seed=seed)


def stream(seed=0):
    """What PCGrad of this seed draws its orders from."""
    return numpy_stream(seed, "objective")


def shared_parameters(architecture):
    layers = [module for module in architecture.modules() if isinstance(module, SharedLinear)]
    found = [parameter for layer in layers for parameter in layer.parameters(recurse=False)]
    return [*found, architecture.gate] if hasattr(architecture, "gate") else found


def reached_parameters(architecture):
    return [each for name, each in architecture.named_parameters() if name != "unused"]


def slow_gradients(architecture, losses, orders):
    """Every parameter's gradient by T backward passes; losses [G, T], orders [G, T, T - 1]."""
    parameters = reached_parameters(architecture)
    shared = {id(parameter) for parameter in shared_parameters(architecture)}
    losses = losses.view(-1, N_TASKS)
    by_task = [
        torch.autograd.grad(losses[:, task].sum(), parameters, retain_graph=True)
        for task in range(N_TASKS)
    ]
    results = [sum(gradients) for gradients in zip(*by_task, strict=True)]
    for group in range(architecture.n_groups if shared else 0):
        vectors = [
            torch.cat(
                [
                    gradient[group].flatten()
                    for parameter, gradient in zip(parameters, gradients, strict=True)
                    if id(parameter) in shared
                ]
            )
            for gradients in by_task
        ]
        merged = projected_sum(vectors, orders[group])
        for parameter, result in zip(parameters, results, strict=True):
            if id(parameter) in shared:
                size = parameter[group].numel()
                result[group] = merged[:size].view_as(parameter[group])
                merged = merged[size:]
    return results


def conflicting_losses(outputs):
    """A loss a row, of which some pull apart: targets are far from each other."""
    targets = torch.linspace(-3.0, 3.0, N_TASKS).repeat(len(outputs) // N_TASKS)[:, None, None]
    return ((outputs - targets) ** 2).mean(dim=(1, 2))


def count_backward_calls(monkeypatch):
    calls = []
    run = torch.Tensor.backward
    monkeypatch.setattr(
        torch.Tensor, "backward", lambda *args, **kwargs: calls.append(1) or run(*args, **kwargs)
    )
    return calls


@pytest.mark.parametrize("n_groups", [1, 2])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_gradients_equal_t_backward_passes_and_loops(name, n_groups, monkeypatch):
    architecture = make_architecture(4, (2,), n_groups=n_groups, name=name).double()
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(n_groups * N_TASKS, 6, 4, generator=generator, dtype=torch.float64)
    orders = random_orders(n_groups, N_TASKS, stream(7))
    expected = slow_gradients(architecture, conflicting_losses(architecture(inputs)), orders)
    plain = torch.autograd.grad(
        conflicting_losses(architecture(inputs)).sum(), reached_parameters(architecture)
    )

    pcgrad = make_pcgrad(7)
    calls = count_backward_calls(monkeypatch)
    with pcgrad.gradients_of("policy", architecture) as backward:
        backward(conflicting_losses(architecture(inputs)).view(n_groups, N_TASKS))
    assert len(calls) == 1
    names = {id(parameter): key for key, parameter in architecture.named_parameters()}
    parameters = reached_parameters(architecture)
    for parameter, slow, unprojected in zip(parameters, expected, plain, strict=True):
        torch.testing.assert_close(parameter.grad, slow, rtol=1e-9, atol=1e-12)
        changed = not torch.allclose(slow, unprojected)
        heads = "heads" in names[id(parameter)]
        assert changed == (not heads), "nothing conflicts here: the test says nothing"
    if name is Gated:
        assert not architecture.unused.grad.any(), "no loss reaches it"
    assert pcgrad.read_statistics()["Objective/policy/ConflictShare"] > 0


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_old_gradients_are_none_of_the_next_steps(name):
    """Zeroed before the backward pass, as the algorithm does, nothing of them is left."""
    architecture = make_architecture(4, (2,), name=name)
    inputs = torch.randn(N_TASKS, 6, 4, generator=torch.Generator().manual_seed(1))
    found = []
    for _ in range(2):
        with make_pcgrad(7).gradients_of("policy", architecture) as backward:
            losses = conflicting_losses(architecture(inputs))
            architecture.zero_grad()
            backward(losses)
        found.append([each.grad.clone() for each in reached_parameters(architecture)])
    for first, second in zip(*found, strict=True):
        assert torch.equal(first, second)


def test_without_a_backward_pass_is_an_error():
    architecture = make_architecture(4, (2,), name="multihead")
    with (
        pytest.raises(RuntimeError, match="no loss was differentiated"),
        make_pcgrad().gradients_of("policy", architecture),
    ):
        architecture(torch.ones(N_TASKS, 5, 4))


@pytest.mark.parametrize(
    ("policy", "critics"),
    [("multihead", "multihead"), ("shared", "shared"), ("multihead", "separate"),
     ("separate", "shared"), ("multihead", "decaf"), (Gated, Twice), (Mixed, "separate")],
)  # fmt: skip
@pytest.mark.parametrize("actor_steps", [1, 2])
def test_an_update_equals_the_slow_one(policy, critics, actor_steps, monkeypatch):
    """Policies and critics are projected each on their own, those with shared layers alone."""

    def make():
        return make_sac(
            make_policies(name=policy),
            make_critics(name=critics),
            objective=make_pcgrad(7),
            actor_steps=actor_steps,
        )

    sac, batch = make(), make_batch(np.random.default_rng(0))
    calls = count_backward_calls(monkeypatch)
    sac.optimize_policy(batch)
    assert len(calls) == 2 + actor_steps

    slow = make()
    orders = stream(7)
    noise = torch.randn((2, *batch.actions.shape), generator=slow.noise)
    inputs = slow.critics.inputs(batch.observations, batch.actions)
    critic_losses = slow._critic_objective(batch, inputs, noise[0])
    _slow_step(slow.critics.architecture, slow._qf1_optimizer, critic_losses, orders)
    size = batch.rewards.shape[1] // actor_steps
    for step, share in enumerate(batch.split(actor_steps)):
        share_noise = noise[1][:, step * size : (step + 1) * size]
        losses, _ = _policy_losses(slow, share, share_noise)
        _slow_step(slow.policy.architecture, slow._policy_optimizer, losses, orders)
    for ours, theirs in ((sac.critics, slow.critics), (sac.policy, slow.policy)):
        for ours_, theirs_ in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(ours_, theirs_, rtol=1e-4, atol=1e-5)


def _policy_losses(sac, batch, noise):
    distribution = torch.distributions.Normal(*_mean_std(sac, batch))
    before_tanh = distribution.mean + distribution.stddev * noise
    actions = torch.tanh(before_tanh)
    log_prob = distribution.log_prob(before_tanh) - torch.log(1 - actions**2 + 1e-6)
    log_prob = log_prob.sum(dim=-1)
    values = torch.min(*sac.critics(batch.observations, actions))
    alpha = sac.log_alpha.detach().exp()[:, None]
    return (alpha * log_prob - values).mean(dim=1), log_prob


def _mean_std(sac, batch):
    mean, log_std = sac.policy(batch.observations)
    return mean, log_std.exp()


def _slow_step(architecture, optimizer, losses, random):
    if shared_parameters(architecture):
        orders = random_orders(architecture.n_groups, N_TASKS, random)
    else:
        orders = [[[]] * N_TASKS] * architecture.n_groups
    gradients = slow_gradients(architecture, losses, orders)
    for parameter, gradient in zip(reached_parameters(architecture), gradients, strict=True):
        parameter.grad = gradient
    optimizer.step()


def test_coefficients_by_hand():
    """Two tasks in the plane: g_1 = (1, 0), g_2 = (-1, 1) conflict.

    g_1 gives up its part along g_2: (1, 0) + 1/2 (-1, 1) = (1/2, 1/2); g_2 becomes (0, 1).
    """
    gradients = np.array([[1.0, 0.0], [-1.0, 1.0]])
    orders = np.array([[[1], [0]]])
    coefficients = projection_coefficients((gradients @ gradients.T)[None], orders)
    np.testing.assert_allclose(coefficients[0] @ gradients, [[0.5, 0.5], [0.0, 1.0]])
    assert conflict_share((gradients @ gradients.T)[None]) == 1.0


def test_the_order_matters_and_is_kept():
    gradients = np.array([[1.0, 0.3], [-1.0, 0.2], [-0.6, -1.0]])
    inner_products = (gradients @ gradients.T)[None]
    results = []
    for first in ([1, 2], [2, 1]):
        orders = np.array([[first, [0, 2], [0, 1]]])
        ours = projection_coefficients(inner_products, orders)[0] @ gradients
        theirs = projected_sum([torch.tensor(each) for each in gradients], orders[0])
        np.testing.assert_allclose(ours.sum(axis=0), theirs.numpy())
        results.append(ours[0])
    assert not np.allclose(*results)


def test_orders_are_all_others_evenly():
    orders = random_orders(2, 4, np.random.default_rng(0))
    assert orders.shape == (2, 4, 3)
    for group in range(2):
        for task in range(4):
            assert sorted(orders[group, task]) == [each for each in range(4) if each != task]
    random = np.random.default_rng(0)
    drawn = [tuple(random_orders(1, 4, random)[0, 2]) for _ in range(600)]
    counts = [drawn.count(order) for order in set(drawn)]
    assert len(counts) == 6
    assert min(counts) > 60


def test_a_task_without_gradient_gives_no_nan():
    architecture = make_architecture(4, (2,), name="multihead")
    pcgrad = make_pcgrad()
    with pcgrad.gradients_of("policy", architecture) as backward:
        losses = conflicting_losses(architecture(torch.ones(N_TASKS, 5, 4)))
        backward(losses * torch.tensor([1.0, 0.0, 1.0]))
    assert all(parameter.grad.isfinite().all() for parameter in architecture.parameters())


def test_bf16_gives_float32_gradients_close_to_the_exact_ones():
    gradients = []
    for enabled in (False, True):
        architecture = make_architecture(4, (2,), name="multihead")
        with make_pcgrad().gradients_of("policy", architecture) as backward:
            inputs = torch.randn(N_TASKS, 8, 4, generator=torch.Generator().manual_seed(1))
            with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
                losses = conflicting_losses(architecture(inputs))
            backward(losses)
        gradients.append([parameter.grad for parameter in architecture.parameters()])
        assert all(gradient.dtype == torch.float32 for gradient in gradients[-1])
    exact, rough = gradients
    assert any(not torch.equal(*pair) for pair in zip(exact, rough, strict=True))
    for ours, theirs in zip(exact, rough, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0.1, atol=0.1 * ours.abs().max().item())


def test_the_log_tells_the_share_of_conflicting_pairs():
    pcgrad = make_pcgrad()
    architecture = make_architecture(4, (2,), name="shared")
    inputs = torch.ones(N_TASKS, 5, 4)
    # Equal inputs, targets -3, 0 and 3 around the outputs: 0 and 2 conflict, 1 with one of them.
    with pcgrad.gradients_of("policy", architecture) as backward:
        backward(conflicting_losses(architecture(inputs)))
    with pcgrad.gradients_of("policy", architecture) as backward:
        backward(architecture(inputs).sum(dim=(1, 2)))
    logged = pcgrad.read_statistics()
    assert logged["Objective/policy/ConflictShare"] == pytest.approx((2 / 3 + 0) / 2)
    assert np.isnan(logged["Objective/critics/ConflictShare"])
    assert np.isnan(pcgrad.read_statistics()["Objective/policy/ConflictShare"])


def test_resuming_goes_on_with_the_same_orders():
    whole, state = make_pcgrad(), None
    inputs = torch.randn(N_TASKS, 5, 4, generator=torch.Generator().manual_seed(1))
    architecture = make_architecture(4, (2,), name="multihead", hidden_sizes=(4,))

    def gradients(pcgrad):
        with pcgrad.gradients_of("policy", architecture) as backward:
            backward(conflicting_losses(architecture(inputs)))
        found = [parameter.grad.clone() for parameter in architecture.parameters()]
        architecture.zero_grad()
        return found

    gradients(whole)
    state = copy.deepcopy(whole.get_state())
    expected = [gradients(whole) for _ in range(4)]
    resumed = make_pcgrad(1)
    resumed.set_state(state)
    for each in expected:
        for ours, theirs in zip(gradients(resumed), each, strict=True):
            assert torch.equal(ours, theirs)

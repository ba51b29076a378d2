"""MOORE equals its definition, state by state and expert by expert; experts are orthonormal."""

import pytest
import torch

from learning.architectures import moore
from learning.architectures.orthonormal import orthonormal
from learning.config.resolving import resolve
from learning.errors import ConfigError
from tests.architectures.members import (
    CRITICS,
    POLICY,
    check_against_slow,
    check_ask_all,
    check_pcgrad,
    check_what_a_loss_reaches,
    make,
    make_inputs,
)
from tests.small_learner import N_TASKS


def slow_output(architecture, row, sample):
    """One row's output for one observation."""
    group = row // N_TASKS
    units = []
    for expert in range(architecture.shares.shape[1]):
        hidden = sample
        for index, layer in enumerate(architecture.experts):
            hidden = layer.weight[group, expert].T @ hidden + layer.bias[group, expert, 0]
            if index < len(architecture.experts) - 1:
                hidden = torch.relu(hidden)
        left = hidden
        for unit in units:
            left = left - torch.dot(hidden, unit) * unit
        units.append(left / (torch.sqrt(torch.sum(left**2)) + 1e-8))
    features = 0.0
    for share, unit in zip(architecture.shares[row], units, strict=True):
        features = features + share * unit
    return architecture.heads.weight[row].T @ torch.tanh(features) + architecture.heads.bias[row, 0]


@pytest.mark.parametrize("n_experts", [1, 2, 5])
@pytest.mark.parametrize("n_groups", [1, 2])
def test_equals_its_definition(n_groups, n_experts):
    architecture = make("moore", n_groups=n_groups, moore_experts=n_experts)
    check_against_slow(slow_output, architecture, make_inputs(n_groups * N_TASKS))


@pytest.mark.parametrize("n_experts", [1, 2, 5])
@pytest.mark.parametrize("n_groups", [1, 2])
def test_bf16_is_close_to_its_definition(n_groups, n_experts):
    architecture = make("moore", n_groups=n_groups, moore_experts=n_experts)
    inputs = make_inputs(n_groups * N_TASKS, 40)
    check_against_slow(slow_output, architecture, inputs, autocast=True)


def deviation(units):
    """The largest difference of the vectors' inner products [..., K, K] from those they should."""
    by_state = units.double().transpose(-3, -2)
    return (by_state @ by_state.mT - torch.eye(units.shape[-3])).abs().max().item()


@pytest.mark.parametrize("n_groups", [1, 2])
@pytest.mark.parametrize("autocast", [False, True])
def test_the_experts_are_orthonormal_in_every_state(n_groups, autocast, monkeypatch):
    """In bf16, too, since Gram-Schmidt is float32 there; and by itself it would not be."""
    seen = []
    monkeypatch.setattr(
        moore, "orthonormal", lambda vectors: seen.append((vectors, orthonormal(vectors)))
        or seen[-1][1]
    )  # fmt: skip
    architecture = make("moore", n_groups=n_groups, moore_experts=5, hidden_sizes=(32, 64))
    inputs = make_inputs(n_groups * N_TASKS, 40)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        architecture(inputs)
        architecture.ask_all(inputs[0])
    for (vectors, units), n_states in zip(seen, [n_groups * N_TASKS * 40, 40], strict=True):
        assert vectors.dtype == (torch.bfloat16 if autocast else torch.float32)
        assert units.dtype == torch.float32
        assert units[..., 0, :, 0].numel() == n_states
        assert deviation(units) < 1e-5
        rough = []
        for vector in vectors.bfloat16().unbind(-3):
            left = vector
            for unit in rough:
                left = left - (left * unit).sum(-1, keepdim=True) * unit
            rough.append(left / left.norm(dim=-1, keepdim=True))
        assert deviation(torch.stack(rough, dim=-3)) > 1e-3


def test_the_first_expert_keeps_its_direction_and_the_second_what_is_left():
    """By hand: (3, 4) becomes (0.6, 0.8); (1, 0) less 0.6 of it is (0.64, -0.48), of length 0.8."""
    units = orthonormal(torch.tensor([[[3.0, 4.0]], [[1.0, 0.0]]]))
    torch.testing.assert_close(units, torch.tensor([[[0.6, 0.8]], [[0.8, -0.6]]]))


def test_gradients_of_gram_schmidt_are_its_derivatives():
    vectors = torch.randn(2, 3, 2, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(orthonormal, vectors)


def degenerate(kind):
    architecture = make("moore", moore_experts=3)
    with torch.no_grad():
        for index, layer in enumerate(architecture.experts):
            is_last = index == len(architecture.experts) - 1
            for parameter in (layer.weight, layer.bias):
                if kind == "parallel":
                    parameter[:, 1] = parameter[:, 0] * (-2.0 if is_last else 1.0)
                elif kind == "equal":
                    parameter[:, 1:] = parameter[:, :1]
                elif is_last:
                    parameter[:, 1 if kind == "second is zero" else slice(None)] = 0.0
    return architecture


@pytest.mark.parametrize("autocast", [False, True])
@pytest.mark.parametrize("kind", ["parallel", "equal", "second is zero", "all are zero"])
def test_experts_that_span_less_stay_finite(kind, autocast):
    architecture = degenerate(kind)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        outputs = architecture(make_inputs(N_TASKS))
    assert outputs.isfinite().all()
    outputs.square().sum().backward()
    for parameter in architecture.parameters():
        assert parameter.grad.isfinite().all()


def test_more_experts_than_orthogonal_vectors_are_refused():
    assert make("moore", moore_experts=12).shares.shape == (N_TASKS, 12)
    with pytest.raises(ConfigError, match="moore_experts = 13: at most the last of hidden_sizes"):
        make("moore", moore_experts=13)


def test_the_first_group_alone_equals_its_part_of_the_whole():
    architecture = make("moore", n_groups=2)
    inputs = make_inputs(2 * N_TASKS)
    whole = architecture(inputs)
    torch.testing.assert_close(architecture(inputs[:N_TASKS]), whole[:N_TASKS])
    assert not torch.allclose(architecture(inputs[:N_TASKS].repeat(2, 1, 1))[N_TASKS:], whole[:3])


@pytest.mark.parametrize("n_groups", [1, 2])
def test_ask_all_asks_every_row_of_the_first_group(n_groups):
    check_ask_all(make("moore", n_groups=n_groups))


@pytest.mark.parametrize("shape", [POLICY, CRITICS])
def test_what_the_tasks_hold_in_common(shape):
    check_what_a_loss_reaches(make("moore", **shape), n_shared=4)


@pytest.mark.parametrize("n_experts", [1, 3])
@pytest.mark.parametrize("shape", [POLICY, CRITICS])
def test_pcgrad_equals_a_backward_pass_a_task(shape, n_experts):
    check_pcgrad(make("moore", moore_experts=n_experts, **shape))


def test_numbers_of_the_meta_world_presets():
    assert make("moore").shares.shape == (N_TASKS, 4)
    ten, fifty = (resolve("moore", f"MetaWorldMT{n}-v2") for n in (10, 50))
    assert (ten.moore_experts, fifty.moore_experts) == (4, 6)
    assert ten.hidden_sizes == fifty.hidden_sizes == (400, 400, 400)
    assert (ten.policy_architecture, ten.q_architecture) == ("moore", "moore")

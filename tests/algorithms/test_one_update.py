"""One update of all tasks at once equals, task by task, one update of garage's own SAC."""

import numpy as np
import pytest
import torch

from learning.errors import DivergenceError
from learning.garage_bridge.garage_compat import (
    SAC,
    ContinuousMLPQFunction,
    EnvSpec,
    TanhGaussianMLPPolicy,
    akro,
)
from tests.algorithms.batches import make_batch
from tests.small_learner import (
    ACTION_SIZE,
    HIDDEN_SIZES,
    N_TASKS,
    OBSERVATION_SIZE,
    make_critics,
    make_policies,
    make_sac,
)

BATCH_SIZE = 8


def copy_layers(architecture, row, layers):
    """Put a row of a task-batched network into garage's list of torch.nn.Linear."""
    with torch.no_grad():
        for ours, linear in zip(architecture.layers, layers, strict=True):
            linear.weight.copy_(ours.weight[row].T)
            linear.bias.copy_(ours.bias[row, 0])


def linear_layers(module):
    return [layer for layer in module.modules() if isinstance(layer, torch.nn.Linear)]


def copy_policy(policies, task, garage_policy):
    *hidden, mean, log_std = linear_layers(garage_policy)
    with torch.no_grad():
        for ours, linear in zip(policies.architecture.layers, hidden, strict=False):
            linear.weight.copy_(ours.weight[task].T)
            linear.bias.copy_(ours.bias[task, 0])
        last = policies.architecture.layers[-1]
        for linear, part in (
            (mean, slice(0, ACTION_SIZE)),
            (log_std, slice(ACTION_SIZE, 2 * ACTION_SIZE)),
        ):
            linear.weight.copy_(last.weight[task].T[part])
            linear.bias.copy_(last.bias[task, 0, part])


def make_garage_sac(ours, task):
    spec = EnvSpec(
        akro.Box(low=-np.inf, high=np.inf, shape=(OBSERVATION_SIZE,), dtype=np.float32),
        akro.Box(low=-1.0, high=1.0, shape=(ACTION_SIZE,), dtype=np.float32),
        max_episode_length=7,
    )
    policy = TanhGaussianMLPPolicy(
        spec, hidden_sizes=HIDDEN_SIZES, hidden_nonlinearity=torch.nn.ReLU
    )
    copy_policy(ours.policy, task, policy)
    critics = []
    for group in range(2):
        critic = ContinuousMLPQFunction(
            spec, hidden_sizes=HIDDEN_SIZES, hidden_nonlinearity=torch.relu
        )
        copy_layers(ours.critics.architecture, group * N_TASKS + task, linear_layers(critic))
        critics.append(critic)
    return SAC(
        spec,
        policy,
        *critics,
        replay_buffer=None,
        sampler=None,
        gradient_steps_per_itr=1,
        target_entropy=-2.0,
        initial_log_entropy=float(np.log(0.7)),
        discount=0.9,
        buffer_batch_size=BATCH_SIZE,
        target_update_tau=0.05,
        policy_lr=3e-3,
        qf_lr=3e-3,
        reward_scale=2.0,
    )


def update_garage_sac(sac, batch, task, noise, monkeypatch):
    """One `optimize_policy` of garage with the given noise, [next actions, actions]."""
    draws = iter(noise[:, task])
    monkeypatch.setattr(
        "torch.distributions.normal._standard_normal", lambda *args, **kwargs: next(draws)
    )
    losses = sac.optimize_policy(
        {
            "observation": batch.observations[task],
            "action": batch.actions[task],
            "reward": batch.rewards[task][:, None],
            "terminal": batch.terminated[task][:, None],
            "next_observation": batch.next_observations[task],
        }
    )
    sac._update_targets()
    return [float(loss.detach()) for loss in losses]


def assert_same_rows(architecture, row, layers):
    for ours, linear in zip(architecture.layers, layers, strict=True):
        torch.testing.assert_close(ours.weight[row].T, linear.weight, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(ours.bias[row, 0], linear.bias, rtol=1e-5, atol=1e-6)


def assert_same_policy(policies, task, garage_policy):
    *hidden, mean, log_std = linear_layers(garage_policy)
    last = policies.architecture.layers[-1]
    weight = torch.cat((mean.weight, log_std.weight))
    torch.testing.assert_close(last.weight[task].T, weight, rtol=1e-5, atol=1e-6)
    for ours, linear in zip(policies.architecture.layers, hidden, strict=False):
        torch.testing.assert_close(ours.weight[task].T, linear.weight, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(ours.bias[task, 0], linear.bias, rtol=1e-5, atol=1e-6)


def test_update_equals_garage_task_by_task(monkeypatch):
    rng = np.random.default_rng(0)
    ours = make_sac(make_policies(), make_critics())
    theirs = [make_garage_sac(ours, task) for task in range(N_TASKS)]
    for _ in range(3):
        batch = make_batch(rng)
        twin = torch.Generator()
        twin.set_state(ours.noise.get_state())
        noise = torch.randn((2, *batch.actions.shape), generator=twin)
        losses = ours.optimize_policy(batch)
        ours._update_targets()
        for task, sac in enumerate(theirs):
            expected = update_garage_sac(sac, batch, task, noise, monkeypatch)
            assert [float(loss[task]) for loss in losses] == pytest.approx(expected, rel=1e-5)
            assert_same_policy(ours.policy, task, sac.policy)
            for group, (online, target) in enumerate(
                ((sac._qf1, sac._target_qf1), (sac._qf2, sac._target_qf2))
            ):
                row = group * N_TASKS + task
                assert_same_rows(ours.critics.architecture, row, linear_layers(online))
                assert_same_rows(ours.target_critics.architecture, row, linear_layers(target))
            assert ours.log_alpha[task].item() == pytest.approx(sac._log_alpha.item(), rel=1e-5)


def test_bf16_keeps_weights_optimizers_and_losses_in_float32():
    sac = make_sac(precision="bf16")
    rng = np.random.default_rng(0)
    losses = sac.optimize_policy(make_batch(rng))
    assert all(loss.dtype == torch.float32 for loss in losses)
    for network in sac.networks:
        assert all(parameter.dtype == torch.float32 for parameter in network.parameters())
    for optimizer in sac.optimizers.values():
        for moments in optimizer.state_dict()["state"].values():
            assert all(tensor.dtype == torch.float32 for tensor in moments.values())
    exact = make_sac().optimize_policy(make_batch(np.random.default_rng(0)))
    for rough, fine in zip(losses, exact, strict=True):
        torch.testing.assert_close(rough, fine, rtol=0.05, atol=0.05)
        assert not torch.equal(rough, fine), "bf16 changed nothing: it is not in use"


def test_no_update_below_the_minimum():
    sac = make_sac(min_buffer_size=5)
    before = [parameter.clone() for parameter in sac.policy.parameters()]
    for task in range(N_TASKS):
        n_rows = 4 if task == 0 else 9
        sac.replay_buffer.add_rows(task, np.zeros((n_rows, 2 * 4 + 2 + 2), np.float32))
    losses = sac.train_once()
    assert sac.n_updates == 0
    assert all(torch.isnan(loss).all() for loss in losses)
    for parameter, old in zip(sac.policy.parameters(), before, strict=True):
        assert torch.equal(parameter, old)
    sac.replay_buffer.add_rows(0, np.zeros((1, 2 * 4 + 2 + 2), np.float32))
    sac.train_once()
    assert sac.n_updates == 1


@pytest.mark.parametrize("loss", ["log_alpha", "alpha"])
def test_the_temperatures_loss_and_its_gradient_by_hand(loss):
    sac = make_sac(temperature_loss=loss)
    batch = make_batch(np.random.default_rng(0))
    log_pi = torch.randn(batch.rewards.shape)
    losses = sac._temperature_objective(log_pi, batch)
    losses.sum().backward()
    error = (log_pi - 2.0).mean(dim=1)
    alpha = 0.7
    factor, slope = (np.log(alpha), 1.0) if loss == "log_alpha" else (alpha, alpha)
    torch.testing.assert_close(losses, -factor * error)
    torch.testing.assert_close(sac.log_alpha.grad, -slope * error)


def test_task_weights_multiply_the_losses_of_critics_and_policies():
    """Three tasks with alphas 1, 2 and 4: weights 3 (1/alpha) / sum(1/alpha) = 12/7, 6/7, 3/7."""
    alphas = torch.tensor([1.0, 2.0, 4.0])
    expected = torch.tensor([12.0, 6.0, 3.0]) / 7.0
    gradients = []
    for task_weights in ("equal", "temperature"):
        sac = make_sac(task_weights=task_weights)
        with torch.no_grad():
            sac.log_alpha.copy_(alphas.log())
        losses = torch.rand(2, N_TASKS)
        torch.testing.assert_close(
            sac._weighted(losses), losses * (expected if task_weights == "temperature" else 1.0)
        )
        for optimizer in sac.optimizers.values():
            optimizer.step = lambda: None
        logged = sac.optimize_policy(make_batch(np.random.default_rng(0)))
        parameters = [*sac.critics.parameters(), *sac.policy.parameters()]
        gradients.append([parameter.grad.clone() for parameter in parameters])
        if task_weights == "equal":
            unweighted = logged
    for ours, theirs in zip(logged, unweighted, strict=True):
        torch.testing.assert_close(ours, theirs)
    # Networks are separate, so that a task's weight is the factor on its rows' gradients.
    for equal, weighted in zip(*gradients, strict=True):
        rows = expected.repeat(len(equal) // N_TASKS).view(-1, 1, 1)
        torch.testing.assert_close(weighted, rows * equal)


def test_moving_keeps_temperatures():
    sac = make_sac()
    sac.optimize_policy(make_batch(np.random.default_rng(0)))
    before = sac.log_alpha.detach().clone()
    assert not torch.allclose(before, torch.full((N_TASKS,), float(np.log(0.7))))
    sac.to(torch.device("cpu"))
    assert torch.equal(sac.log_alpha.detach(), before)


def test_losses_that_are_not_finite_end_the_run_with_the_tasks_names():
    sac = make_sac()
    sac.replay_buffer.add_rows(0, np.ones((3, 12), np.float32))
    sac.replay_buffer.add_rows(2, np.ones((3, 12), np.float32))
    blown_up = np.ones((3, 12), np.float32)
    blown_up[:, 10] = np.inf
    sac.replay_buffer.add_rows(1, blown_up)
    sac.train_once()
    with pytest.raises(
        DivergenceError, match=r"Policy/Loss is not finite for task-1: training has diverged"
    ):
        sac.read_statistics()

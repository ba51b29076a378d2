"""MCAL: one actor with several steps an update, on all tasks' observations; a critic a task."""

import dataclasses

import numpy as np
import pytest
import torch

from learning.config.resolving import resolve
from tests.algorithms.batches import make_batch
from tests.algorithms.slow_sac import SlowSAC, assert_same_networks, noise_of
from tests.small_learner import N_TASKS, make_critics, make_policies, make_sac


def make_mcal(**options):
    options = {"actor_steps": N_TASKS, "temperature": "single"} | options
    return make_sac(make_policies(name="multihead"), make_critics(), **options)


@pytest.mark.parametrize("batch_size", [9, 8, 3])
def test_updates_equal_the_slow_ones(batch_size):
    """One step of all critics, T of the actor; what T does not divide of a batch is left out."""
    sac, slow = make_mcal(), SlowSAC(make_mcal())
    rng = np.random.default_rng(0)
    for _ in range(3):
        batch = make_batch(rng, batch_size)
        noise = noise_of(sac, batch)
        losses, *_ = sac.optimize_policy(batch)
        sac._update_targets()
        expected = slow.update(batch, noise, actor_steps=N_TASKS)
        torch.testing.assert_close(losses, torch.stack(expected).detach(), rtol=1e-4, atol=1e-4)
    assert_same_networks(sac, slow.sac)
    steps = {
        name: int(optimizer.state_dict()["state"][0]["step"])
        for name, optimizer in sac.optimizers.items()
    }
    assert steps == {"policy": 3 * N_TASKS, "critics": 3, "log_alpha": 3}


def test_the_actors_loss_is_the_mean_over_all_tasks_observations_times_t():
    """Each task's share is as large: the sum over tasks is T times the paper's mean over all."""
    sac, batch = make_mcal(actor_steps=1), make_batch(np.random.default_rng(0), 6)
    noise = noise_of(sac, batch)
    slow = SlowSAC(make_mcal(actor_steps=1))
    slow.update(batch, noise)  # The critics that the actor's loss asks have been stepped before it.
    critics = slow.sac.critics
    losses, *_ = sac.optimize_policy(batch)
    values, log_probs = [], []
    slow = SlowSAC(make_mcal(actor_steps=1))
    slow.sac.critics.load_state_dict(critics.state_dict())
    for task in range(N_TASKS):
        actions, log_prob = slow.act(task, batch.observations[task], noise[1][task])
        q = slow.q(slow.sac.critics, task, batch.observations[task], actions)
        values.append(torch.minimum(*q))
        log_probs.append(log_prob)
    objective = (0.7 * torch.cat(log_probs) - torch.cat(values)).mean()
    assert losses.sum().item() == pytest.approx(N_TASKS * objective.item(), rel=1e-4)


def test_what_is_left_over_reaches_the_critics_alone():
    batch = make_batch(np.random.default_rng(0), N_TASKS + 1)
    changed = batch.observations.clone()
    changed[:, -1] += 1.0
    noise = torch.zeros(2, N_TASKS, N_TASKS + 1, 2)
    policies, critics = [], []
    for observations in (batch.observations, changed):
        sac = make_mcal(lr=1e-9)
        other = dataclasses.replace(batch, observations=observations)
        inputs = sac.critics.inputs(other.observations, other.actions)
        critics.append(sac._critic_objective(other, inputs, noise[0]).detach())
        sac.optimize_policy(other)
        moments = sac.optimizers["policy"].state_dict()["state"]
        policies.append([state["exp_avg"] for state in moments.values()])
    assert not torch.allclose(*critics)
    for first, second in zip(*policies, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("method", ["mcal", "qmp_mcal"])
def test_the_methods_are_the_references(method):
    config = resolve(method, "JacoReachMT5-v1")
    assert (config.policy_architecture, config.q_architecture) == ("multihead", "separate")
    assert config.temperature == "single"
    assert config.actor_steps == 5
    assert config.behaviour == ("qswitch" if method == "qmp_mcal" else "own")

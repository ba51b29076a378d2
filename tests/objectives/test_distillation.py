"""DnC's distillation against garage's TanhNormal and plain Adam; when it happens; its state."""

import numpy as np
import pytest
import torch

from learning.algorithms.algorithm_state import get_algorithm_state, set_algorithm_state
from learning.algorithms.training_loop import Evaluation
from learning.errors import SnapshotError
from learning.garage_bridge.garage_compat import TanhNormal
from learning.logging.phase_clock import PhaseClock
from learning.objectives.distillation import Distillation
from learning.objectives.divide_and_conquer import DivideAndConquer
from learning.objectives.pcgrad import PCGrad
from learning.policies.tanh_gaussian import log_prob_of_actions
from learning.snapshots.state import State
from learning.streams import numpy_stream
from tests.policies.levy.make_levy import make_episodes
from tests.small_learner import (
    ACTION_SIZE,
    N_TASKS,
    OBSERVATION_SIZE,
    make_critics,
    make_objective,
    make_objective_parts,
    make_policies,
    make_sac,
)

N_STEPS, BATCH_SIZE, LR = 5, 4, 3e-3


def make_distillation(period=2, seed=0, n_steps=N_STEPS):
    parts = make_objective_parts(seed=seed, lr=LR)
    return Distillation(parts, period=period, n_steps=n_steps, batch_size=BATCH_SIZE)


def make_filled(objective=None, **options):
    """A MultiTaskSAC whose buffer holds 30 random transitions a task."""
    if objective is not None:
        options["objective"] = objective
    sac = make_sac(make_policies(**options.pop("policies", {})), make_critics(), **options)
    rng = np.random.default_rng(5)
    for task in range(N_TASKS):
        rows = rng.normal(size=(30, 2 * OBSERVATION_SIZE + ACTION_SIZE + 2)).astype(np.float32)
        actions = slice(OBSERVATION_SIZE, OBSERVATION_SIZE + ACTION_SIZE)
        rows[:, actions] = np.tanh(rows[:, actions] + task)
        rows[:, -1] = 0.0
        sac.replay_buffer.add_rows(task, rows)
    return sac


@pytest.mark.parametrize("extreme", [False, True])
def test_log_probs_of_actions_equal_garages(extreme):
    generator = torch.Generator().manual_seed(0)
    mean, log_std = torch.randn(2, 6, 3, generator=generator)
    actions = torch.tanh(torch.randn(6, 3, generator=generator))
    if extreme:
        actions[:, 0], actions[:, 1] = 1.0, -1.0
    mean.requires_grad_()
    ours = log_prob_of_actions(mean, log_std, actions)
    theirs = TanhNormal(mean, log_std.exp()).log_prob(actions)
    assert ours.isfinite().all()
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-4)
    gradients = [torch.autograd.grad(each.sum(), mean)[0] for each in (ours, theirs)]
    torch.testing.assert_close(*gradients, rtol=1e-5, atol=1e-5)


def slow_network(parameters, observations):
    *hidden, last = zip(parameters[::2], parameters[1::2], strict=True)
    for weight, bias in hidden:
        observations = torch.relu(observations @ weight[0] + bias[0])
    outputs = observations @ last[0][0] + last[1][0]
    return outputs[:, :ACTION_SIZE], outputs[:, ACTION_SIZE:].clamp(-20, 2).exp()


def test_the_centroid_is_fitted_by_maximum_likelihood_and_every_policy_becomes_it():
    sac, distillation = make_filled(), make_distillation()
    parameters = [each.detach().clone() for each in distillation.centroid.parameters()]
    parameters = [each.requires_grad_() for each in parameters]
    adam = torch.optim.Adam(parameters, lr=LR)
    random = numpy_stream(0, "distillation")
    for _ in range(2):  # The second goes on from where the first ended.
        distillation.end_epoch(2, sac.policy, sac.replay_buffer)
        for _ in range(N_STEPS):
            batch = sac.replay_buffer.sample_transitions(BATCH_SIZE, random)
            log_probs = [
                TanhNormal(*slow_network(parameters, batch.observations[task])).log_prob(
                    batch.actions[task]
                )
                for task in range(N_TASKS)
            ]
            adam.zero_grad()
            (-torch.cat(log_probs).mean()).backward()
            adam.step()
        for ours, slow in zip(sac.policy.architecture.parameters(), parameters, strict=True):
            for task in range(N_TASKS):
                torch.testing.assert_close(ours[task], slow[0], rtol=1e-4, atol=1e-5)


def test_the_centroid_is_one_policy_of_the_tasks_kind_with_weights_of_its_own():
    policies = make_policies().architecture
    centroids = [make_distillation(seed=seed).centroid for seed in (0, 0, 1)]
    first, again, other = ([*each.parameters()] for each in centroids)
    for centroid in centroids:
        assert type(centroid) is type(policies)
        assert (centroid.n_tasks, centroid.n_groups) == (1, 1)
    for ours, policy in zip(first, policies.parameters(), strict=True):
        assert ours.shape == (1, *policy.shape[1:])
    assert all(torch.equal(*pair) for pair in zip(first, again, strict=True))
    weights = [each for name, each in policies.named_parameters() if "weight" in name]
    for ours, theirs, task_by_task in zip(first[::2], other[::2], weights, strict=True):
        assert not torch.equal(ours, theirs)
        assert not any(torch.equal(ours[0], weight) for weight in task_by_task)


def test_the_likelihood_grows():
    sac, distillation = make_filled(), make_distillation(n_steps=200)
    batch = sac.replay_buffer.sample_transitions(100, np.random.default_rng(0))

    def log_prob():
        mean, log_std = sac.policy(batch.observations)
        return log_prob_of_actions(mean, log_std, batch.actions).mean().item()

    before = log_prob()
    distillation.end_epoch(2, sac.policy, sac.replay_buffer)
    assert log_prob() > before + 0.3


def test_it_happens_after_each_period_but_not_at_the_start():
    """Between an epoch's evaluation and its row, in the algorithm's own loop."""
    sac = make_filled(dnc(kl_coeff=0.0, distillation_period=3))
    weight = sac.policy.architecture.layers[0].weight
    evaluated, changed = [], []

    class Loop:
        clock = PhaseClock(torch.device("cpu"))

        def step_epochs(self):
            yield from range(8)

        def obtain_episodes(self, itr, batch_size=None):
            return make_episodes([(task, 0, True) for task in range(N_TASKS)])

        def evaluate(self, epoch):
            evaluated.append((epoch, weight.clone()))
            return Evaluation(columns={"Evaluation/SuccessRate": 0.5}, average_return=float(epoch))

        def record(self, epoch, columns):
            assert columns["Evaluation/SuccessRate"] == 0.5
            before_epoch, before = evaluated[-1]
            assert before_epoch == epoch
            changed.append(not torch.equal(before, weight))

    assert sac.train(Loop()) == 7.0
    assert sac.n_updates == 8
    assert changed == [False, False, False, True, False, False, True, False]


def test_training_draws_and_optimizers_stay_as_they_were():
    sac, distillation = make_filled(), make_distillation()
    twin = make_filled()
    for each in (sac, twin):
        each.train_once()
    distillation.end_epoch(2, sac.policy, sac.replay_buffer)
    for name, optimizer in sac.optimizers.items():
        other = twin.optimizers[name].state_dict()["state"]
        for index, moments in optimizer.state_dict()["state"].items():
            assert all(torch.equal(value, other[index][key]) for key, value in moments.items())
    drawn = [each.replay_buffer.sample_transitions(4).observations for each in (sac, twin)]
    assert torch.equal(*drawn)


def dnc(seed=0, **options):
    """Two of each task's observations are compared, and distilled at a time."""
    options = {
        "kl_coeff": 0.1,
        "distillation_period": 2,
        "distillation_n_epochs": N_STEPS,
    } | options
    batch_size = 2 * N_TASKS
    return make_objective(DivideAndConquer, seed=seed, lr=LR, batch_size=batch_size, **options)


def pcgrad(seed=0):
    return make_objective(PCGrad, seed=seed)


@pytest.mark.parametrize(("make_objective", "policy"), [(dnc, "separate"), (pcgrad, "multihead")])
@pytest.mark.parametrize("stop_at", [1, 3])
def test_resuming_is_bit_exact(make_objective, policy, stop_at):
    """Stopped before or after the first distillation, in epoch 2, and gone on with: the same."""

    def run(sac, epochs):
        for epoch in epochs:
            sac.train_once()
            sac.objective.end_epoch(epoch, sac.policy, sac.replay_buffer)

    def make(seed):
        return make_filled(make_objective(seed), policies={"name": policy, "seed": seed})

    whole = make(0)
    run(whole, range(stop_at))
    state = State()
    state.put("algorithm", get_algorithm_state(whole))
    state.put("objective", whole.objective.get_state())
    draws = whole.replay_buffer.random.bit_generator.state
    run(whole, range(stop_at, 6))

    resumed = make(1)
    set_algorithm_state(resumed, state.part("algorithm"))
    resumed.objective.set_state(state.part("objective"))
    resumed.replay_buffer.random.bit_generator.state = draws
    run(resumed, range(stop_at, 6))
    for ours, theirs in zip(whole.networks, resumed.networks, strict=True):
        for key, value in ours.state_dict().items():
            assert torch.equal(value, theirs.state_dict()[key]), key
    first, second = (each.objective.get_state() for each in (whole, resumed))
    assert first.values == second.values
    assert first.arrays.keys() == second.arrays.keys()
    for key, array in first.arrays.items():
        np.testing.assert_array_equal(array, second.arrays[key])


def test_the_state_of_another_centroid_is_refused():
    state = dnc().get_state()
    state.arrays["distillation/centroid/layers.0.weight"] = np.zeros((1, 2, 3), np.float32)
    with pytest.raises(SnapshotError, match=r"centroid/layers.0.weight has shape"):
        dnc().set_state(state)

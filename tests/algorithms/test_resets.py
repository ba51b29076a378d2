"""A task whose loss explodes leaves the update and is set anew; the others do not notice."""

import copy
import functools

import numpy as np
import pytest
import torch

from learning.algorithms.algorithm_state import get_algorithm_state, set_algorithm_state
from learning.architectures.paco import PaCoArchitecture
from learning.architectures.paco_options import PaCoOptions
from learning.architectures.row_resets import RowResets
from learning.errors import DivergenceError
from learning.objectives.pcgrad import PCGrad
from tests.algorithms.batches import make_batch
from tests.small_learner import N_TASKS, make_critics, make_objective, make_policies, make_sac

LARGEST = float(np.finfo(np.float32).max)


def stepped(shares, threshold, losses, *, n_tasks, seed=0):
    """RowResets after one step of Adam with gradients of one; and the optimizer."""
    rows = RowResets(shares, n_tasks=n_tasks, threshold=threshold)
    optimizer = torch.optim.Adam([shares], lr=0.0)
    returned = rows.heed(losses)
    shares.grad = torch.ones_like(shares)
    optimizer.step()
    rows.end_step(optimizer, torch.Generator().manual_seed(seed))
    return rows, optimizer, returned


def test_with_two_tasks_one_becomes_the_other():
    shares = torch.nn.Parameter(torch.tensor([[1.0, 2.0], [3.0, 5.0]]))
    losses = torch.tensor([4.0, 2.0], requires_grad=True)
    rows, optimizer, returned = stepped(shares, 3.0, losses, n_tasks=2)
    assert shares.tolist() == [[3.0, 5.0], [3.0, 5.0]]
    returned.sum().backward()
    assert returned.tolist() == [4.0, 2.0]
    assert losses.grad.tolist() == [0.0, 1.0]
    # Of Adam's first step with gradients of one: 1 - 0.9 and 1 - 0.999.
    moments = optimizer.state[shares]
    assert moments["exp_avg"].tolist() == [[0.0, 0.0], pytest.approx([0.1, 0.1])]
    assert moments["exp_avg_sq"].tolist() == [[0.0, 0.0], pytest.approx([1e-3, 1e-3])]
    assert rows.read_counts().tolist() == [1, 0]
    assert rows.read_counts().tolist() == [0, 0]


def test_groups_are_judged_apart_and_all_of_one_change_nothing():
    before = torch.arange(12.0).view(6, 2)
    shares = torch.nn.Parameter(before.clone())
    # All of the first group explode; of the second only task 0 and 2.
    losses = torch.tensor([[9.0, torch.inf, torch.nan], [9.0, 3.0, torch.nan]])
    rows, _, returned = stepped(shares, 3.0, losses, n_tasks=3)
    assert torch.equal(shares[:3], before[:3])
    assert torch.equal(shares[3:], before[[4, 4, 4]])
    assert rows.read_counts().tolist() == [1, 0, 1]
    assert torch.equal(returned[0, :2], losses[0, :2])
    assert returned[0, 2].isnan()
    assert returned[1].tolist() == [9.0, 3.0, LARGEST]


def test_a_new_row_is_a_uniform_convex_combination_of_those_that_do_not_explode():
    n_draws = 4000
    # Corners of the simplex, so that a row is its own weights; task 3 explodes and is infinite.
    corners = torch.eye(4)
    corners[3] = torch.inf
    exploded, random = torch.tensor([9.0, 1.0, 1.0, 9.0]), torch.Generator().manual_seed(0)
    drawn = []
    for _ in range(n_draws):
        shares = torch.nn.Parameter(corners.clone())
        rows = RowResets(shares, n_tasks=4, threshold=3.0)
        rows.heed(exploded)
        rows.end_step(torch.optim.Adam([shares]), random)
        assert torch.equal(shares[1:3], corners[1:3])
        drawn.append(shares.detach()[[0, 3]])
    weights = torch.stack(drawn)
    assert not weights[..., [0, 3]].any()
    assert (weights >= 0).all()
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(n_draws, 2))
    # The one weight that is free is uniform on (0, 1): its quantiles are themselves.
    levels = torch.tensor([0.1, 0.25, 0.5, 0.75, 0.9])
    for row in range(2):
        torch.testing.assert_close(weights[:, row, 1].quantile(levels), levels, atol=0.03, rtol=0)
    assert abs(np.corrcoef(weights[:, :, 1].T.numpy())[0, 1]) < 0.05


def test_the_hull_of_several_rows():
    points = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [50.0, 50.0]])
    for seed in range(50):
        shares = torch.nn.Parameter(points.clone())
        stepped(shares, 3.0, torch.tensor([0.0, 0.0, 0.0, 4.0]), n_tasks=4, seed=seed)
        x, y = shares[3].tolist()
        assert x >= 0
        assert y >= 0
        assert x + y <= 1 + 1e-6


def test_outside_a_step_gradients_are_left_alone():
    rows = RowResets(torch.nn.Parameter(torch.ones(2, 3)), n_tasks=2, threshold=1.0)
    assert rows.mask(torch.ones(2, 5, 1)) is None
    with pytest.raises(RuntimeError, match="not heeded"):
        rows.end_step(torch.optim.Adam([torch.ones(1)]), torch.Generator())


def paco(spec, generator, *, threshold):
    options = PaCoOptions(
        hidden_sizes=spec.options.hidden_sizes, paco_sets=2, paco_reset_loss=threshold
    )
    spec = copy.copy(spec)
    object.__setattr__(spec, "options", options)
    return PaCoArchitecture(spec, generator)


def make(threshold=None, *, objective=None, **options):
    build = functools.partial(paco, threshold=threshold)
    policies, critics = make_policies(name=build), make_critics(name=build)
    return make_sac(policies, critics, objective=objective, **options)


def exploding(rewards=1e4, seed=0):
    """A batch whose task 1 has rewards of another scale."""
    batch = make_batch(np.random.default_rng(seed))
    batch.rewards[1] *= rewards
    return batch


def gradients(network):
    return {name: each.grad.clone() for name, each in network.named_parameters()}


@pytest.mark.parametrize("pcgrad", [False, True])
@pytest.mark.parametrize("rewards", [1e4, 1e30, np.inf, np.nan])
def test_the_others_get_the_gradients_of_an_update_without_the_task(rewards, pcgrad):
    objective = make_objective(PCGrad, seed=7) if pcgrad else None
    sac = make(1e3, objective=objective)
    without = make(objective=make_objective(PCGrad, seed=7) if pcgrad else None)
    batch = exploding(rewards)
    kept = torch.tensor([1.0, 0.0, 1.0])
    objective_of = without._critic_objective
    # The task's rewards are taken out as well: zero times infinity is not zero.
    calm = copy.copy(batch)
    object.__setattr__(calm, "rewards", batch.rewards.clone())
    calm.rewards[1] = 0.0
    without._critic_objective = lambda *arguments: objective_of(*arguments) * kept
    sac.optimize_policy(batch)
    without.optimize_policy(calm)
    masked, expected = gradients(sac.critics), gradients(without.critics)
    assert masked.keys() == expected.keys()
    for name, gradient in masked.items():
        assert torch.isfinite(gradient).all()
        torch.testing.assert_close(gradient, expected[name], rtol=1e-5, atol=1e-7)
    assert not masked["architecture.shares"].view(2, N_TASKS, -1)[:, 1].any()
    assert masked["architecture.shares"].view(2, N_TASKS, -1)[:, [0, 2]].all()


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_an_update_sets_the_rows_of_critics_and_targets_anew(precision):
    sac, plain = make(1e3, precision=precision), make(precision=precision)
    losses = sac.optimize_policy(exploding())
    plain.optimize_policy(exploding())
    online, target = (each.architecture.shares for each in (sac.critics, sac.target_critics))
    weights = torch.empty(2, N_TASKS, N_TASKS)
    weights.exponential_(generator=torch.Generator().manual_seed(5))
    for group in range(2):
        rows = online.view(2, N_TASKS, -1)[group]
        first, second = weights[group, 1, 0], weights[group, 1, 2]
        expected = (first * rows[0] + second * rows[2]) / (first + second)
        torch.testing.assert_close(rows[1], expected, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(target.view(2, N_TASKS, -1)[group, 1], rows[1])
    # The others' targets have not moved: that is done after the update.
    fresh = make().critics.architecture.shares
    kept = [row for row in range(2 * N_TASKS) if row % N_TASKS != 1]
    assert torch.equal(target[kept], fresh[kept])
    moments = sac._qf1_optimizer.state[online]["exp_avg"].view(2, N_TASKS, -1)
    assert not moments[:, 1].any()
    assert moments[:, [0, 2]].all()
    sac.losses, sac.n_updates = losses, 1
    logged = sac.read_statistics()
    assert [logged[f"QF/Resets/task-{task}"] for task in range(N_TASKS)] == [0.0, 2.0, 0.0]
    assert logged["QF/Resets/mean"] == pytest.approx(2 / 3)
    assert logged["Policy/Resets/mean"] == 0.0
    assert logged["QF/Qf1Loss/task-1"] > 1e6
    assert sac.read_statistics()["QF/Resets/mean"] == 0.0
    assert not any("Resets" in column for column in plain.read_statistics())


def test_policies_are_judged_by_their_own_losses():
    sac = make(1e3)
    objective_of = sac._actor_objective
    high = torch.tensor([0.0, 0.0, 2e3])
    sac._actor_objective = lambda *arguments: objective_of(*arguments) + high
    batch = make_batch(np.random.default_rng(0))
    before = sac.policy.architecture.shares.detach().clone()
    sac.optimize_policy(batch)
    shares = sac.policy.architecture.shares
    assert not gradients(sac.policy)["architecture.shares"][2].any()
    assert not torch.equal(shares[2], before[2])
    low, high = shares[:2].amin(dim=0), shares[:2].amax(dim=0)
    assert ((shares[2] >= low - 1e-6) & (shares[2] <= high + 1e-6)).all()
    counts = sac.resets.read_counts()
    assert counts["Policy/Resets"].tolist() == [0, 0, 1]
    assert counts["QF/Resets"].tolist() == [0, 0, 0]


def same(first, second):
    """Whether two algorithms have the same numbers; the stream of resets apart."""
    states = [get_algorithm_state(each) for each in (first, second)]
    arrays = [{k: v for k, v in s.arrays.items() if k != "reset_stream"} for s in states]
    assert arrays[0].keys() == arrays[1].keys()
    return all(np.array_equal(v, arrays[1][k], equal_nan=True) for k, v in arrays[0].items())


def test_what_does_not_explode_is_bit_for_bit_as_without():
    calm, plain = make(1e9), make()
    for seed in range(3):
        for sac in (calm, plain):
            sac.losses = sac.optimize_policy(exploding(seed=seed))
            sac._update_targets()
    assert same(calm, plain)
    assert "reset_stream" in get_algorithm_state(calm).arrays
    assert "reset_stream" not in get_algorithm_state(plain).arrays


def test_where_all_explode_training_diverges_as_without():
    rows, plain = make(1e-9), make()
    for sac in (rows, plain):
        batch = make_batch(np.random.default_rng(0))
        batch.rewards.fill_(torch.inf)
        sac.losses, sac.n_updates = sac.optimize_policy(batch), 1
        with pytest.raises(DivergenceError, match="is not finite for task-0, task-1, task-2"):
            sac.read_statistics()


def test_one_task_that_is_not_finite_does_not_end_the_run():
    sac = make(1e3)
    sac.losses, sac.n_updates = sac.optimize_policy(exploding(np.nan)), 1
    assert sac.read_statistics()["QF/Qf1Loss/task-1"] == LARGEST
    assert all(torch.isfinite(each).all() for each in sac.critics.parameters())
    assert all(torch.isfinite(each).all() for each in sac.policy.parameters())


def test_a_restored_algorithm_goes_on_bit_for_bit():
    whole, resumed = make(1e3), make(1e3)
    whole.losses = whole.optimize_policy(exploding(seed=0))
    set_algorithm_state(resumed, get_algorithm_state(whole))
    for seed in (1, 2):
        for sac in (whole, resumed):
            sac.losses = sac.optimize_policy(exploding(seed=seed))
            sac._update_targets()
    assert same(whole, resumed)
    streams = [get_algorithm_state(sac).arrays["reset_stream"] for sac in (whole, resumed)]
    assert np.array_equal(*streams)


def test_several_steps_of_the_policies_are_judged_each():
    sac = make(1e-3, actor_steps=2)
    sac.optimize_policy(make_batch(np.random.default_rng(0)))
    counts = sac.resets.read_counts()["Policy/Resets"]
    assert counts.max() <= 2

"""Every policy on every task: the diagonal, pairs whose results are known, ties and agreement."""

import csv
import dataclasses
import io

import numpy as np
import pytest
import torch

from environments.task_env import ResumableEnv
from learning.command_line.tables import pairs_text
from learning.evaluation.all_pairs import ShiftedPolicies, evaluate_pairs
from learning.evaluation.evaluator import Evaluator
from learning.evaluation.pair_results import MixtureResults, PairResults
from learning.experiment.networks import Networks
from learning.policies.fixed_mixture import FixedMixture
from learning.samplers.vector_environment import VectorEnvironment
from tests.policies.counting_switch import make_counting_parts, make_counting_switch
from tests.samplers.fake_task_set import CountingTaskSet, make_counting

N_TASKS, N_EPISODES, EPOCH = 3, 2, 7


def make_evaluator(factory=make_counting):
    return Evaluator(
        task_set=make_counting(n_tasks=N_TASKS),
        environment=VectorEnvironment(
            "Counting-v0", {"n_tasks": N_TASKS}, n_workers=0, task_set_factory=factory
        ),
        run_seeds=[1, 2, 3],
        policies={},
        n_episodes=N_EPISODES,
        seed=5,
    )


def make_networks():
    switch = make_counting_switch()
    return Networks(policies=switch.policies, critics=switch.critics, mixture=switch)


def make_mixture(networks, weights):
    """A mixture of these networks' policies."""
    parts = dataclasses.replace(
        make_counting_parts(), policies=networks.policies, random=np.random.default_rng(0)
    )
    return FixedMixture(parts, FixedMixture.Options(), weights=weights)


def evaluate(networks, factory=make_counting):
    evaluator = make_evaluator(factory)
    names = make_counting(n_tasks=N_TASKS).task_names
    pairs = evaluate_pairs(
        networks.policies, networks.mixture, evaluator, task_names=names, epoch=EPOCH
    )
    own = evaluator.run_episodes(networks.policies, EPOCH)
    mixture = evaluator.run_episodes(networks.mixture, EPOCH)
    evaluator.close()
    return pairs, own, mixture


def test_the_diagonal_is_the_own_policies_evaluation_to_the_last_bit():
    pairs, own, mixture = evaluate(make_networks())
    np.testing.assert_array_equal(pairs.returns.diagonal(), own.returns.mean(axis=1))
    np.testing.assert_array_equal(pairs.success.diagonal(), own.success.mean(axis=1))
    np.testing.assert_array_equal(pairs.mixture.returns, mixture.returns.mean(axis=1))
    assert (pairs.n_episodes, pairs.epoch) == (N_EPISODES, EPOCH)
    np.testing.assert_array_equal(own.acted, np.diag([6, 10, 14]))


def test_all_pairs_against_a_loop_over_mixtures_of_one_policy():
    """Policy j acts for all tasks: the mixture's own way to ask it, and another one than ours."""
    networks = make_networks()
    pairs, _, _ = evaluate(networks)
    evaluator = make_evaluator()
    for policy in range(N_TASKS):
        weights = np.zeros((N_TASKS, N_TASKS))
        weights[:, policy] = 1.0
        alone = make_mixture(networks, weights)
        episodes = evaluator.run_episodes(alone, EPOCH)
        np.testing.assert_allclose(
            pairs.returns[:, policy], episodes.returns.mean(axis=1), rtol=1e-4
        )
    evaluator.close()
    assert np.unique(pairs.returns.round(6)).size == N_TASKS * N_TASKS, "all pairs differ"


def test_without_a_mixture_there_is_none_in_the_results():
    networks = make_networks()
    rounds = []
    evaluator = make_evaluator()
    names = make_counting(n_tasks=N_TASKS).task_names
    pairs = evaluate_pairs(
        networks.policies,
        None,
        evaluator,
        task_names=names,
        epoch=EPOCH,
        on_round=lambda done, total: rounds.append((done, total)),
    )
    evaluator.close()
    assert pairs.mixture is None
    assert rounds == [(1, 3), (2, 3), (3, 3)]
    np.testing.assert_array_equal(pairs.returns, evaluate(networks)[0].returns)


class TargetEnv(ResumableEnv):
    """Four steps; the reward is minus the distance of the first action to the task's target."""

    def __init__(self, target):
        space = CountingTaskSet("", {"n_tasks": N_TASKS, "fault": "", "faulty": 0})
        self.observation_space, self.action_space = space.observation_space, space.action_space
        self._target, self._steps = target, 0

    def begin_episode(self):
        self._steps = 0
        return np.zeros(3)

    def step(self, action):
        self._steps += 1
        distance = abs(float(action[0]) - self._target)
        done = self._steps == 4
        return np.zeros(3), -distance, done, False, {"success": float(distance < 0.1)}


class TargetTaskSet(CountingTaskSet):
    """Targets at -0.5, 0 and 0.5."""

    def _make_task(self, task):
        return TargetEnv((task - 1) / 2)


def make_targets(task_set_id="Counting-v0", *, n_tasks):
    return TargetTaskSet(task_set_id, {"n_tasks": n_tasks, "fault": "", "faulty": 0})


def make_rigged_networks():
    """Policies 0, 1 and 2 always act 0.5, -0.5 and 0: the best of task 0 is policy 1, and so on.

    The mixture lets task 0 choose between 1 and 2, gives task 1 to policy 2, task 2 to policy 1.
    """
    networks = make_networks()
    with torch.no_grad():
        for parameter in networks.policies.parameters():
            parameter.zero_()
        biases = [p for name, p in networks.policies.named_parameters() if "bias" in name]
        biases[-1].view(N_TASKS, -1)[:, 0] = torch.atanh(torch.tensor([0.5, -0.5, 0.0]))
    mixture = make_mixture(networks, np.array([[0, 1, 1], [0, 0, 1], [0, 1, 0.0]]))
    return Networks(policies=networks.policies, critics=networks.critics, mixture=mixture)


def test_rigged_policies():
    pairs, _, mixture = evaluate(make_rigged_networks(), make_targets)
    # Row: targets -0.5, 0, 0.5; column: actions 0.5, -0.5, 0; four steps each.
    np.testing.assert_allclose(pairs.returns, [[-4, 0, -2], [-2, -2, 0], [0, -4, -2]], atol=1e-5)
    np.testing.assert_array_equal(pairs.success, [[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(pairs.best(), pairs.success == 1)
    np.testing.assert_array_equal(mixture.acted, pairs.mixture.acted)
    acted = pairs.mixture.acted
    np.testing.assert_array_equal(acted.sum(axis=1), [8, 8, 8])
    assert 0 < acted[0, 1] < 8
    # A wrong choice costs task 0 half a unit at each of the steps of its two episodes.
    np.testing.assert_allclose(pairs.mixture.returns, [-0.5 * acted[0, 2] / 2, 0, -4], atol=1e-5)
    np.testing.assert_allclose(pairs.agreement(), [acted[0, 1] / 8, 1, 0])
    np.testing.assert_allclose(pairs.chance(), 1 / 3)


def test_shifted_policies_say_who_acts():
    networks = make_rigged_networks()
    shifted = ShiftedPolicies(networks.policies, 2)
    rows = [1, 0, 0, 2]
    observations = np.hstack((np.zeros((4, 3)), np.eye(N_TASKS)[rows])).astype(np.float32)
    _, infos = shifted.get_actions(observations)
    np.testing.assert_array_equal(infos["acting_policy"], [0, 2, 2, 1])
    np.testing.assert_allclose(infos["mean"][:, 0], [0.5, 0, 0, -0.5], atol=1e-6)


def make_pairs(**options):
    return PairResults(
        task_names=("a", "b", "c", "d"),
        epoch=3,
        n_episodes=1,
        returns=np.array([[0, 1, 0.994, 0.98], [5, 5, 5, 5], [-9, -1, -3, -9], [0, 0, 0, 100.0]]),
        success=np.zeros((4, 4)),
        **options,
    )


ACTED = np.array([[10, 20, 30, 40], [100, 0, 0, 0], [0, 25, 0, 75], [25, 25, 25, 25]])


def make_mixed_pairs():
    return make_pairs(
        mixture=MixtureResults(returns=np.array([1, 5, -7, 25.0]), success=np.ones(4), acted=ACTED)
    )


def test_ties_and_agreement_by_hand():
    pairs = make_mixed_pairs()
    # 0.994 lies within a hundredth of the row's spread of 1, 0.98 does not; row b ties altogether.
    expected = [[0, 1, 1, 0], [1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 0, 1]]
    np.testing.assert_array_equal(pairs.best(), expected)
    np.testing.assert_allclose(pairs.chance(), [0.5, 1, 0.25, 0.25])
    np.testing.assert_allclose(pairs.agreement(), [0.5, 1, 0.25, 0.25])
    assert make_pairs().agreement() is None


def test_csv_has_a_row_a_pair():
    rows = list(csv.DictReader(io.StringIO(make_mixed_pairs().to_csv())))
    assert len(rows) == 16
    assert rows[2] == {
        "epoch": "3",
        "task": "a",
        "policy": "c",
        "episodes": "1",
        "success": "0.0",
        "return": "0.994",
        "best": "1",
        "mixture_share": "0.3",
    }
    alone = list(csv.DictReader(io.StringIO(make_pairs().to_csv())))
    assert {row["mixture_share"] for row in alone} == {""}


def test_the_text():
    lines = pairs_text(make_mixed_pairs()).splitlines()
    assert lines[2:5] == [
        "return      0       1       2        3",
        "0 a      0.00    1.00*   0.99*    0.98",
        "1 b      5.00*   5.00*   5.00*    5.00*",
    ]
    assert "chose" in lines[8]
    assert lines[8].split()[:5] == ["task", "own", "return", "best", "return"]
    assert lines[9].split() == ["a", "0.00", "1.00", "b,", "c", "1.00", "50.0%", "50.0%"]
    assert lines[10].split()[3:6] == ["4", "of", "4"]
    assert lines[13].split() == ["mean", "25.50", "26.25", "6.00", "50.0%", "50.0%"]
    alone = pairs_text(make_pairs())
    assert "mixture" not in alone


@pytest.mark.parametrize("n_tasks", [2, 12, 13])
def test_the_matrices_are_left_out_where_they_do_not_fit(n_tasks):
    pairs = PairResults(
        task_names=tuple(f"t{i}" for i in range(n_tasks)),
        epoch=0,
        n_episodes=5,
        returns=np.eye(n_tasks),
        success=np.eye(n_tasks),
    )
    titles = [block.split()[0] for block in pairs_text(pairs).split("\n\n")]
    matrices = ["success", "return"] if n_tasks <= 12 else []
    assert titles == ["After", *matrices, "task"]

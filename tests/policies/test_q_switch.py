"""The Q-switch against a double loop over tasks and policies."""

import numpy as np
import pytest
import torch

from learning.errors import ConfigError
from learning.policies.mixture_policy import Proposals
from learning.policies.proposal_scores import proposal_scores
from tests.policies.levy.make_levy import make_episodes
from tests.small_learner import (
    ACTION_SIZE,
    N_TASKS,
    make_critics,
    make_policies,
    make_q_switch,
    one_hot_observations,
)

BATCH_SIZE = 5


def run_row(architecture, row, inputs):
    """One row of a separate architecture, layer by layer, with plain matrix products."""
    hidden = inputs
    for index, layer in enumerate(architecture.layers):
        hidden = hidden @ layer.weight[row] + layer.bias[row]
        if index < len(architecture.layers) - 1:
            hidden = torch.relu(hidden)
    return hidden


def propose(policies, observations, seed=0):
    mean, log_std = policies.propose(observations)
    noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(seed))
    return Proposals(
        observations=observations,
        means=torch.tanh(mean),
        samples=torch.tanh(mean + log_std.exp() * noise),
    )


@pytest.mark.parametrize("score", ["mean_q1", "sampled_min", "mean_min"])
@torch.no_grad()
def test_scores_equal_a_double_loop(score):
    policies, critics = make_policies(), make_critics()
    switch = make_q_switch(policies, critics, qswitch_score=score)
    observations = torch.randn(N_TASKS, BATCH_SIZE, 4, generator=torch.Generator().manual_seed(7))
    proposals = propose(policies, observations)
    scores = proposal_scores(critics, proposals, score)
    chosen = switch.choose(proposals)
    assert scores.shape == (N_TASKS, N_TASKS, BATCH_SIZE)
    for task in range(N_TASKS):
        for place in range(BATCH_SIZE):
            values = []
            for policy in range(N_TASKS):
                state = observations[task, place]
                output = run_row(policies.architecture, policy, state)
                mean = torch.tanh(output[0, :ACTION_SIZE])
                torch.testing.assert_close(proposals.means[policy, task, place], mean)
                sample = proposals.samples[policy, task, place]
                action = sample if score == "sampled_min" else mean
                pair = torch.cat((state, action))
                q1, q2 = (
                    run_row(critics.architecture, group * N_TASKS + task, pair)
                    for group in range(2)
                )
                values.append(float(q1) if score == "mean_q1" else min(float(q1), float(q2)))
                assert float(scores[policy, task, place]) == pytest.approx(values[-1], rel=1e-5)
            assert int(chosen[task, place]) == int(np.argmax(values))


@pytest.mark.parametrize("score", ["mean_q1", "sampled_min"])
@torch.no_grad()
def test_a_confident_switch_heeds_its_doubt(score):
    policies, critics = make_policies(), make_critics()
    switch = make_q_switch(policies, critics, qswitch_score=score, qswitch_gate="confident")
    observations = torch.randn(N_TASKS, 200, 4, generator=torch.Generator().manual_seed(7))
    proposals = propose(policies, observations)
    chosen = switch.choose(proposals)
    actions = proposals.samples if score == "sampled_min" else proposals.means
    plain = make_q_switch(policies, critics, qswitch_score="mean_min").choose(proposals)
    counts = {"own": 0, "other": 0, "doubted": 0}
    for task in range(N_TASKS):
        for place in range(200):
            both = [
                critics(observations, actions[policy])[:, task, place].tolist()
                for policy in range(N_TASKS)
            ]
            surely_better = [min(pair) > max(both[task]) for pair in both]
            best = max(range(N_TASKS), key=lambda policy, both=both: min(both[policy]))
            expected = best if any(surely_better) else task
            assert int(chosen[task, place]) == expected
            counts["own" if expected == task else "other"] += 1
            counts["doubted"] += int(plain[task, place]) != task == expected
    assert min(counts.values()) > 0, f"the test shows only a part: {counts}"


@pytest.mark.parametrize("score", ["mean_q1", "sampled_min"])
def test_rows_in_any_order_get_the_action_of_the_policy_that_is_named(score):
    switch = make_q_switch(qswitch_score=score, seed=11)
    tasks, places = [2, 0, 2, 1, 2, 0], [0, 0, 1, 0, 2, 1]
    observations = one_hot_observations(tasks, np.random.default_rng(1))
    actions, infos = switch.get_actions(observations)
    assert actions.shape == (6, ACTION_SIZE)
    assert set(infos) == {"mean", "acting_policy"}
    noise = np.random.default_rng(11).standard_normal((N_TASKS, N_TASKS, 3, ACTION_SIZE), "f4")
    for row, (task, place) in enumerate(zip(tasks, places, strict=True)):
        state = torch.from_numpy(observations[row, :4])
        acting = int(infos["acting_policy"][row])
        with torch.no_grad():
            output = run_row(switch.policies.architecture, acting, state)[0]
        mean = torch.tanh(output[:ACTION_SIZE]).numpy()
        np.testing.assert_allclose(infos["mean"][row], mean, rtol=1e-5)
        # The sample that is executed has the standard deviation of the policy that is named.
        std = output[ACTION_SIZE:].exp().numpy()
        before_tanh = output[:ACTION_SIZE].numpy() + std * noise[acting, task, place]
        np.testing.assert_allclose(actions[row], np.tanh(before_tanh), rtol=1e-4, atol=1e-6)
        if score == "mean_q1":
            values = [q1_of(switch, task, state, policy) for policy in range(N_TASKS)]
            assert acting == int(np.argmax(values))


@torch.no_grad()
def q1_of(switch, task, state, policy):
    output = run_row(switch.policies.architecture, policy, state)[0]
    action = torch.tanh(output[:ACTION_SIZE])
    return float(run_row(switch.critics.architecture, task, torch.cat((state, action))))


def test_the_sample_of_the_chosen_policy_is_executed():
    """mean_q1 executes mean + std * noise of the winner: over many draws its moments show."""
    switch = make_q_switch()
    observations = one_hot_observations([1], np.random.default_rng(3))
    draws = np.stack([switch.get_actions(observations)[0][0] for _ in range(4000)])
    _, infos = switch.get_actions(observations)
    before_tanh = np.arctanh(np.clip(draws, -1 + 1e-7, 1 - 1e-7))
    state = torch.from_numpy(observations[0, :4])
    with torch.no_grad():
        output = run_row(switch.policies.architecture, int(infos["acting_policy"][0]), state)[0]
    std = output[ACTION_SIZE:].exp().numpy()
    np.testing.assert_allclose(before_tanh.std(axis=0), std, rtol=0.06)
    np.testing.assert_allclose(
        before_tanh.mean(axis=0), np.arctanh(infos["mean"][0]), atol=4 * std.max() / 60
    )


def test_a_choice_is_held_for_h_steps_from_the_episodes_start():
    switch = make_q_switch(policy_sampling_freq=3)
    free = make_q_switch()
    rng = np.random.default_rng(5)
    tasks = [0, 1, 2]
    held, best = [], []
    switch.reset([True] * 3)
    for step in range(8):
        if step == 4:
            # Task 1 begins a new episode here, in the middle of its three steps.
            switch.reset(np.array([False, True, False]))
        observations = one_hot_observations(tasks, rng)
        held.append(switch.get_actions(observations)[1]["acting_policy"])
        best.append(free.get_actions(observations)[1]["acting_policy"])
    held, best = np.array(held), np.array(best)
    for task, starts in ((0, (0, 3, 6)), (1, (0, 3, 4, 7)), (2, (0, 3, 6))):
        for start, stop in zip(starts, (*starts[1:], 8), strict=True):
            assert (held[start:stop, task] == best[start, task]).all()
    assert (held != best).any(), "the scores never changed: the test shows nothing"


def test_floor_and_warm_up():
    observations = one_hot_observations([0, 1, 2] * 200, np.random.default_rng(6))
    own = np.array([0, 1, 2] * 200)
    free = make_q_switch().get_actions(observations)[1]["acting_policy"]
    share = (free == own).mean()
    floored = make_q_switch(own_policy_floor=0.6)
    acting = floored.get_actions(observations)[1]["acting_policy"]
    # Where the own policy was not spared, the switch's choice stands.
    assert ((acting == own) | (acting == free)).all()
    assert (acting == own).mean() == pytest.approx(0.6 + 0.4 * share, abs=0.05)

    warming = make_q_switch(mixture_warmup_itrs=2)
    for iteration, expected in ((0, own), (1, own), (2, free)):
        assert warming.iteration == iteration
        np.testing.assert_array_equal(
            warming.get_actions(observations)[1]["acting_policy"], expected
        )
        warming.observe(make_episodes([(0, 1, True), (1, 0, False)]))


def test_acting_apart_leaves_no_trace():
    switch, twin = (make_q_switch(policy_sampling_freq=4) for _ in range(2))
    rng = np.random.default_rng(8)
    first, second = (one_hot_observations([0, 1, 2], rng) for _ in range(2))
    switch.get_actions(first)
    twin.get_actions(first)
    with switch.acting_apart(np.random.default_rng(99)):
        for _ in range(3):
            switch.get_actions(one_hot_observations([0, 1, 2, 2], rng))
    for ours, theirs in zip(
        (switch.get_actions(second)[0], switch.get_actions(second)[1]["acting_policy"]),
        (twin.get_actions(second)[0], twin.get_actions(second)[1]["acting_policy"]),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"qswitch_score": "mean_q2"}, "qswitch_score = 'mean_q2'.*mean_q1"),
        ({"qswitch_gate": "own"}, "qswitch_gate = 'own'"),
        ({"policy_sampling_freq": 0}, "policy_sampling_freq = 0.*at least 1"),
        ({"own_policy_floor": 1.5}, "own_policy_floor = 1.5.*from 0 to 1"),
        ({"mixture_warmup_itrs": -1}, "mixture_warmup_itrs = -1"),
    ],
)
def test_options_out_of_range(given, message):
    with pytest.raises(ConfigError, match=message):
        make_q_switch(**given)

"""MT-Levy's mixture, step by step."""

import numpy as np
import pytest
import torch

from learning.errors import ConfigError
from learning.policies.proposal_scores import proposal_scores
from learning.policies.task_rows import TaskRows
from tests.policies.levy.make_levy import make_episodes, make_levy
from tests.policies.test_q_switch import propose, run_row
from tests.small_learner import ACTION_SIZE, N_TASKS, make_critics, one_hot_observations

OWN = np.arange(N_TASKS)


def act(mixture, n_steps, *, tasks=OWN, seed=9, end=None):
    """Infos and actions of some steps [n, N, ...]; `end(step)` marks the rows that end there."""
    rng = np.random.default_rng(seed)
    record = {"observations": [], "actions": []}
    for step in range(n_steps):
        observations = one_hot_observations(tasks, rng)
        actions, infos = mixture.get_actions(observations)
        record["observations"].append(observations)
        record["actions"].append(actions)
        for key, value in infos.items():
            record.setdefault(key, []).append(value)
        if end is not None and end(step).any():
            mixture.reset(end(step))
    return {key: np.array(values) for key, values in record.items()}


def test_shares_of_steps_at_exponent_two():
    """MT-Levy's code: 18.7 % begin jumps, 24.9 % repeat, 2.33 steps a jump, at most 14."""
    record = act(make_levy(), 250, tasks=np.tile(OWN, 200))
    jump_step = record["jump_step"]
    begins, repeats = (jump_step == 1).mean(), (jump_step > 1).mean()
    assert begins == pytest.approx(0.187, abs=0.003)
    assert repeats == pytest.approx(0.249, abs=0.006)
    assert (begins + repeats) / begins == pytest.approx(2.33, abs=0.03)
    assert jump_step.max() == 14
    # With no task above the threshold all jumps are the tasks' own.
    assert (record["acting_policy"] == np.tile(OWN, 200)).all()


@pytest.mark.parametrize("hold", ["action", "policy"])
def test_what_a_jump_holds(hold):
    mixture = make_levy(hold=hold, ratios=[0.0, 0.5, 0.5])
    record = act(mixture, 400)
    within = record["jump_step"][1:] > 1
    assert within.sum() > 50
    # The steps of a jump count up, and one policy acts in all of them.
    assert (np.diff(record["jump_step"], axis=0)[within] == 1).all()
    acting = record["acting_policy"]
    assert (acting[1:] == acting[:-1])[within].all()
    assert set(acting[1:][within]) == {0, 1, 2}
    for name in ("actions", "mean"):
        same = (record[name][1:] == record[name][:-1]).all(axis=-1)
        assert same[within].all() == (hold == "action")
        assert not same[~within].any()
    # Infos are those of the policy that is named, at the step that the action was drawn at.
    for step in range(100):
        for task in OWN:
            came_from = step - max(0, record["jump_step"][step, task] - 1) * (hold == "action")
            state = torch.from_numpy(record["observations"][came_from, task, :4])
            with torch.no_grad():
                output = run_row(mixture.policies.architecture, acting[step, task], state)[0]
            mean = torch.tanh(output[:ACTION_SIZE]).numpy()
            np.testing.assert_allclose(record["mean"][step, task], mean, rtol=1e-4, atol=1e-6)


def test_only_tasks_below_the_threshold_jump_and_only_those_above_are_shared():
    record = act(make_levy(ratios=[0.0, 0.1, 0.11]), 400)
    jumps = record["jump_step"] > 0
    assert jumps[:, 0].any()
    assert not jumps[:, 1:].any()
    assert set(record["acting_policy"][jumps[:, 0], 0]) == {0, 2}
    assert (record["acting_policy"] == OWN)[~jumps].all()


def test_only_near_tasks_are_shared():
    near = [[1, 0, 1], [0, 1, 1], [1, 1, 1]]
    record = act(make_levy(near=near, ratios=[0.0, 0.5, 0.5]), 400)
    assert set(record["acting_policy"][:, 0]) == {0, 2}


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ({"neighbor_order": (0, 2, 1, 1, 2, 0, 2, 0, 1), "num_neighbors": 2},
         [[1, 0, 1], [0, 1, 1], [1, 0, 1]]),
        ({"levy_sharing": "own"}, np.eye(3)),
        ({}, np.ones((3, 3))),
    ],
)  # fmt: skip
def test_who_is_near_follows_from_the_options(given, near):
    np.testing.assert_array_equal(make_levy(**given)._near, np.array(near, bool))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"hold": "task"}, "hold = 'task'"),
        ({"alpha_offset": 0.0}, "alpha_offset = 0.0.*above 0"),
        ({"sr_threshold": 0.0}, "sr_threshold = 0.0.*above 0"),
        ({"sr_rate": 1.5}, "sr_rate = 1.5"),
        ({"longest": 300}, "levy_cap = 2.0"),
        ({"num_neighbors": 0}, "num_neighbors = 0"),
    ],
)
def test_options_out_of_range(given, message):
    with pytest.raises(ConfigError, match=message):
        make_levy(**given)


def test_a_fixed_exponent_lets_all_tasks_explore_as_if_they_never_succeeded():
    many = np.tile(OWN, 200)

    def shares_of_begins(record):
        # Not the first steps, where no row can be within a jump.
        begins = record["jump_step"][40:] == 1
        return [begins[:, many == task].mean() for task in OWN]

    options = {"ratios": [0.0, 0.05, 0.9]}
    fixed = act(make_levy(levy_exponent="fixed", **options), 100, tasks=many)
    np.testing.assert_allclose(shares_of_begins(fixed), 0.187, atol=0.012)
    # Who is shared still depends on the true ratios.
    assert set(fixed["acting_policy"][:, 0]) == {0, 2}
    adaptive = act(make_levy(**options), 100, tasks=many)
    np.testing.assert_allclose(shares_of_begins(adaptive), [0.187, 0.055, 0.0], atol=0.012)


def test_single_steps():
    record = act(make_levy(levy_duration="single"), 20, tasks=np.tile(OWN, 100))
    assert record["jump_step"].max() == 1
    # A quarter of the draws, and every step is a draw.
    assert (record["jump_step"] == 1).mean() == pytest.approx(0.25, abs=0.03)


def test_a_cap_below_two_steps_allows_no_repeats():
    many = np.tile(OWN, 100)
    assert act(make_levy(longest=2), 9, tasks=many)["jump_step"].max() == 1
    # One step would leave no jumps at all, and is refused.
    without = make_levy()
    without._longest = 1
    assert act(without, 9, tasks=many)["jump_step"].max() == 0
    with pytest.raises(ConfigError, match=r"at most 1 step,.* give --levy_cap at least 0\.014"):
        make_levy(longest=1)


def test_jumps_end_with_their_episodes():
    def end(step):
        # Rows 0 and 2 end at steps of their own; row 1 never does.
        return np.array([step % 5 == 4, False, step % 7 == 6])

    record = act(make_levy(), 700, end=end)
    steps = np.arange(1, 700)
    assert record["jump_step"][steps[steps % 5 == 0], 0].max() == 1
    assert record["jump_step"][steps[steps % 7 == 0], 2].max() == 1
    assert record["jump_step"][:, 0].max() == 5, "no jump ever met an end: the test shows nothing"
    assert record["jump_step"][:, 1].max() > 7


def test_a_reset_leaves_what_was_recorded_as_it_was():
    mixture = make_levy()
    observations = one_hot_observations(OWN, np.random.default_rng(1))
    actions, infos = mixture.get_actions(observations)
    before = {key: value.copy() for key, value in (infos | {"actions": actions}).items()}
    mixture.reset(np.ones(N_TASKS, dtype=bool))
    for key, value in (infos | {"actions": actions}).items():
        np.testing.assert_array_equal(value, before[key])
    assert before["actions"].any()


@pytest.mark.parametrize("score", ["mean_q1", "sampled_min"])
@torch.no_grad()
def test_the_q_switch_chooses_among_the_candidates(score):
    near = [[1, 1, 0], [0, 1, 1], [1, 1, 1]]
    ratios = [0.0, 0.0, 0.5]
    critics = make_critics()
    mixture = make_levy(
        near=near, ratios=ratios, critics=critics, qswitch_score=score, levy_exponent="fixed"
    )
    observations = torch.randn(N_TASKS, 40, 4, generator=torch.Generator().manual_seed(7))
    proposals = propose(mixture.policies, observations)
    tasks = np.repeat(OWN, 40)
    rows = one_hot_observations(tasks, np.random.default_rng(0))
    rows[:, :4] = observations.reshape(-1, 4).numpy()
    chosen = mixture._candidates(None, TaskRows(rows, N_TASKS), proposals).reshape(N_TASKS, 40)
    scores = proposal_scores(critics, proposals, score)
    # Task 0 is near to 1, which does not succeed.
    allowed = {0: [0], 1: [1, 2], 2: [2]}
    for task, place in np.ndindex(chosen.shape):
        best = max(allowed[task], key=lambda j: float(scores[j, task, place]))
        assert chosen[task, place] == best
    assert set(chosen[1]) == {1, 2}, "the critics always prefer the same: the test shows nothing"


def test_rows_of_any_order_and_number():
    tasks = [2, 0, 2, 1, 2, 0]
    mixture = make_levy(ratios=[0.0, 0.5, 0.5], levy_exponent="fixed")
    record = act(mixture, 300, tasks=tasks)
    jump_step, acting = record["jump_step"], record["acting_policy"]
    assert (acting == tasks)[jump_step == 0].all()
    within = jump_step[1:] > 1
    assert (record["actions"][1:] == record["actions"][:-1]).all(axis=-1)[within].all()
    np.testing.assert_allclose((jump_step == 1).mean(axis=0), 0.187, atol=0.08)
    # Policy 0 is shared with nobody; each row of a task draws for itself.
    for row, task in enumerate(tasks):
        assert set(acting[:, row]) == {task, 1, 2}
    assert (jump_step[:, 0] != jump_step[:, 2]).any()
    assert mixture.get_actions(one_hot_observations([1], np.random.default_rng(0)))[0].shape == (
        1,
        ACTION_SIZE,
    )


def test_success_ratios_follow_the_training_episodes():
    mixture = make_levy(sr_rate=0.5)
    mixture.observe(make_episodes([(0, 1, True), (1, 0, True), (0, 1, True), (1, 1, False)]))
    assert mixture.success_ratios.tolist() == [0.75, 0.0, 0.0]
    mixture.observe(make_episodes([(0, 0, True), (1, 1, True)]))
    assert mixture.success_ratios.tolist() == [0.375, 0.5, 0.0]


def test_success_ratios_travel_with_the_parameters():
    ours, theirs = make_levy(ratios=[0.1, 0.2, 0.3]), make_levy()
    theirs.set_param_values(ours.get_param_values())
    assert theirs.success_ratios.tolist() == [0.1, 0.2, 0.3]


def test_uniform_actions_are_no_jumps():
    mixture = make_levy(uniform_steps=1)
    assert mixture.acts_uniformly
    record = act(mixture, 50)
    assert (record["jump_step"] == 0).all()
    assert (record["acting_policy"] == OWN).all()
    assert set(record) == set(act(make_levy(), 1))


def test_statistics_by_hand():
    mixture = make_levy(sr_rate=0.1)
    episodes = [(0, 1, True), (0, 0, False), (1, 0, True)]
    mixture.observe(make_episodes(episodes, jump_steps=[1, 2, 1, 0, 0, 0]))
    mixture.observe(make_episodes([(0, 0, False)], jump_steps=[0, 1]))
    columns = mixture.read_statistics(("a", "b", "c"))
    expected = {
        # 6 steps, 4 of them in 3 jumps.
        "Levy/a/JumpShare": 4 / 6,
        "Levy/a/JumpLength": 4 / 3,
        "Levy/b/JumpShare": 0.0,
        "Levy/b/JumpLength": np.nan,
        "Levy/c/JumpShare": np.nan,
        "Levy/a/SuccessRatio": 0.1,
        "Levy/b/SuccessRatio": 0.0,
        # At the threshold of 0.1 a task explores no more.
        "Levy/a/Exponent": np.nan,
        "Levy/b/Exponent": 2.0,
    }
    for column, value in expected.items():
        assert columns[column] == pytest.approx(value, nan_ok=True), column
    assert len(columns) == 4 * 3
    again = mixture.read_statistics(("a", "b", "c"))
    assert np.isnan(again["Levy/a/JumpShare"])
    assert again["Levy/a/SuccessRatio"] == 0.1

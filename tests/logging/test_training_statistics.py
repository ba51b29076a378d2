"""Who acted and for how long, against a slow loop over the steps; and the record's columns."""

import numpy as np
import pytest

from learning.garage_bridge.garage_compat import EpisodeBatch, StepType
from learning.logging.training_statistics import TrainingStatistics
from tests.small_learner import ACTION_SIZE, N_TASKS, OBSERVATION_SIZE, make_spec

NAMES = ("left", "middle", "right")


def make_batch(fragments, *, ended=(), going_on=()):
    """A batch of (task, acting policies of its steps).

    `ended`: the fragments that end episodes; `going_on`: those that go on with an episode.
    """
    lengths = np.array([len(acting) for _, acting in fragments])
    n_steps = int(lengths.sum())
    positions = np.concatenate(
        [np.arange(1, n + 1) + 100 * (place in going_on) for place, n in enumerate(lengths)]
    )
    types = np.full(n_steps, StepType.MID, dtype=object)
    ends = np.cumsum(lengths) - 1
    types[ends[list(ended)]] = StepType.TIMEOUT
    size = OBSERVATION_SIZE + N_TASKS
    return EpisodeBatch(
        env_spec=make_spec(),
        episode_infos={},
        observations=np.zeros((n_steps, size), np.float32),
        last_observations=np.zeros((len(lengths), size), np.float32),
        actions=np.zeros((n_steps, ACTION_SIZE), np.float32),
        rewards=np.zeros(n_steps, np.float32),
        env_infos={
            "task_id": np.repeat([task for task, _ in fragments], lengths),
            "episode_length": positions.astype(float),
            "episode_success": np.ones(n_steps),
            "episode_return": np.arange(n_steps, dtype=float),
        },
        agent_infos={"acting_policy": np.concatenate([acting for _, acting in fragments])},
        step_types=types,
        lengths=lengths,
    )


def recorded(batches, *, log_behaviour=True):
    statistics = TrainingStatistics(NAMES, log_behaviour=log_behaviour)
    for batch in batches:
        statistics.observe(batch)
    return statistics.read()


def by_hand(fragments):
    """(other share, mean hold, switches per 100 steps) of each task, a step at a time."""
    result = []
    for task in range(N_TASKS):
        steps, others, switches, runs = 0, 0, 0, []
        for owner, acting in fragments:
            if owner != task:
                continue
            run = 0
            for position, policy in enumerate(acting):
                steps += 1
                others += policy != task
                if position > 0 and policy != acting[position - 1]:
                    switches += 1
                    runs.append(run)
                    run = 0
                run += 1
            runs.append(run)
        result.append((others / steps, float(np.mean(runs)), 100 * switches / steps))
    return np.array(result)


# The second fragment of task 0 begins with the policy that acted last in the first: not one run.
FIRST = [(0, [0, 0, 1]), (0, [1, 1, 1, 2, 1]), (1, [1]), (2, [0, 1, 2, 2, 2, 0, 0])]
SECOND = [(0, [1, 0]), (1, [2, 2, 2]), (2, [0, 0, 0, 0])]


def test_by_hand():
    row = recorded([make_batch(FIRST, ended=[0]), make_batch(SECOND)])
    # Task 0: 10 steps, 3 of them its own; runs of 2, 1, 3, 1, 1, 1 and 1 steps; 4 changes.
    assert row["Behaviour/left/OtherShare"] == pytest.approx(0.7)
    assert row["Behaviour/left/HoldLength"] == pytest.approx(10 / 7)
    assert row["Behaviour/left/Switches"] == pytest.approx(40.0)
    assert row["Behaviour/0_1"] == pytest.approx(0.6)
    assert row["Training/left/AverageReturn"] == 2.0
    assert np.isnan(row["Training/right/AverageReturn"])


def test_a_policy_may_be_held_from_one_batch_to_the_next_within_an_epoch():
    statistics = TrainingStatistics(NAMES, log_behaviour=True)
    others = [(1, [1]), (2, [2])]
    rows = []
    for acting in ([[0], [0], [1], [1], [1]], [[1], [1]]):
        for policies in acting:
            statistics.observe(make_batch([(0, policies), *others], going_on=[0, 1, 2]))
        rows.append(statistics.read())
    # Task 0: runs of 2 and 3 steps; then, in the next epoch, one of 2.
    assert [row["Behaviour/left/HoldLength"] for row in rows] == [2.5, 2.0]
    assert [row["Behaviour/left/Switches"] for row in rows] == [20.0, 0.0]
    assert [row["Behaviour/middle/HoldLength"] for row in rows] == [5.0, 2.0]
    # A new episode ends what was held.
    statistics.observe(make_batch([(0, [1]), *others]))
    statistics.observe(make_batch([(0, [1]), *others]))
    assert statistics.read()["Behaviour/left/HoldLength"] == 1.0


def random_fragments(seed):
    """At least one fragment of each task, in any order, of 1 to 30 steps each."""
    random = np.random.default_rng(seed)
    fragments = []
    for task in random.permutation(np.r_[0:N_TASKS, random.integers(N_TASKS, size=9)]):
        acting = np.repeat(random.integers(N_TASKS, size=10), random.integers(1, 4, size=10))
        fragments.append((int(task), acting[: random.integers(1, 31)]))
    return fragments


@pytest.mark.parametrize("seed", range(5))
def test_against_a_loop(seed):
    batches = [random_fragments(seed), random_fragments(seed + 100)]
    row = recorded([make_batch(fragments) for fragments in batches])
    expected = by_hand(batches[0] + batches[1])
    for index, measure in enumerate(("OtherShare", "HoldLength", "Switches")):
        ours = [row[f"Behaviour/{name}/{measure}"] for name in NAMES]
        np.testing.assert_allclose(ours, expected[:, index])
        assert row[f"Behaviour/{measure}"] == pytest.approx(expected[:, index].mean())
    shares = np.array([[row[f"Behaviour/{i}_{j}"] for j in range(3)] for i in range(3)])
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    np.testing.assert_allclose(1.0 - shares.diagonal(), expected[:, 0])


def test_an_epoch_begins_anew_and_nothing_is_nan():
    statistics = TrainingStatistics(NAMES, log_behaviour=True)
    rows = []
    for fragments in (FIRST, [(0, [0, 0])], None):
        if fragments is not None:
            statistics.observe(make_batch(fragments))
        rows.append({k: v for k, v in statistics.read().items() if "Behaviour/" in k})
    assert not np.isnan([list(row.values()) for row in rows]).any()
    assert rows[1]["Behaviour/left/HoldLength"] == 2.0
    assert rows[1]["Behaviour/left/OtherShare"] == rows[1]["Behaviour/middle/HoldLength"] == 0.0
    assert set(rows[2].values()) == {0.0}


def test_the_columns_in_order_and_for_mixtures_only():
    row = recorded([make_batch(FIRST)])
    columns = [key.removeprefix("Behaviour/") for key in row if key.startswith("Behaviour/")]
    assert columns[:8] == [
        *("OtherShare", "left/OtherShare", "middle/OtherShare", "right/OtherShare"),
        *("HoldLength", "left/HoldLength", "middle/HoldLength", "right/HoldLength"),
    ]
    assert columns[12:] == [f"{i}_{j}" for i in range(3) for j in range(3)]
    alone = recorded([make_batch(FIRST)], log_behaviour=False)
    assert not any(key.startswith("Behaviour/") for key in alone)

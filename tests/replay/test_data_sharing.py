"""Batches of own and other tasks' transitions, against slow loops with the same random numbers."""

import copy
import dataclasses

import numpy as np
import pytest
import torch
from dowel import tabular
from learning.replay.registry import build_data_sharing, needs_all_rewards

from environments import make_task_set
from learning.config.resolving import resolve
from learning.errors import ConfigError
from learning.replay.data_sharing import DataSharing
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.uds import SharedTransitions, source_tasks
from tests.samplers.fake_task_set import make_counting
from tests.small_learner import ACTION_SIZE, N_TASKS, OBSERVATION_SIZE, make_critics

CAPACITY, BATCH_SIZE, N_OTHER = 20, 7, 3
MIN_REWARDS = np.array([-5.0, -1.0, 0.5], dtype=np.float32)
CPU = torch.device("cpu")


def fill(buffer, rng, *, announce):
    """Adds paths of unequal lengths; returns each task's transitions by their slot in the ring."""
    rings = [{} for _ in range(N_TASKS)]
    added = [0] * N_TASKS
    for task, length in [(0, 9), (2, 4), (1, 15), (0, 3), (1, 12), (2, 1)]:
        one_hot = np.tile(np.eye(N_TASKS)[task], (length, 1))
        path = {
            "observation": np.hstack((rng.normal(size=(length, OBSERVATION_SIZE)), one_hot)),
            "next_observation": np.hstack((rng.normal(size=(length, OBSERVATION_SIZE)), one_hot)),
            "action": rng.uniform(-1, 1, (length, ACTION_SIZE)),
            "reward": rng.normal(size=(length, 1)),
            "terminal": rng.random((length, 1)) < 0.3,
        }
        all_rewards = rng.normal(size=(length, N_TASKS))
        all_rewards[:, task] = path["reward"][:, 0]
        if announce:
            buffer.announce_rewards(all_rewards)
        buffer.add_path(path)
        for step in range(length):
            values = {key: value[step].astype(np.float32) for key, value in path.items()}
            values |= {"reward": values["reward"][0], "terminal": values["terminal"][0]}
            values["all"] = all_rewards[step].astype(np.float32)
            rings[task][added[task] % CAPACITY] = values
            added[task] += 1
    return rings


def make_buffer(*, stores_all_rewards=False, seed=0):
    return MultiTaskReplayBuffer(
        n_tasks=N_TASKS,
        observation_size=OBSERVATION_SIZE,
        action_size=ACTION_SIZE,
        capacity=CAPACITY,
        random=np.random.default_rng(seed),
        stores_all_rewards=stores_all_rewards,
    )


def slow_batch(rings, random, relabelled):
    """The batch that uniform numbers [T, N] drawn from ``random`` give, a transition at a time."""
    rows = []
    numbers = random.random((N_TASKS, BATCH_SIZE + (N_TASKS - 1) * N_OTHER))
    for task in range(N_TASKS):
        others = [(task + 1) % N_TASKS] * N_OTHER + [(task + 2) % N_TASKS] * N_OTHER
        row = []
        for source, number in zip([task] * BATCH_SIZE + others, numbers[task], strict=True):
            ring = rings[source]
            transition = dict(ring[int(number * len(ring))])
            if source != task:
                transition["reward"] = relabelled(task, transition)
            row.append(transition)
        rows.append(row)
    return rows


def assert_same_batch(batch, rows):
    for task, row in enumerate(rows):
        for column, transition in enumerate(row):
            at = (task, column)
            size = OBSERVATION_SIZE
            assert batch.observations[at].tolist() == transition["observation"][:size].tolist()
            following = transition["next_observation"][:size].tolist()
            assert batch.next_observations[at].tolist() == following
            assert batch.actions[at].tolist() == transition["action"].tolist()
            assert float(batch.terminated[at]) == float(transition["terminal"])
            assert float(batch.rewards[at]) == float(transition["reward"])
    assert batch.rewards.shape == (len(rows), len(rows[0]))


@pytest.mark.parametrize("true_rewards", [False, True])
def test_a_batch_equals_a_slow_loop(true_rewards):
    buffer = make_buffer(stores_all_rewards=true_rewards)
    rings = fill(buffer, np.random.default_rng(1), announce=true_rewards)
    twin = copy.deepcopy(buffer.random)
    sharing = SharedTransitions(
        n_tasks=N_TASKS, quantile=0.0, min_rewards=None if true_rewards else MIN_REWARDS
    )
    for _ in range(3):
        batch = sharing.draw(buffer, make_critics(), BATCH_SIZE, CPU)
        assert batch.weights is None
        slow = slow_batch(
            rings,
            twin,
            lambda task, t: t["all"][task] if true_rewards else MIN_REWARDS[task],
        )
        assert_same_batch(batch, slow)
    assert buffer.random.bit_generator.state == twin.bit_generator.state


def test_relabelling_leaves_the_store_alone():
    buffer = make_buffer()
    fill(buffer, np.random.default_rng(1), announce=False)
    before = buffer.rows_since(np.zeros(N_TASKS, np.int64)).rows.copy()
    sharing = SharedTransitions(n_tasks=N_TASKS, quantile=0.5, min_rewards=MIN_REWARDS)
    for _ in range(5):
        sharing.draw(buffer, make_critics(), BATCH_SIZE, CPU)
    np.testing.assert_array_equal(buffer.rows_since(np.zeros(N_TASKS, np.int64)).rows, before)


def test_own_data_is_drawn_as_ever():
    buffers = [make_buffer(), make_buffer()]
    for buffer in buffers:
        fill(buffer, np.random.default_rng(1), announce=False)
    ours = DataSharing().draw(buffers[0], make_critics(), BATCH_SIZE, CPU)
    theirs = buffers[1].sample_transitions(BATCH_SIZE)
    for field in dataclasses.fields(ours):
        first, second = getattr(ours, field.name), getattr(theirs, field.name)
        assert (first is second is None) or torch.equal(first, second)
    assert ours.rewards.shape == (N_TASKS, BATCH_SIZE)


def test_whose_transitions_by_hand():
    assert source_tasks(3, 5).tolist() == [
        [0, 0, 0, 0, 0, 1, 1, 2, 2],
        [1, 1, 1, 1, 1, 2, 2, 0, 0],
        [2, 2, 2, 2, 2, 0, 0, 1, 1],
    ]
    # 3 // 4 is none: then one of each.
    assert source_tasks(5, 3)[4].tolist() == [4, 4, 4, 0, 1, 2, 3]
    assert source_tasks(2, 3).tolist() == [[0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0]]


@pytest.fixture
def logged(monkeypatch):
    """What was recorded for the log, by column."""
    columns = {}
    monkeypatch.setattr(tabular, "record", columns.__setitem__)
    return columns


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9, 1.0])
def test_the_filter_equals_numpys_quantile(quantile, logged):
    buffer = make_buffer()
    fill(buffer, np.random.default_rng(2), announce=False)
    critics = make_critics(seed=5)
    sharing = SharedTransitions(n_tasks=N_TASKS, quantile=quantile, min_rewards=MIN_REWARDS)
    shares = []
    for _ in range(4):
        batch = sharing.draw(buffer, critics, BATCH_SIZE, CPU)
        kept = np.zeros((N_TASKS, batch.rewards.shape[1] - BATCH_SIZE))
        for task in range(N_TASKS):
            # Q1 of this task alone: row `task` of the first group, one transition after another.
            values = np.array(
                [
                    critics(batch.observations[:, c : c + 1], batch.actions[:, c : c + 1])[
                        0, task, 0
                    ].item()
                    for c in range(batch.rewards.shape[1])
                ]
            )
            threshold = np.quantile(values[:BATCH_SIZE], quantile)
            kept[task] = values[BATCH_SIZE:] > threshold
        assert batch.weights[:, :BATCH_SIZE].eq(1.0).all()
        np.testing.assert_array_equal(batch.weights[:, BATCH_SIZE:].numpy(), kept)
        shares.append(kept.mean(axis=1))
    names = ("a", "b", "c")
    sharing.record(names)
    assert list(logged) == [f"Data/{name}/SharedShare" for name in names]
    logged_shares = list(logged.values())
    np.testing.assert_allclose(logged_shares, np.mean(shares, axis=0), rtol=1e-12)
    assert 0 < np.mean(logged_shares) < 1 or quantile == 1.0
    # Without an update since, there is no share.
    sharing.record(names)
    assert np.isnan(logged["Data/a/SharedShare"])


def test_nothing_is_logged_where_all_is_kept(logged):
    sharing = SharedTransitions(n_tasks=N_TASKS, quantile=0.0, min_rewards=MIN_REWARDS)
    sharing.record(("a", "b", "c"))
    assert not logged


@pytest.mark.parametrize("n_parts", [2, 3, 5, 7])
def test_parts_of_a_shared_batch_have_their_share_of_each_task(n_parts):
    buffer = make_buffer()
    fill(buffer, np.random.default_rng(3), announce=False)
    sharing = SharedTransitions(n_tasks=N_TASKS, quantile=0.0, min_rewards=MIN_REWARDS)
    batch = sharing.draw(buffer, make_critics(), BATCH_SIZE, CPU)
    n_columns = batch.rewards.shape[1]
    columns = torch.arange(n_columns).expand(N_TASKS, n_columns)
    parts = dataclasses.replace(batch, rewards=columns).split(n_parts)
    assert len({part.rewards.shape for part in parts}) == 1
    dealt = torch.cat([part.rewards for part in parts], dim=1)[0].tolist()
    assert sorted(dealt) == list(range(n_columns // n_parts * n_parts))
    for part in parts:
        sources = source_tasks(N_TASKS, BATCH_SIZE)[0, part.rewards[0].numpy()].tolist()
        assert abs(sources.count(0) - BATCH_SIZE / n_parts) <= 1
        assert sources.count(0) >= 1
        for other in (1, 2):
            assert abs(sources.count(other) - N_OTHER / n_parts) <= 1
        # The own ones come first, as DnC's penalty expects.
        assert sources == sorted(sources, key=bool)


def test_announced_rewards_must_be_those_of_the_paths():
    rng = np.random.default_rng(0)
    buffer = make_buffer(stores_all_rewards=True)
    with pytest.raises(RuntimeError, match="not those whose rewards"):
        fill(buffer, rng, announce=False)
    buffer = make_buffer(stores_all_rewards=True)
    buffer.announce_rewards(rng.normal(size=(9, N_TASKS)))
    with pytest.raises(RuntimeError, match="9 transitions of task 0"):
        fill(buffer, rng, announce=False)
    buffer = make_buffer(stores_all_rewards=True)
    buffer.announce_rewards(np.zeros((2, N_TASKS)))
    with pytest.raises(RuntimeError, match="2 transitions that were announced never came"):
        buffer.announce_rewards(np.zeros((2, N_TASKS)))
    with pytest.raises(RuntimeError, match="does not store"):
        make_buffer().announce_rewards(np.zeros((2, N_TASKS)))
    with pytest.raises(RuntimeError, match="does not store"):
        make_buffer().sample_from(source_tasks(N_TASKS, 4), relabel=True)


def test_the_table():
    jaco = make_task_set("JacoReachMT5-v1")
    assert type(build_data_sharing(resolve("dnc_sac", jaco.id), jaco)) is DataSharing
    sharing = build_data_sharing(resolve("uds_dnc", jaco.id), jaco)
    assert isinstance(sharing, SharedTransitions)
    assert sharing._min_rewards.tolist() == [[-5.0]] * 5
    cds = resolve("train", jaco.id, data="cds", relabel="true_reward")
    assert build_data_sharing(cds, jaco)._min_rewards is None
    assert cds.sharing_quantile == 0.9
    assert needs_all_rewards(cds)
    assert not needs_all_rewards(resolve("uds_dnc", jaco.id))
    assert not needs_all_rewards(resolve("dnc_sac", jaco.id))


def test_what_a_task_set_does_not_say_is_an_error():
    config = resolve("uds_dnc", "JacoReachMT5-v1", relabel="true_reward")
    counting = make_counting()
    with pytest.raises(ConfigError, match="--relabel min_reward"):
        build_data_sharing(config, counting)
    smallest = resolve("uds_dnc", "JacoReachMT5-v1")
    with pytest.raises(ConfigError, match="choose another method"):
        build_data_sharing(smallest, counting)
    counting.relabels = True
    with pytest.raises(ConfigError, match="choose --relabel true_reward"):
        build_data_sharing(smallest, counting)
    with pytest.raises(ConfigError, match="one task"):
        build_data_sharing(smallest, make_counting(n_tasks=1))

"""Batches of own and other tasks' transitions, against slow loops with the same random numbers."""

import copy
import dataclasses

import numpy as np
import pytest
import torch

from environments import make_task_set
from learning.config.resolving import resolve
from learning.errors import ConfigError
from learning.garage_bridge.garage_compat import StepType
from learning.replay.data_sharing import DataParts, DataSharing
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.uds import CDS, UDS, source_tasks
from tests.replay.fragments import make_batch, make_fragment
from tests.samplers.fake_task_set import make_counting
from tests.small_learner import (
    ACTION_SIZE,
    N_TASKS,
    OBSERVATION_SIZE,
    SmallTaskSet,
    make_critics,
    make_data_sharing,
)

CAPACITY, BATCH_SIZE, N_OTHER = 20, 7, 3
MIN_REWARDS = (-5.0, -1.0, 0.5)
CPU = torch.device("cpu")
SIZES = {"n_tasks": N_TASKS, "observation_size": OBSERVATION_SIZE, "action_size": ACTION_SIZE}


def make_uds(**options):
    """UDS of a task set that knows its smallest rewards, and every task's rewards."""
    return make_data_sharing(UDS, task_set=SmallTaskSet(min_reward=MIN_REWARDS), **options)


def draw_fragments(rng):
    """Fragments of unequal lengths, about a third of whose steps end a task."""
    for task, length in [(0, 9), (2, 4), (1, 15), (0, 3), (1, 12), (2, 1)]:
        ends = rng.random(length) < 0.3
        for part in np.split(np.arange(length), np.flatnonzero(ends) + 1):
            if len(part):
                end = StepType.TERMINAL if ends[part[-1]] else StepType.MID
                yield make_fragment(rng, task, len(part), end=end, **SIZES)


def fill(buffer, rng, *, with_all_rewards):
    """Adds episodes; returns each task's transitions by their slot in the ring."""
    rings = [{} for _ in range(N_TASKS)]
    added = [0] * N_TASKS
    fragments = list(draw_fragments(rng))
    buffer.add_episodes(make_batch(fragments, N_TASKS, with_all_rewards=with_all_rewards))
    for fragment in fragments:
        for step in fragment.steps():
            task = fragment.task
            rings[task][added[task] % CAPACITY] = step
            added[task] += 1
    assert added == [12, 27, 5]
    terminal = [[step["terminal"] for step in ring.values()] for ring in rings]
    assert all(0 < sum(ends) < len(ends) for ends in terminal[:2])
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
            assert batch.observations[at].tolist() == transition["observation"].tolist()
            following = transition["next_observation"].tolist()
            assert batch.next_observations[at].tolist() == following
            assert batch.actions[at].tolist() == transition["action"].tolist()
            assert float(batch.terminated[at]) == float(transition["terminal"])
            assert float(batch.rewards[at]) == float(transition["reward"])
    assert batch.rewards.shape == (len(rows), len(rows[0]))


@pytest.mark.parametrize("true_rewards", [False, True])
def test_a_batch_equals_a_slow_loop(true_rewards):
    buffer = make_buffer(stores_all_rewards=true_rewards)
    rings = fill(buffer, np.random.default_rng(1), with_all_rewards=true_rewards)
    twin = copy.deepcopy(buffer.random)
    sharing = make_uds(relabel="true_reward" if true_rewards else "min_reward")
    assert sharing.stores_all_rewards == true_rewards
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
    fill(buffer, np.random.default_rng(1), with_all_rewards=False)
    before = buffer.rows_since(np.zeros(N_TASKS, np.int64)).rows.copy()
    sharing = make_uds(sharing_quantile=0.5)
    for _ in range(5):
        sharing.draw(buffer, make_critics(), BATCH_SIZE, CPU)
    np.testing.assert_array_equal(buffer.rows_since(np.zeros(N_TASKS, np.int64)).rows, before)


def test_own_data_is_drawn_as_ever():
    buffers = [make_buffer(), make_buffer()]
    for buffer in buffers:
        fill(buffer, np.random.default_rng(1), with_all_rewards=False)
    ours = make_data_sharing().draw(buffers[0], make_critics(), BATCH_SIZE, CPU)
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


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9, 1.0])
def test_the_filter_equals_numpys_quantile(quantile):
    buffer = make_buffer()
    fill(buffer, np.random.default_rng(2), with_all_rewards=False)
    critics = make_critics(seed=5)
    sharing = make_uds(sharing_quantile=quantile)
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
    logged = sharing.read_statistics(names)
    assert list(logged) == [f"Data/{name}/SharedShare" for name in names]
    logged_shares = list(logged.values())
    np.testing.assert_allclose(logged_shares, np.mean(shares, axis=0), rtol=1e-12)
    assert 0 < np.mean(logged_shares) < 1 or quantile == 1.0
    # Without an update since, there is no share.
    again = sharing.read_statistics(names)
    assert list(again) == list(logged)
    assert np.isnan(list(again.values())).all()


def test_nothing_is_logged_where_all_is_kept():
    sharing = make_uds(sharing_quantile=0.0)
    assert sharing.read_statistics(("a", "b", "c")) == {}
    assert make_data_sharing().read_statistics(("a", "b", "c")) == {}


@pytest.mark.parametrize("n_parts", [2, 3, 5, 7])
def test_parts_of_a_shared_batch_have_their_share_of_each_task(n_parts):
    buffer = make_buffer()
    fill(buffer, np.random.default_rng(3), with_all_rewards=False)
    sharing = make_uds(sharing_quantile=0.0)
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


def test_rewards_of_all_tasks_must_come_where_they_are_stored():
    rng = np.random.default_rng(0)
    buffer = make_buffer(stores_all_rewards=True)
    with pytest.raises(RuntimeError, match="stores all tasks' rewards, and there are none"):
        fill(buffer, rng, with_all_rewards=False)
    assert buffer.added.tolist() == [0, 0, 0]
    fill(buffer, rng, with_all_rewards=True)
    # Where they are not stored they may come, and nothing can be relabelled by them.
    other = make_buffer()
    fill(other, rng, with_all_rewards=True)
    with pytest.raises(RuntimeError, match="does not store"):
        other.sample_from(source_tasks(N_TASKS, 4), relabel=True)
    buffer.sample_from(source_tasks(N_TASKS, 4), relabel=True)


def build(config, task_set):
    """The data sharing of a config, as the learner builds it."""
    return config.member("data")(DataParts(task_set=task_set), config.member_options("data"))


def test_the_table():
    jaco = make_task_set("JacoReachMT5-v1")
    own = build(resolve("dnc_sac", jaco.id), jaco)
    assert type(own) is DataSharing
    sharing = build(resolve("uds_dnc", jaco.id), jaco)
    assert type(sharing) is UDS
    assert sharing._min_rewards.tolist() == [[-5.0]] * 5
    cds = resolve("train", jaco.id, data="cds", relabel="true_reward")
    assert type(build(cds, jaco)) is CDS
    assert build(cds, jaco)._min_rewards is None
    assert cds.sharing_quantile == 0.9
    assert build(cds, jaco).options.sharing_quantile == 0.9
    assert build(cds, jaco).stores_all_rewards
    assert not sharing.stores_all_rewards
    assert not own.stores_all_rewards


def test_what_a_task_set_does_not_say_is_an_error():
    config = resolve("uds_dnc", "JacoReachMT5-v1", relabel="true_reward")
    counting = make_counting()
    with pytest.raises(ConfigError, match="--relabel min_reward"):
        build(config, counting)
    smallest = resolve("uds_dnc", "JacoReachMT5-v1")
    with pytest.raises(ConfigError, match="choose another method"):
        build(smallest, counting)
    counting.relabels = True
    with pytest.raises(ConfigError, match="choose --relabel true_reward"):
        build(smallest, counting)
    with pytest.raises(ConfigError, match="one task"):
        build(smallest, make_counting(n_tasks=1))
    with pytest.raises(ConfigError, match=r"sharing_quantile = 1.5.*from 0 to 1"):
        make_uds(sharing_quantile=1.5)
    with pytest.raises(ConfigError, match="relabel = 'reward'"):
        make_uds(relabel="reward")

"""The store of all tasks' transitions."""

import numpy as np
import pytest
import torch

from learning.errors import ConfigError, SnapshotError
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer

ROW = 2 * 2 + 1 + 2


def make_buffer(capacity=10, n_tasks=3, seed=0):
    return MultiTaskReplayBuffer(
        n_tasks=n_tasks,
        observation_size=2,
        action_size=1,
        capacity=capacity,
        random=np.random.default_rng(seed),
    )


def path(task, values, terminal=None):
    """Transitions whose numbers tell task and value v: from (task, v) to (task, v + 0.5)."""
    values = np.asarray(values, dtype=np.float64)
    one_hot = np.tile(np.eye(3)[task], (len(values), 1))
    first = np.full(len(values), float(task))
    return {
        "observation": np.hstack((np.stack((first, values), axis=1), one_hot)),
        "next_observation": np.hstack((np.stack((first, values + 0.5), axis=1), one_hot)),
        "action": -values[:, None],
        "reward": 10 * values[:, None],
        "terminal": np.zeros((len(values), 1), bool) if terminal is None else terminal[:, None],
    }


def test_batches_hold_whole_transitions_of_the_right_task():
    buffer = make_buffer()
    for task in range(3):
        terminal = np.arange(4) == 3
        buffer.add_path(path(task, np.arange(4) + 10 * task, terminal))
    batch = buffer.sample_transitions(200)
    values = batch.observations[..., 1]
    for task in range(3):
        assert (batch.observations[task, :, 0] == task).all()
        assert set(values[task].tolist()) == {10.0 * task + step for step in range(4)}
    assert (batch.next_observations[..., 1] == values + 0.5).all()
    assert (batch.actions[..., 0] == -values).all()
    assert (batch.rewards == 10 * values).all()
    assert (batch.terminated == (values % 10 == 3).float()).all()


def test_sampling_is_uniform():
    buffer = make_buffer()
    for task in range(3):
        buffer.add_path(path(task, np.arange(5 + task)))
    batch = buffer.sample_transitions(20000)
    for task in range(3):
        counts = np.bincount(batch.observations[task, :, 1].long().numpy())
        assert len(counts) == 5 + task
        # Five standard deviations of a binomial count.
        expected = 20000 / (5 + task)
        assert abs(counts - expected).max() < 5 * np.sqrt(expected)


def test_the_oldest_give_way():
    buffer = make_buffer(capacity=10)
    for task in range(3):
        buffer.add_path(path(task, np.arange(7)))
    buffer.add_path(path(1, np.arange(7, 13)))
    assert buffer.sizes.tolist() == [7, 10, 7]
    assert buffer.n_transitions_stored == 3 * 7
    values = buffer.sample_transitions(2000).observations[1, :, 1]
    assert set(values.tolist()) == set(range(3, 13))


def test_of_a_path_longer_than_the_buffer_the_last_stay():
    buffer = make_buffer(capacity=10)
    buffer.add_path(path(2, np.arange(4)))
    buffer.add_path(path(2, np.arange(100, 123)))
    for task in (0, 1):
        buffer.add_path(path(task, [0.0]))
    values = buffer.sample_transitions(2000).observations[2, :, 1]
    assert set(values.tolist()) == set(range(113, 123))
    assert buffer.added.tolist() == [1, 1, 27]


def test_a_task_without_transitions_is_an_error():
    buffer = make_buffer()
    buffer.add_path(path(0, [1.0]))
    with pytest.raises(RuntimeError, match=r"tasks \[1, 2\] have no transitions"):
        buffer.sample_transitions(2)


def test_too_large_a_buffer_says_what_to_change():
    with pytest.raises(ConfigError, match="--replay_buffer_size"):
        make_buffer(capacity=10**13)


def fill(buffer, steps):
    for start, stop in steps:
        for task in range(3):
            buffer.add_path(path(task, np.arange(start, stop + task)))


def test_chunks_bring_it_all_back():
    buffer = make_buffer(capacity=10)
    chunks, saved = [], np.zeros(3, np.int64)
    for steps in ([(0, 4)], [(4, 7), (7, 9)], [(9, 15)]):
        fill(buffer, steps)
        chunks.append(buffer.rows_since(saved))
        saved = buffer.added
    other = make_buffer(capacity=10)
    other.restore(chunks, buffer.added)
    ours, theirs = (b.sample_transitions(500) for b in (buffer, other))
    for name in ("observations", "actions", "next_observations", "rewards", "terminated"):
        assert torch.equal(getattr(ours, name), getattr(theirs, name))
    # Later additions go to the same places.
    for b in (buffer, other):
        fill(b, [(20, 23)])
    assert torch.equal(buffer.sample_transitions(50).rewards, other.sample_transitions(50).rewards)


def test_a_gap_between_chunks_is_an_error():
    buffer = make_buffer(capacity=100)
    chunks, saved = [], np.zeros(3, np.int64)
    for steps in ([(0, 4)], [(4, 7)], [(7, 9)]):
        fill(buffer, steps)
        chunks.append(buffer.rows_since(saved))
        saved = buffer.added
    with pytest.raises(SnapshotError, match="gap"):
        make_buffer(capacity=100).restore([chunks[0], chunks[2]], buffer.added)
    with pytest.raises(SnapshotError, match="gap"):
        make_buffer(capacity=100).restore(chunks[1:], buffer.added)
    with pytest.raises(SnapshotError, match="end at"):
        make_buffer(capacity=100).restore(chunks[:2], buffer.added)

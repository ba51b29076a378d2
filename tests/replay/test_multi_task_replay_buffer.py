"""The store of all tasks' transitions."""

import numpy as np
import pytest
import torch

from learning.errors import ConfigError, SnapshotError
from learning.garage_bridge.garage_compat import StepType
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from tests.replay.fragments import Fragment, make_batch, make_fragment

N_TASKS = 3
SIZES = {"n_tasks": N_TASKS, "observation_size": 2, "action_size": 1}


def make_buffer(capacity=10, seed=0, **options):
    return MultiTaskReplayBuffer(
        **SIZES, capacity=capacity, random=np.random.default_rng(seed), **options
    )


def path(task, values, end=StepType.TIMEOUT):
    """Steps whose numbers tell task and value v: from (task, v) to (task, v + 1)."""
    values = np.asarray(values, dtype=np.float64)
    following = np.append(values, values[-1] + 1)
    return Fragment(
        task=task,
        observations=np.stack((np.full(len(following), float(task)), following), axis=1),
        actions=-values[:, None],
        rewards=10 * values,
        end=end,
    )


def add(buffer, *fragments):
    buffer.add_episodes(make_batch(fragments, N_TASKS))


def test_batches_hold_whole_transitions_of_the_right_task():
    buffer = make_buffer()
    for task in range(3):
        add(buffer, path(task, np.arange(4) + 10 * task, StepType.TERMINAL))
    batch = buffer.sample_transitions(200)
    values = batch.observations[..., 1]
    for task in range(3):
        assert (batch.observations[task, :, 0] == task).all()
        assert set(values[task].tolist()) == {10.0 * task + step for step in range(4)}
    assert (batch.next_observations[..., 0] == batch.observations[..., 0]).all()
    assert (batch.next_observations[..., 1] == values + 1).all()
    assert (batch.actions[..., 0] == -values).all()
    assert (batch.rewards == 10 * values).all()
    assert (batch.terminated == (values % 10 == 3).float()).all()


def test_sampling_is_uniform():
    buffer = make_buffer()
    for task in range(3):
        add(buffer, path(task, np.arange(5 + task)))
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
        add(buffer, path(task, np.arange(7)))
    add(buffer, path(1, np.arange(7, 13)))
    assert buffer.sizes.tolist() == [7, 10, 7]
    assert buffer.n_transitions_stored == 3 * 7
    values = buffer.sample_transitions(2000).observations[1, :, 1]
    assert set(values.tolist()) == set(range(3, 13))


def test_of_a_path_longer_than_the_buffer_the_last_stay():
    buffer = make_buffer(capacity=10)
    add(buffer, path(2, np.arange(4)))
    add(buffer, path(2, np.arange(100, 123)))
    for task in (0, 1):
        add(buffer, path(task, [0.0]))
    values = buffer.sample_transitions(2000).observations[2, :, 1]
    assert set(values.tolist()) == set(range(113, 123))
    assert buffer.added.tolist() == [1, 1, 27]


def test_a_task_without_transitions_is_an_error():
    buffer = make_buffer()
    add(buffer, path(0, [1.0]))
    with pytest.raises(RuntimeError, match=r"tasks \[1, 2\] have no transitions"):
        buffer.sample_transitions(2)


ENDS = [StepType.TERMINAL, StepType.TIMEOUT, StepType.MID]


def stored_rows(buffer):
    """What each task's ring holds, oldest first."""
    stored = buffer.rows_since(np.zeros(N_TASKS, np.int64))
    return np.split(stored.rows, np.cumsum(stored.counts)[:-1])


def row_of(step):
    """A transition as the buffer lays it out, as its class says."""
    own = [step["observation"], step["action"], step["next_observation"]]
    numbers = [np.atleast_1d(step["reward"]), np.atleast_1d(step["terminal"])]
    return np.concatenate([*own, *numbers, step.get("all", np.empty(0, np.float32))])


@pytest.mark.parametrize("stores_all_rewards", [False, True])
@pytest.mark.parametrize("order", ["task after task", "any"])
@pytest.mark.parametrize("capacity", [7, 40, 1000])
def test_adding_equals_a_loop_over_the_steps(capacity, order, stores_all_rewards):
    """Of whole episodes and fragments, into rings that batches fill several times over, or never.

    Of single steps too, and of tasks that some batches lack.
    """
    rng = np.random.default_rng(capacity)
    buffer = make_buffer(capacity, stores_all_rewards=stores_all_rewards)
    slow = [[] for _ in range(N_TASKS)]
    ends = []
    for n_fragments in (1, 12, 70, 2, 50):
        tasks = rng.integers(0, N_TASKS, n_fragments)
        tasks = np.sort(tasks) if order == "task after task" else tasks
        fragments = [
            make_fragment(rng, task, rng.integers(1, 7), end=ENDS[rng.integers(3)], **SIZES)
            for task in tasks.tolist()
        ]
        ends += [(fragment.end, len(fragment.rewards)) for fragment in fragments]
        buffer.add_episodes(make_batch(fragments, N_TASKS, with_all_rewards=stores_all_rewards))
        for fragment in fragments:
            if not stores_all_rewards:
                fragment.all_rewards = None
            slow[fragment.task] += [row_of(step) for step in fragment.steps()]
        assert buffer.added.tolist() == [len(rows) for rows in slow]
        assert buffer.sizes.tolist() == [min(len(rows), capacity) for rows in slow]
        for ours, expected in zip(stored_rows(buffer), slow, strict=True):
            kept = np.array(expected[-capacity:]).reshape(ours.shape)
            np.testing.assert_array_equal(ours, kept)
    assert {(end, 1) for end in ENDS} <= set(ends), "no fragments of one step"
    assert min(len(rows) for rows in slow) > 2 * 40, "too few steps to fill a ring twice"
    # Each stands in its place of the ring, which decides what is drawn.
    drawn = np.random.default_rng(0).random((N_TASKS, 200))
    batch = buffer.sample_transitions(200)
    for task, rows in enumerate(slow):
        size = min(len(rows), capacity)
        first = len(rows) - size
        ring = {(first + place) % capacity: rows[first + place] for place in range(size)}
        expected = np.array([ring[int(number * size)] for number in drawn[task]])
        np.testing.assert_array_equal(batch.observations[task].numpy(), expected[:, :2])
        np.testing.assert_array_equal(batch.actions[task].numpy(), expected[:, 2:3])
        np.testing.assert_array_equal(batch.next_observations[task].numpy(), expected[:, 3:5])
        np.testing.assert_array_equal(batch.rewards[task].numpy(), expected[:, 5])
        np.testing.assert_array_equal(batch.terminated[task].numpy(), expected[:, 6])


def test_only_a_termination_is_stored_as_one():
    """By hand: two episodes of two steps and a fragment; the last observation is before a reset."""
    buffer = make_buffer()
    add(
        buffer,
        path(1, [0, 1], StepType.TERMINAL),
        path(0, [5, 6], StepType.TIMEOUT),
        path(1, [20, 21], StepType.MID),
        path(2, [30], StepType.TERMINAL),
        path(1, [40], StepType.TIMEOUT),
    )
    # Observation (task, v), action, next observation, reward, terminated.
    assert [rows.tolist() for rows in stored_rows(buffer)] == [
        [[0, 5, -5, 0, 6, 50, 0], [0, 6, -6, 0, 7, 60, 0]],
        [
            [1, 0, 0, 1, 1, 0, 0],
            [1, 1, -1, 1, 2, 10, 1],
            [1, 20, -20, 1, 21, 200, 0],
            [1, 21, -21, 1, 22, 210, 0],
            [1, 40, -40, 1, 41, 400, 0],
        ],
        [[2, 30, -30, 2, 31, 300, 1]],
    ]


def test_too_large_a_buffer_says_what_to_change():
    with pytest.raises(ConfigError, match="--replay_buffer_size"):
        make_buffer(capacity=10**13)


def fill(buffer, steps):
    for start, stop in steps:
        for task in range(3):
            add(buffer, path(task, np.arange(start, stop + task)))


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

"""Snapshots survive kills, damage and full disks, and say what is wrong with them."""

import json

import numpy as np
import pytest

from learning.errors import SnapshotError
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.snapshots import snapshot_store
from learning.snapshots.snapshot_store import SnapshotStore
from learning.snapshots.state import State

CONFIG = {"env": "Toy", "seed": 3}


def make_buffer(capacity=20):
    return MultiTaskReplayBuffer(
        n_tasks=2,
        observation_size=1,
        action_size=1,
        capacity=capacity,
        random=np.random.default_rng(0),
    )


def add(buffer, start, stop):
    for task in range(2):
        rows = np.arange(start, stop, dtype=np.float32)[:, None] + 1000 * task
        buffer.add_rows(task, np.repeat(rows, 5, axis=1))


def make_state(number):
    state = State(arrays={"weights": np.full((2, 2), float(number))})
    state.put("part", State(arrays={"flags": np.array([True, False])}, values={"n": number}))
    return state


@pytest.fixture
def saved(tmp_path):
    """A store with snapshots of the epochs 1 and 3 (that of epoch 0 has given way)."""
    store, buffer = SnapshotStore(tmp_path / "snapshots", CONFIG), make_buffer()
    for epoch, (start, stop) in ((0, (0, 5)), (1, (5, 8)), (3, (8, 12))):
        add(buffer, start, stop)
        store.save(epoch, make_state(epoch), buffer)
    return tmp_path / "snapshots"


def load(folder, name=None, config=CONFIG):
    buffer = make_buffer()
    return SnapshotStore(folder, config).load(name, buffer), buffer


def values_of(buffer, task):
    return sorted(set(buffer.sample_transitions(3000).rewards[task].int().tolist()))


def test_the_last_two_come_back(saved):
    assert SnapshotStore(saved, CONFIG).names() == ["epoch_000001", "epoch_000003"]
    for name, number, stop in ((None, 3, 12), ("epoch_000003", 3, 12), ("epoch_000001", 1, 8)):
        state, buffer = load(saved, name)
        assert state.arrays["weights"].tolist() == [[number, number]] * 2
        part = state.part("part")
        assert part.value("n") == number
        assert part.arrays["flags"].dtype == bool
        assert part.arrays["flags"].tolist() == [True, False]
        assert values_of(buffer, 0) == list(range(stop))
        assert values_of(buffer, 1) == list(range(1000, 1000 + stop))


def test_chunks_hold_only_what_is_new(saved):
    chunks = sorted(path.name for path in (saved / "replay").iterdir())
    assert chunks == [f"epoch_{epoch:06d}.safetensors" for epoch in (0, 1, 3)]
    sizes = [
        chunk["ends"][0]
        for chunk in json.loads((saved / "epoch_000003/snapshot.json").read_text())["replay_chunks"]
    ]
    assert sizes == [5, 8, 12]


def test_chunks_that_are_overwritten_go(tmp_path):
    store, buffer = SnapshotStore(tmp_path, CONFIG), make_buffer(capacity=6)
    for epoch in range(6):
        add(buffer, 4 * epoch, 4 * epoch + 4)
        store.save(epoch, make_state(epoch), buffer)
    # Six live transitions stand in the last two chunks; the snapshot before needs one more.
    names = sorted(path.name for path in (tmp_path / "replay").iterdir())
    assert names == [f"epoch_{epoch:06d}.safetensors" for epoch in (3, 4, 5)]
    other = make_buffer(capacity=6)
    SnapshotStore(tmp_path, CONFIG).load(None, other)
    assert values_of(other, 0) == list(range(18, 24))


@pytest.mark.parametrize(
    "victim", ["epoch_000003/arrays.safetensors", "replay/epoch_000003.safetensors"]
)
@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_damaged_file_is_named_and_the_one_before_serves(saved, victim, damage):
    path = saved / victim
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif damage == "truncate":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.unlink()
    with pytest.raises(SnapshotError) as caught:
        load(saved)
    assert path.name in str(caught.value)
    assert "--snapshot epoch_000001" in str(caught.value)
    state, buffer = load(saved, "epoch_000001")
    assert state.part("part").value("n") == 1
    assert values_of(buffer, 0) == list(range(8))


def test_going_on_from_the_one_before_replaces_the_damaged(saved):
    (saved / "epoch_000003/arrays.safetensors").write_bytes(b"")
    store, buffer = SnapshotStore(saved, CONFIG), make_buffer()
    store.load("epoch_000001", buffer)
    add(buffer, 8, 12)
    store.save(3, make_state(30), buffer)
    assert store.names() == ["epoch_000001", "epoch_000003"]
    state, other = load(saved)
    assert state.part("part").value("n") == 30
    assert values_of(other, 0) == list(range(12))


def test_without_its_manifest_a_snapshot_does_not_exist(saved):
    (saved / "epoch_000003/snapshot.json").unlink()
    state, _ = load(saved)
    assert state.part("part").value("n") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "not a snapshot of this program"),
        ({"format_version": 99}, "format version 99"),
        ({"config": {"env": "Toy", "seed": 4}}, "different: seed"),
        ({"replay_chunks": [{"file": "../../secret", "sha256": "", "ends": [1, 1]}]}, "outside"),
        ({"arrays_sha256": 5}, "damaged"),
    ],
)
def test_foreign_snapshots(saved, change, message):
    path = saved / "epoch_000003/snapshot.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(SnapshotError, match=message):
        load(saved)


def test_a_manifest_that_is_no_json(saved):
    (saved / "epoch_000003/snapshot.json").write_text("{")
    with pytest.raises(SnapshotError, match=r"snapshot\.json is damaged"):
        load(saved)


def test_no_such_snapshot(saved, tmp_path):
    with pytest.raises(SnapshotError, match="epoch_000001, epoch_000003"):
        load(saved, "epoch_000002")
    with pytest.raises(SnapshotError, match="holds no snapshot"):
        load(tmp_path / "nothing")


@pytest.mark.parametrize("failing_write", [1, 2, 3])
def test_a_full_disk_loses_nothing(saved, monkeypatch, failing_write):
    """The chunk, the arrays or the manifest cannot be written: what was there still loads."""
    store, buffer = SnapshotStore(saved, CONFIG), make_buffer()
    store.load(None, buffer)
    add(buffer, 12, 15)
    n_writes = 0

    def failing(original):
        def write(*args):
            nonlocal n_writes
            n_writes += 1
            if n_writes == failing_write:
                raise OSError(28, "No space left on device")
            return original(*args)

        return write

    monkeypatch.setattr(snapshot_store, "write_arrays", failing(snapshot_store.write_arrays))
    monkeypatch.setattr(snapshot_store, "write_file", failing(snapshot_store.write_file))
    with pytest.raises(OSError, match="No space left"):
        store.save(5, make_state(5), buffer)
    state, other = load(saved)
    assert state.part("part").value("n") == 3
    assert values_of(other, 0) == list(range(12))
    # With room again, the next one holds everything.
    add(buffer, 15, 16)
    store.save(6, make_state(6), buffer)
    state, other = load(saved)
    assert state.part("part").value("n") == 6
    assert values_of(other, 0) == list(range(16))

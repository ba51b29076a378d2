"""How far a folder's run is, and what is foretold of it."""

import json
import subprocess
import sys

import pytest

from learning.sweeps.child import last_lines
from learning.sweeps.estimates import (
    duration,
    epoch_seconds,
    folder_bytes,
    of_its_kind,
    side_by_side,
)
from learning.sweeps.folder_state import (
    epochs_recorded,
    folder_state,
    last_rows,
    snapshot_names,
)
from tests.sweeps.small import PROJECT

HEAD = "Epoch,Time/Collect,Time/Update,Time/Evaluate,Time/Rest\n"


def record(folder, *, rows, snapshots, n_epochs=4, torn=""):
    """A run's folder with so many rows, an epoch of 1 + epoch seconds each, and snapshots."""
    folder.mkdir()
    config = {"config_version": 4, "method": "m", "env": "e", "name": "run", "seed": 1}
    (folder / "config.json").write_text(json.dumps({**config, "n_epochs": n_epochs}))
    lines = "".join(f"{epoch},{epoch},0.5,0.25,0.25\n" for epoch in range(rows))
    (folder / "progress.csv").write_text(HEAD + lines + torn)
    for epoch in snapshots:
        place = folder / f"snapshots/epoch_{epoch:06d}"
        place.mkdir(parents=True)
        (place / "snapshot.json").write_text("{}")
    return folder


def test_missing(tmp_path):
    assert folder_state(tmp_path / "none").status == "missing"
    # What a run leaves that ended before its record began.
    (tmp_path / "lock").touch()
    (tmp_path / "config.json.part").touch()
    assert folder_state(tmp_path).status == "missing"


@pytest.mark.parametrize(
    ("rows", "snapshots", "status", "epochs"),
    [
        (4, (2, 3), "done", 4),
        (4, (1, 2), "interrupted", 3),  # killed between the last row and its snapshot
        (3, (2, 3), "interrupted", 4),  # a table that has lost rows
        (3, (1,), "interrupted", 2),
        (1, (), "interrupted", 0),
        (0, (), "interrupted", 0),
    ],
)
def test_how_far(tmp_path, rows, snapshots, status, epochs):
    folder = record(tmp_path / "run", rows=rows, snapshots=snapshots)
    state = folder_state(folder)
    assert (state.status, state.epochs, state.problem) == (status, epochs, "")
    assert epochs_recorded(folder) == rows
    assert snapshot_names(folder) == [f"epoch_{epoch:06d}" for epoch in snapshots]


def test_damaged(tmp_path):
    folder = record(tmp_path / "run", rows=1, snapshots=())
    (folder / "config.json").write_bytes(b"\xff\xfe")
    assert folder_state(folder).status == "damaged"
    (folder / "config.json").write_text("{")
    state = folder_state(folder)
    assert state.status == "damaged"
    assert "no JSON text" in state.problem
    (folder / "config.json").unlink()
    assert "holds files and no config.json" in folder_state(folder).problem
    (tmp_path / "file").touch()
    assert "is no folder" in folder_state(tmp_path / "file").problem


def test_the_last_rows_of_a_long_table_with_a_torn_end(tmp_path, monkeypatch):
    folder = record(tmp_path / "run", rows=1000, snapshots=(), torn="1000,1")
    assert [row["Epoch"] for row in last_rows(folder, 2)] == ["998", "999"]
    monkeypatch.setattr("learning.sweeps.folder_state._TAIL", 100)
    rows = last_rows(folder, 50)
    assert [row["Epoch"] for row in rows] == [str(epoch) for epoch in range(1000)][-len(rows) :]
    assert 1 < len(rows) < 6
    assert rows[-1] == {
        "Epoch": "999",
        "Time/Collect": "999",
        "Time/Update": "0.5",
        "Time/Evaluate": "0.25",
        "Time/Rest": "0.25",
    }
    assert last_rows(tmp_path / "none", 2) == []


def test_seconds_of_an_epoch_of_late(tmp_path):
    # Epoch e takes e + 1 seconds; the first, without updates, counts only while it is alone.
    assert epoch_seconds(record(tmp_path / "one", rows=1, snapshots=())) == 1.0
    assert epoch_seconds(record(tmp_path / "three", rows=3, snapshots=())) == (2 + 3) / 2
    # Of a hundred the last fifty: 51 to 100.
    assert epoch_seconds(record(tmp_path / "many", rows=100, snapshots=())) == 75.5
    assert epoch_seconds(record(tmp_path / "none", rows=0, snapshots=())) is None


def test_runs_of_a_kind_lend_each_other_their_rates(tmp_path):
    a, b, c, d = (tmp_path / name for name in "abcd")
    kinds = {a: ("x",), b: ("x",), c: ("x",), d: ("y",)}
    assert of_its_kind({a: 2.0, b: 4.0}, kinds) == {a: 2.0, b: 4.0, c: 3.0}


def test_time_of_runs_side_by_side():
    assert side_by_side([], [], 2) == 0
    assert side_by_side([], [3, 3, 3], 2) == 6
    # One slot is free after 1 and takes 5, the other after 4 and takes 1: both end before 6.
    assert side_by_side([1, 4], [5, 1], 2) == 6
    assert side_by_side([10], [2, 2], 2) == 10
    assert duration(3661.4) == "1:01:01"
    assert duration(None) == "unknown"


def test_bytes_and_last_lines(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "log").write_bytes(b"first\n\nsecond\n 10%\r 20%\nthird \n")
    assert last_lines(tmp_path / "sub/log", 3) == ["second", " 20%", "third"]
    assert last_lines(tmp_path / "none") == []
    assert folder_bytes(tmp_path) >= 32


def test_whether_a_run_is_done_is_read_without_torch():
    code = (
        "import sys, learning.sweeps.folder_state, learning.sweeps.estimates, run\n"
        "heavy = {'torch', 'garage', 'metaworld'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

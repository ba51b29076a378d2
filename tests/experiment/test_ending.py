"""What ends a run from outside leaves its row and a snapshot; what it lacks is said."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.experiment.test_resume import (
    ENVIRONMENT,
    SMALL,
    command,
    final_state,
    table,
    train,
)

LONG = ("--n_epochs=60", "--snapshot_frequency=60")
"""So long that no machine ends it before the signal comes."""
START = ("qmp_dnc", "--env=JacoReachMT5-v1", "--seed=5", *SMALL, *LONG)
SECONDS = 120


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run_dir = tmp_path_factory.mktemp("runs") / "whole"
    train(run_dir, "--snapshot_frequency=6")
    return run_dir


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    run_dir = tmp_path_factory.mktemp("runs") / "long"
    train(run_dir, *LONG)
    return run_dir


@pytest.fixture
def begun(tmp_path):
    """A run with two workers in its third epoch, and its processes."""
    run_dir = tmp_path / "run"
    process = subprocess.Popen(
        command(*START, "--n_workers=2", f"--log_dir={run_dir}"),
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    progress = run_dir / "progress.csv"
    deadline = time.monotonic() + SECONDS
    while not (progress.exists() and progress.read_bytes().count(b"\n") > 2):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.002)
    yield run_dir, process, psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()


@pytest.mark.parametrize("to_group", [False, True], ids=["to the process", "to its group"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_lets_the_epoch_end_and_a_snapshot_be_written(long, begun, number, to_group):
    run_dir, process, workers = begun
    (os.killpg if to_group else os.kill)(process.pid, number)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + number, said
    assert f"Go on with: python run.py resume {run_dir}" in said
    assert not psutil.wait_procs(workers, timeout=20)[1]
    rows = table(run_dir / "progress.csv")
    (snapshot,) = (run_dir / "snapshots").glob("epoch_*")
    assert snapshot.name == f"epoch_{len(rows) - 1:06d}"
    assert len(rows) < 60
    subprocess.run(command("resume", run_dir), check=True, env=ENVIRONMENT, timeout=SECONDS)
    for file in ("progress.csv", "eval.csv"):
        assert table(run_dir / file) == table(long / file)
    (name, ours), (_, theirs) = final_state(run_dir), final_state(long)
    assert name == "epoch_000059"
    assert all((ours[key] == theirs[key]).all() for key in theirs)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_second_signal_ends_at_once(begun, number):
    _, process, workers = begun
    os.killpg(process.pid, number)
    time.sleep(0.05)
    if process.poll() is None:
        os.killpg(process.pid, number)
    process.communicate(timeout=SECONDS)
    assert process.returncode in (128 + number, -number)
    assert not psutil.wait_procs(workers, timeout=20)[1]


@pytest.mark.parametrize(
    ("file", "cut", "told"),
    [
        ("progress.csv", lambda lines: lines[:3] + lines[4:], "progress.csv lacks rows of epoch 3"),
        ("progress.csv", lambda lines: lines[:1], "progress.csv lacks rows of epochs 1 to 6"),
        ("progress.csv", None, "progress.csv lacks rows of epochs 1 to 6"),
        ("eval.csv", lambda lines: lines[:-1], "eval.csv lacks rows of epoch 6"),
        ("eval.csv", None, "eval.csv lacks rows of 2 epochs from 3 to 6"),
    ],
)
def test_rows_that_a_snapshot_counts(tmp_path, whole, file, cut, told):
    run_dir = tmp_path / "run"
    subprocess.run(["cp", "-r", str(whole), str(run_dir)], check=True)
    if cut is None:
        (run_dir / file).unlink()
    else:
        lines = (run_dir / file).read_text().splitlines(keepends=True)
        (run_dir / file).write_text("".join(cut(lines)))
    before = {path: path.read_bytes() for path in run_dir.rglob("*.csv")}
    words = ("resume", run_dir, "--snapshot=epoch_000005")
    refused = subprocess.run(
        command(*words), check=False, capture_output=True, text=True, env=ENVIRONMENT
    )
    assert refused.returncode == 1, refused.stderr
    assert told in refused.stderr
    assert "--accept_gaps" in refused.stderr
    assert {path: path.read_bytes() for path in run_dir.rglob("*.csv")} == before
    accepted = command(*words, "--accept_gaps")
    for _ in range(2):
        subprocess.run(accepted, check=True, capture_output=True, env=ENVIRONMENT)
        # What was accepted once is no news.
        accepted = command(*words)
    shown = subprocess.run(
        command("table", run_dir), check=False, capture_output=True, text=True, env=ENVIRONMENT
    )
    # Without a row there is nothing to show.
    if "epochs 1 to 6" not in told:
        assert f"although {file} lacked rows of" in shown.stdout + shown.stderr


def test_a_finished_run_is_left_as_it_is(whole):
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*")}
    done = subprocess.run(
        command("resume", whole), capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    assert "had finished: nothing is left to train" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in whole.rglob("*")} == before


def test_version():
    said = subprocess.run(
        [sys.executable, *command("--version")[1:]], capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("revision ")
    assert "\ntorch " in said.stdout

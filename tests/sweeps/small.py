"""A grid of small runs on the Jaco task set, and what to look at of them."""

import csv
import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import safetensors.numpy

PROJECT = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}
N_EPOCHS = 5
OPTIONS = f"""
[options]
n_epochs = {N_EPOCHS}
steps_per_epoch = 2
batch_size = 150
gradient_steps_per_itr = 20
min_buffer_size = 60
buffer_batch_size = 8
hidden_sizes = [16, 16]
evaluation_frequency = 2
num_evaluation_episodes = 5
snapshot_frequency = 1
replay_buffer_size = 250
"""


def program(*words):
    return [sys.executable, str(PROJECT / "run.py"), *map(str, words)]


def start(*words, **options):
    return subprocess.Popen(
        program(*words),
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def finish(*words, timeout=240):
    """Run a command to its end; return its exit code and what it printed."""
    done = subprocess.run(
        program(*words),
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def wait_until(condition, timeout=120):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.005)


def n_rows(run_dir):
    path = run_dir / "progress.csv"
    return max(0, path.read_bytes().count(b"\n") - 1) if path.exists() else 0


def table(path):
    """Columns and values of a CSV, the time columns left out."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return [
        {key: value for key, value in row.items() if not key.startswith("Time/")} for row in rows
    ]


def assert_same_record(ours, theirs, *, n_epochs=N_EPOCHS):
    """The same bit for bit, apart from times and from the folder's own name."""
    configs = [(each / "config.json").read_text().splitlines() for each in (ours, theirs)]
    left, right = ([line for line in text if '"log_dir"' not in line] for text in configs)
    assert left == right
    rows = table(ours / "progress.csv")
    assert [row["Epoch"] for row in rows] == [str(epoch) for epoch in range(n_epochs)]
    assert rows == table(theirs / "progress.csv")
    assert table(ours / "eval.csv") == table(theirs / "eval.csv")
    name = f"snapshots/epoch_{n_epochs - 1:06d}/arrays.safetensors"
    first, second = (safetensors.numpy.load_file(each / name) for each in (ours, theirs))
    assert first.keys() == second.keys()
    for key, array in first.items():
        np.testing.assert_array_equal(array, second[key], err_msg=key)

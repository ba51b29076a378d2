"""Same seed, same run; killed at any moment and resumed, still the same run."""

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

PROJECT = Path(__file__).resolve().parents[2]
SMALL = (
    "--n_epochs=6 --steps_per_epoch=2 --batch_size=150 --gradient_steps_per_itr=25 "
    "--min_buffer_size=60 --buffer_batch_size=8 --hidden_sizes 16 16 --evaluation_frequency=3 "
    "--num_evaluation_episodes=5 --snapshot_frequency=1 --torch_threads=1 --replay_buffer_size=250"
).split()
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}


def command(*arguments):
    return [sys.executable, str(PROJECT / "run.py"), *map(str, arguments)]


def train(run_dir, *options, method="qmp_dnc"):
    subprocess.run(
        command(
            method, "--env=JacoReachMT5-v1", "--seed=5", f"--log_dir={run_dir}", *SMALL, *options
        ),
        check=True,
        capture_output=True,
        env=ENVIRONMENT,
        timeout=300,
    )


def table(path, *, left_out=("Time/",)):
    """Columns and values of a CSV, the time columns left out."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return [
        {key: value for key, value in row.items() if not key.startswith(left_out)} for row in rows
    ]


def final_state(run_dir):
    folder = sorted((run_dir / "snapshots").glob("epoch_*"))[-1]
    return folder.name, safetensors.numpy.load_file(folder / "arrays.safetensors")


def assert_same_run(first, second):
    rows = table(first / "progress.csv")
    assert [row["Epoch"] for row in rows] == ["0", "1", "2", "3", "4", "5"]
    assert rows == table(second / "progress.csv")
    assert table(first / "eval.csv") == table(second / "eval.csv")
    (name, ours), (other, theirs) = final_state(first), final_state(second)
    assert name == other
    assert ours.keys() == theirs.keys()
    for key, array in ours.items():
        np.testing.assert_array_equal(array, theirs[key], err_msg=key)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    run_dir = tmp_path_factory.mktemp("runs") / "uninterrupted"
    train(run_dir)
    return run_dir


def test_same_seed_twice(uninterrupted, tmp_path):
    train(tmp_path / "twin")
    assert_same_run(uninterrupted, tmp_path / "twin")


def test_worker_processes_change_nothing(uninterrupted, tmp_path):
    train(tmp_path / "workers", "--n_workers=2")
    left_out = ("Time/",)
    assert table(uninterrupted / "progress.csv", left_out=left_out) == table(
        tmp_path / "workers/progress.csv", left_out=left_out
    )


def test_evaluation_does_not_disturb_training(uninterrupted, tmp_path):
    train(tmp_path / "more", "--num_evaluation_episodes=15", "--evaluation_frequency=1")
    left_out = ("Time/", "Evaluation")
    rows = table(uninterrupted / "progress.csv", left_out=left_out)
    assert rows == table(tmp_path / "more/progress.csv", left_out=left_out)
    assert float(rows[-1]["Policy/Loss/mean"]) != float(rows[-2]["Policy/Loss/mean"])


def kill_at_random_moments(run_dir, start, moments):
    """Run `start`, then `resume`, each killed after so many rows (or sooner or later by chance)."""
    arguments = start
    for n_rows, delay in moments:
        process = subprocess.Popen(
            command(*arguments),
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        progress = run_dir / "progress.csv"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            if progress.exists() and progress.read_bytes().count(b"\n") > n_rows:
                break
            time.sleep(0.002)
        time.sleep(delay)
        assert process.poll() is None, "it ended before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
        arguments = ("resume", run_dir)
    subprocess.run(
        command("resume", run_dir), check=True, capture_output=True, env=ENVIRONMENT, timeout=300
    )


@pytest.mark.parametrize("options", [(), ("--policy_sampling_freq=7", "--own_policy_floor=0.3")])
def test_killed_and_resumed(options, uninterrupted, tmp_path):
    whole = uninterrupted
    if options:
        whole = tmp_path / "whole"
        train(whole, *options)
    chance = random.Random(len(options))
    run_dir = tmp_path / "killed"
    start = (
        "qmp_dnc", "--env=JacoReachMT5-v1", "--seed=5", f"--log_dir={run_dir}", *SMALL, *options
    )  # fmt: skip
    moments = [(0, 0.0), (1, chance.random() * 0.2), (3, chance.random() * 0.2)]
    kill_at_random_moments(run_dir, start, moments)
    assert_same_run(whole, run_dir)


@pytest.mark.parametrize("options", [("--sampler=local",), ("--precision=bf16",)])
def test_other_samplers_and_precisions_resume(options, tmp_path):
    train(tmp_path / "whole", *options, method="dnc_sac")
    run_dir = tmp_path / "killed"
    start = (
        "dnc_sac", "--env=JacoReachMT5-v1", "--seed=5", f"--log_dir={run_dir}", *SMALL, *options
    )  # fmt: skip
    kill_at_random_moments(run_dir, start, [(2, 0.05)])
    assert_same_run(tmp_path / "whole", run_dir)


def test_eval_repeats_what_the_run_logged(uninterrupted):
    done = subprocess.run(
        command("eval", uninterrupted),
        check=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=300,
    )
    last = table(uninterrupted / "progress.csv")[-1]
    logged = float(last["Evaluation/stay/AverageReturn"])
    assert f"{logged:.3f}" in done.stdout, done.stdout

"""Runs that share data, stopped in the middle and resumed: bit for bit the same run."""

import csv

import numpy as np
import pytest
import safetensors.numpy

import garage_experiments
from learning.config.resolving import resolve
from learning.snapshots.snapshot_store import SnapshotStore

SMALL = {
    "n_epochs": 3,
    "steps_per_epoch": 2,
    "gradient_steps_per_itr": 15,
    "min_buffer_size": 30,
    "buffer_batch_size": 8,
    "hidden_sizes": (16, 16),
    "evaluation_frequency": 3,
    "snapshot_frequency": 1,
    "torch_threads": 1,
    # So small that the oldest transitions give way.
    "replay_buffer_size": 80,
    "n_workers": 0,
}
JACO = {"batch_size": 100, "num_evaluation_episodes": 5}
MAZE = {"batch_size": 200, "num_evaluation_episodes": 10, "gradient_steps_per_itr": 30}


class Stopped(Exception):
    pass


def stop_after(n_snapshots, monkeypatch):
    """Lets the run end, as if killed, right after it has written so many snapshots."""
    save = SnapshotStore.save
    written = []

    def save_or_stop(store, epoch, *arguments):
        save(store, epoch, *arguments)
        written.append(epoch)
        if len(written) == n_snapshots:
            raise Stopped

    monkeypatch.setattr(SnapshotStore, "save", save_or_stop)


def rows(run_dir):
    with (run_dir / "progress.csv").open() as file:
        table = list(csv.DictReader(file))
    return [{k: v for k, v in row.items() if not k.startswith("Time/")} for row in table]


def stored(run_dir):
    """All arrays of the last snapshot, its replay chunks included."""
    snapshots = run_dir / "snapshots"
    last = sorted(snapshots.glob("epoch_*"))[-1]
    arrays = safetensors.numpy.load_file(last / "arrays.safetensors")
    for chunk in sorted((snapshots / "replay").glob("*")):
        for key, array in safetensors.numpy.load_file(chunk).items():
            arrays[f"{chunk.name}/{key}"] = array
    return arrays


@pytest.mark.parametrize(
    ("env", "method", "options"),
    [
        ("JacoReachMT5-v1", "uds_dnc", {"sharing_quantile": 0.4}),
        ("JacoReachMT5-v1", "train", {"data": "cds", "relabel": "true_reward"}),
        (
            "JacoReachMT5-v1",
            "train",
            {
                "data": "uds",
                "relabel": "true_reward",
                "sampler": "local",
                "actor_steps": 3,
                "steps_per_epoch": 1,
            },
        ),
        ("MazeLarge-10-v0", "qmp_uds_dnc", {"relabel": "true_reward"}),
    ],
)
def test_stopped_and_resumed(env, method, options, tmp_path, monkeypatch):
    sizes = SMALL | (JACO if env.startswith("Jaco") else MAZE)
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    config = resolve(method, env, seed=5, log_dir=str(whole), **(sizes | options))
    garage_experiments.run_experiment(config)
    with monkeypatch.context() as patch:
        stop_after(2, patch)
        with pytest.raises(Stopped):
            garage_experiments.run_experiment(config.replace(log_dir=str(stopped)))
    assert len(rows(stopped)) == 2
    garage_experiments.resume(stopped)
    assert [row["Epoch"] for row in rows(whole)] == ["0", "1", "2"]
    assert rows(stopped) == rows(whole)
    first, second = stored(whole), stored(stopped)
    assert first.keys() == second.keys()
    for key, array in first.items():
        np.testing.assert_array_equal(array, second[key], err_msg=key)
    shares = [float(v) for k, v in rows(whole)[-1].items() if k.endswith("/SharedShare")]
    if config.sharing_quantile:
        assert len(shares) == 5
        assert all(0 <= share <= 1 for share in shares)
    else:
        assert not shares

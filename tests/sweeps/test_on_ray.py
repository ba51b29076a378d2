"""A sweep on a real Ray cluster of two nodes, one of which is lost in the middle."""

import json
import os
import secrets
import subprocess
import sys

import pytest

import garage_experiments
from learning.sweeps.grid_file import read_grid
from learning.sweeps.grid_runs import grid_runs
from learning.sweeps.sweep_state import STATE_FILE, RunProgress
from tests.sweeps.small import N_EPOCHS, OPTIONS, PROJECT, assert_same_record

GRID = f"""
envs = ["JacoReachMT5-v1"]
seeds = [1, 2, 3]
{OPTIONS.replace(f"n_epochs = {N_EPOCHS}", "n_epochs = 80")}
[[runs]]
method = "mtsac"
"""

LOSING_A_NODE = """
import pathlib, sys
from ray.cluster_utils import Cluster
from learning.sweeps.driver import Sweep, SweepOptions
from learning.sweeps.grid_file import read_grid
from learning.sweeps.grid_runs import grid_runs
from learning.sweeps.on_ray import OnRay
from tests.sweeps.small import n_rows

place = pathlib.Path(sys.argv[1])
runs = grid_runs(read_grid(place / "grid.toml"), place / "runs")
head = {"num_cpus": 0, "include_dashboard": False}
cluster = Cluster(initialize_head=True, head_node_args=head)
nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
launch = OnRay(cluster.address, cpus=1, gpus=0)
assert launch.slots == 2

def look(sweep):
    # Both nodes are in the middle of a run, so that the one that is lost had one.
    middle = [
        folder
        for folder, run in sweep.progress.items()
        if run.status == "running" and 1 <= n_rows(folder) < 60
    ]
    if len(nodes) == 2 and len(middle) == 2:
        cluster.remove_node(nodes.pop(), allow_graceful=False)

sweep = Sweep(
    place / "grid.toml",
    runs,
    place / "sweep",
    SweepOptions(jobs=2, retries=1),
    on_look=look,
    launch=launch,
)
sweep.run()
launch.close()
cluster.shutdown()
assert len(nodes) == 1
sys.exit(0 if sweep.complete else 1)
"""


@pytest.mark.ray
def test_a_lost_nodes_run_is_resumed_on_another(tmp_path):
    (tmp_path / "grid.toml").write_text(GRID)
    environment = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "PYTHONPATH": str(PROJECT),
        "OMP_NUM_THREADS": "1",
    }
    # Ray reads the mode when it is imported: a process of its own.
    done = subprocess.run(
        [sys.executable, "-c", LOSING_A_NODE, str(tmp_path)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    values = json.loads((tmp_path / "sweep" / STATE_FILE).read_text())
    runs = [RunProgress(**each) for each in values["runs"]]
    assert [each.status for each in runs] == ["done"] * 3
    assert sorted(each.attempts for each in runs) == [1, 1, 2]
    (lost,) = [each for each in runs if each.attempts == 2]
    with open(lost.log, encoding="utf-8") as file:
        log = file.read()
    assert "=== lost: " in log
    assert "run.py resume" in log
    of_grid = grid_runs(read_grid(tmp_path / "grid.toml"), tmp_path / "runs")
    (run,) = [each for each in of_grid if str(each.folder) == lost.folder]
    garage_experiments.run_experiment(run.config.replace(log_dir=str(tmp_path / "alone")))
    assert_same_record(run.folder, tmp_path / "alone", n_epochs=run.config.n_epochs)

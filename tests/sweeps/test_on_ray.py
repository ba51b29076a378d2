"""A sweep on a real Ray cluster of two nodes, one of which is lost in the middle."""

import os
import pathlib
import secrets
import stat
import tempfile

import pytest

import garage_experiments
from learning.sweeps.driver import Sweep, SweepOptions
from learning.sweeps.grid_file import read_grid
from learning.sweeps.grid_runs import grid_runs
from learning.sweeps.on_ray import OnRay, RayError, protect_token
from tests.sweeps.small import OPTIONS, assert_same_record, n_rows

GRID = f"""
envs = ["JacoReachMT5-v1"]
seeds = [1, 2, 3]
{OPTIONS}
[[runs]]
method = "mtsac"
"""


def test_the_token_is_its_owners_alone(tmp_path, monkeypatch):
    token = tmp_path / "token"
    token.write_text("secret")
    token.chmod(0o644)
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(token))
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    protect_token()
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    token.unlink()
    with pytest.raises(RayError, match="Ray has no token"):
        protect_token()
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    with pytest.raises(RayError, match="RAY_AUTH_MODE=disabled: without Ray's token"):
        protect_token()


@pytest.fixture
def cluster(monkeypatch):
    """A head without room for runs, and two nodes with room for one each."""
    # Ray reads it when it is imported.
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    # Short, since sockets' paths have to be.
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", f"{folder}/token")
        pathlib.Path(f"{folder}/token").write_text(secrets.token_hex(32))
        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 0, "include_dashboard": False, "temp_dir": folder},
        )
        try:
            yield cluster, [cluster.add_node(num_cpus=1) for _ in range(2)]
        finally:
            cluster.shutdown()


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_lost_nodes_run_is_resumed_on_another(cluster, tmp_path):
    cluster, nodes = cluster
    (tmp_path / "grid.toml").write_text(GRID)
    runs = grid_runs(read_grid(tmp_path / "grid.toml"), tmp_path / "runs")
    launch = OnRay(cluster.address, cpus=1, gpus=0)
    assert launch.slots == 2
    lost = []

    def look(sweep):
        del sweep
        if not lost and all(n_rows(run.folder) >= 1 for run in runs[:2]):
            lost.append(nodes.pop())
            cluster.remove_node(lost[0], allow_graceful=False)

    sweep = Sweep(
        tmp_path / "grid.toml",
        runs,
        tmp_path / "sweep",
        SweepOptions(jobs=launch.slots, retries=1),
        on_look=look,
        launch=launch,
    )
    try:
        sweep.run()
    finally:
        launch.close()
    assert lost
    attempts = [each.attempts for each in sweep.progress.values()]
    logs = [pathlib.Path(each.log).read_text() for each in sweep.progress.values()]
    assert sweep.complete, logs
    assert sorted(attempts) == [1, 1, 2]
    (of_lost,) = [log for log in logs if "=== lost: " in log]
    assert "run.py resume" in of_lost
    for run in runs[:2]:
        alone = tmp_path / "alone" / run.folder.name
        garage_experiments.run_experiment(run.config.replace(log_dir=str(alone)))
        assert_same_record(run.folder, alone)
    assert os.environ["RAY_AUTH_MODE"] == "token"

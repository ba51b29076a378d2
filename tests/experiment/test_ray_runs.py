"""Runs with `--sampler ray`: the record of `--sampler local`, however they are interrupted."""

import os
import secrets
import signal
import subprocess
import sys
import tomllib

import psutil
import pytest

import garage_experiments
from learning.config.resolving import resolve
from learning.errors import RayError
from tests.samplers.test_process_ends import AS_IN_A_TERMINAL
from tests.sweeps.small import N_EPOCHS, OPTIONS, PROJECT, n_rows, table, wait_until

SECONDS = 180
"""Two of Ray's processes outlive a driver that was killed by a minute."""
SIZES = [
    f"--{name}={','.join(map(str, value)) if isinstance(value, list) else value}"
    for name, value in tomllib.loads(OPTIONS)["options"].items()
]
RUN = ("--env=JacoReachMT5-v1", "--seed=5", "--torch_threads=1", *SIZES)

ON_A_CLUSTER = """
import os, subprocess, sys
from ray.cluster_utils import Cluster

cluster = Cluster(
    initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}
)
cluster.add_node(num_cpus=2)
os.environ["RAY_ADDRESS"] = cluster.address
subprocess.run(sys.argv[2:], check=True)
words = [*sys.argv[2:-1], f"--log_dir={sys.argv[1]}", "--n_workers=3"]
refused = subprocess.run(words, stderr=subprocess.PIPE, text=True)
assert refused.returncode == 1
assert "the cluster has 2 cores: give --n_workers at most as many" in refused.stderr
cluster.shutdown()
"""


@pytest.fixture
def environment(tmp_path):
    """A home without a token."""
    variables = {"HOME": str(tmp_path), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT)}
    ours = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_ADDRESS")
    return {name: value for name, value in os.environ.items() if name not in ours} | variables


def run_py(*words):
    code = AS_IN_A_TERMINAL + "import runpy; runpy.run_path('run.py', run_name='__main__')"
    return [sys.executable, "-c", code, *map(str, words)]


def train(environment, run_dir, *options, method="qmp_dnc"):
    subprocess.run(
        run_py(method, *RUN, f"--log_dir={run_dir}", *options),
        check=True,
        cwd=PROJECT,
        env=environment,
        timeout=300,
    )


def start(environment, *words):
    return subprocess.Popen(
        run_py(*words),
        cwd=PROJECT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def assert_same_numbers(ours, theirs):
    rows = table(ours / "progress.csv")
    assert [row["Epoch"] for row in rows] == [str(epoch) for epoch in range(N_EPOCHS)]
    assert rows == table(theirs / "progress.csv")
    assert table(ours / "eval.csv") == table(theirs / "eval.csv")


def assert_all_end(processes):
    _, alive = psutil.wait_procs(processes, timeout=SECONDS)
    for each in alive:
        each.kill()
    assert alive == []


@pytest.mark.ray
def test_interrupted_killed_and_resumed_it_is_the_local_samplers_run(tmp_path, environment):
    whole, run_dir = tmp_path / "whole", tmp_path / "run"
    train(environment, whole, "--sampler=local")
    words = ["qmp_dnc", *RUN, f"--log_dir={run_dir}", "--sampler=ray", "--n_workers=2"]
    processes = []
    for after, sent in ((1, signal.SIGINT), (2, signal.SIGKILL)):
        process = start(environment, *words)
        wait_until(lambda after=after: n_rows(run_dir) >= after)
        started = psutil.Process(process.pid).children(recursive=True)
        assert len(started) > 2
        processes += started
        # As a terminal does, to all of them; a kill is for one.
        send = os.killpg if sent == signal.SIGINT else os.kill
        send(process.pid, sent)
        _, stderr = process.communicate(timeout=SECONDS)
        if sent == signal.SIGINT:
            assert_all_end(started)
            assert process.returncode == 130
            assert "Interrupted. Go on with: python run.py resume" in stderr
            assert "Traceback" not in stderr
        words = ["resume", run_dir]
    subprocess.run(run_py("resume", run_dir), check=True, cwd=PROJECT, env=environment, timeout=300)
    assert_same_numbers(run_dir, whole)
    assert not (tmp_path / ".ray").exists()
    assert_all_end(processes)


@pytest.mark.ray
def test_on_a_cluster(tmp_path, environment):
    whole, run_dir = tmp_path / "whole", tmp_path / "run"
    train(environment, whole, "--sampler=local", method="mtlevy")
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    done = subprocess.run(
        [
            *(sys.executable, "-c", ON_A_CLUSTER, str(tmp_path / "refused")),
            *run_py("mtlevy", *RUN, "--sampler=ray", "--n_workers=2", f"--log_dir={run_dir}"),
        ],
        cwd=PROJECT,
        env=environment | token,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert_same_numbers(run_dir, whole)


def test_without_ray_nothing_is_begun(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    for name in ("learning.garage_bridge.ray_sampler", "learning.samplers.ray_sampler"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    config = resolve(
        "qmp_dnc", "JacoReachMT5-v1", log_dir=str(tmp_path / "run"), sampler="ray", n_workers=0
    )
    with pytest.raises(RayError, match=r"ray needs Ray: pip install -r requirements-ray\.txt"):
        garage_experiments.run_experiment(config)
    assert not (tmp_path / "run" / "config.json").exists()

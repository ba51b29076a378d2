"""However the parent process ends, no worker outlives it and no shared memory keeps a name."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 20

LOCK_STEP = """
from learning.samplers.garage_environment import make_env_spec
from learning.samplers.lock_step_sampler import LockStepSampler
from learning.samplers.vector_environment import VectorEnvironment
from tests.samplers.fake_task_set import make_counting
from tests.samplers.scripted import ScriptedPolicy
environments = VectorEnvironment("x", {}, n_workers=2, task_set_factory=make_counting)
sampler = LockStepSampler(
    ScriptedPolicy(), environments, env_spec=make_env_spec(environments.task_set), seeds=range(4)
)
print("ready", flush=True)
while True:
    sampler.obtain_samples(0, 4000, None)
"""

STEPPING = """
import numpy as np
from learning.samplers import worker_process
from learning.samplers.vector_environment import VectorEnvironment
from tests.samplers.fake_task_set import make_counting
worker_process.CLOSE_TIMEOUT = 0.2
environments = VectorEnvironment("x", {options}, n_workers=2, task_set_factory=make_counting)
environments.reset(range(4))
print("ready", flush=True)
while True:
    environments.step(np.zeros((4, 2), np.float32))
"""

HANGING = STEPPING.format(options={"fault": "hang"})
ENDLESS = STEPPING.format(options={})
FORGETFUL = ENDLESS.replace("while True", "for _ in range(3)")


AS_IN_A_TERMINAL = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
"""
"""A process started in the background of a shell ignores Ctrl-C, and so do its children."""


class Run:
    """A script in a process group of its own, as a terminal starts it."""

    def __init__(self, code):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", AS_IN_A_TERMINAL + code],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", self.process.stderr.read()
        self.workers = psutil.Process(self.process.pid).children(recursive=True)

    def finish(self):
        """Waits for all processes; returns what was written to stderr."""
        _, stderr = self.process.communicate(timeout=SECONDS)
        _, alive = psutil.wait_procs(self.workers, timeout=SECONDS)
        for worker in alive:
            worker.kill()
        assert alive == []
        return stderr


@pytest.fixture
def start():
    """Starts scripts; ends them where a test failed."""
    runs = []

    def start_run(code):
        runs.append(Run(code))
        return runs[-1]

    yield start_run
    for run in runs:
        run.process.kill()
        run.process.communicate()


@pytest.mark.parametrize("code", [LOCK_STEP, HANGING], ids=["sampler", "hanging"])
def test_ctrl_c_ends_all(start, code):
    run = start(code)
    assert len(run.workers) == 2
    os.killpg(run.process.pid, signal.SIGINT)  # the workers get it as well
    stderr = run.finish()
    assert stderr.count("KeyboardInterrupt") == 1
    assert "resource_tracker" not in stderr
    assert "Warning" not in stderr
    assert run.process.returncode == -signal.SIGINT


@pytest.mark.parametrize("code", [ENDLESS, HANGING], ids=["stepping", "hanging"])
def test_killing_the_parent_ends_the_workers(start, code):
    run = start(code)
    assert len(run.workers) == 2
    os.kill(run.process.pid, signal.SIGKILL)
    assert run.finish() == ""


def test_workers_end_with_a_parent_that_forgets_to_close(start):
    run = start(FORGETFUL)
    assert run.finish() == ""
    assert run.process.returncode == 0


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux's /proc")
def test_the_shared_memory_has_no_name(start):
    """So there is nothing to unlink, and nothing stays when all processes are gone."""
    run = start(ENDLESS)
    for process in [run.process.pid, *(worker.pid for worker in run.workers)]:
        maps = Path(f"/proc/{process}/maps").read_text()
        assert maps.count("memfd:environment_arrays (deleted)") == 1
        assert "/dev/shm/" not in maps
    os.kill(run.process.pid, signal.SIGKILL)
    run.finish()

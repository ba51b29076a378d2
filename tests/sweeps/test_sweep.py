"""A grid of small runs to its end, whatever is killed, damaged, raised or diverges on the way."""

import json
import pathlib
import signal

import psutil
import pytest

import garage_experiments
from learning.sweeps.folder_state import folder_state, snapshot_names
from learning.sweeps.grid_file import read_grid
from learning.sweeps.grid_runs import grid_runs
from tests.sweeps.small import (
    OPTIONS,
    PROJECT,
    assert_same_record,
    finish,
    n_rows,
    start,
    wait_until,
)

DIVERGING = """
[[runs]]
method = "dnc_sac"
name = "diverges"
reward_scale = 1e30
seeds = [1]
"""
GRID = f"""
title = "Small"
envs = ["JacoReachMT5-v1"]
seeds = [1, 2]
{OPTIONS}
[[runs]]
method = "qmp_dnc"
label = "QMP"
seeds = [1, 2, 3]

[[runs]]
method = "mtsac"
seeds = [1, 2, 3]

[[runs]]
method = "dnc_sac"
envs = ["PointTasks-v0"]
seeds = [1]
goals = 5
{DIVERGING}
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with the grid, and a plug-in that raises while there is a file `broken`."""
    (tmp_path / "grid.toml").write_text(GRID)
    text = (PROJECT / "docs/examples/point_tasks.py").read_text()
    broken = tmp_path / "broken"
    text = text.replace("import numpy as np", "import pathlib\n\nimport numpy as np")
    text = text.replace(
        "    def step(self, action):\n",
        "    def step(self, action):\n"
        f"        if pathlib.Path({str(broken)!r}).exists() and self._place[0] > 0.3:\n"
        "            raise ArithmeticError('the simulation blew up')\n",
    )
    assert "blew up" in text
    (tmp_path / "points.py").write_text(text)
    broken.touch()
    return tmp_path


def sweep_words(folder, *more):
    grid, out, plugin = folder / "grid.toml", folder / "runs", folder / "points.py"
    return (f"--plugin={plugin}", "sweep", grid, f"--out={out}", *more)


def processes_of(driver, run_dir=""):
    """The runs that a driver has started, all or the one in a folder."""
    children = psutil.Process(driver.pid).children(recursive=True)
    return [child for child in children if str(run_dir) in command_of(child)]


def command_of(process):
    """The words that a process was started with; none, where it has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def statuses(folder):
    state = json.loads((folder / "runs/sweeps/grid/state.json").read_text())
    assert state["state_version"] == 1
    return {
        str(pathlib.Path(run["folder"]).relative_to(folder / "runs")): run for run in state["runs"]
    }


def test_a_grid_ends_whatever_happens(folder):
    runs = folder / "runs"
    qmp, mtsac = runs / "qmp_dnc/JacoReachMT5-v1", runs / "mtsac/JacoReachMT5-v1"
    damaged = mtsac / "run_3"
    damaged.mkdir(parents=True)
    (damaged / "config.json").write_text("{")

    # A run is killed, and then the driver.
    driver = start(*sweep_words(folder, "--jobs=2"))
    wait_until(lambda: n_rows(qmp / "run_1") >= 2)
    (victim,) = processes_of(driver, qmp / "run_1")
    victim.send_signal(signal.SIGKILL)
    others = [qmp / "run_2", mtsac / "run_1", mtsac / "run_2"]
    wait_until(lambda: any(n_rows(each) == 3 for each in others))
    torn = next(each for each in others if n_rows(each) == 3)
    children = processes_of(driver)
    assert processes_of(driver, torn)
    driver.send_signal(signal.SIGKILL)
    driver.communicate(timeout=60)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive

    # The newest snapshot of a run is damaged.
    assert folder_state(torn).status == "interrupted"
    arrays = torn / "snapshots" / snapshot_names(torn)[-1] / "arrays.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:-8])

    # It is started again, and once more beside itself.
    driver = start(*sweep_words(folder, "--jobs=2"))
    wait_until(lambda: processes_of(driver))
    code, output = finish(*sweep_words(folder))
    assert code == 1
    assert "another process is running this sweep" in output
    output, _ = driver.communicate(timeout=300)
    assert driver.returncode == 1, output
    assert "5 done, 1 failed, 1 diverged, 1 damaged" in output

    state = statuses(folder)
    failed = state["dnc_sac/PointTasks-v0/run_1"]
    assert (failed["status"], failed["attempts"], failed["exit_code"]) == ("failed", 2, 1)
    assert any("the simulation blew up" in line for line in failed["last_lines"])
    assert failed["log"] in output
    assert "the simulation blew up" in pathlib.Path(failed["log"]).read_text()
    diverged = state["dnc_sac/JacoReachMT5-v1/diverges_1"]
    assert (diverged["status"], diverged["attempts"], diverged["exit_code"]) == ("diverged", 1, 3)
    assert state["mtsac/JacoReachMT5-v1/run_3"]["status"] == "damaged"
    assert state["mtsac/JacoReachMT5-v1/run_3"]["attempts"] == 0
    of_torn = state[str(torn.relative_to(runs))]
    assert (of_torn["status"], of_torn["attempts"]) == ("done", 2)
    assert "newest snapshot is damaged" in of_torn["message"]

    # What was wrong is mended.
    (folder / "broken").unlink()
    (damaged / "config.json").unlink()
    (folder / "grid.toml").write_text(GRID.replace(DIVERGING, ""))
    driver = start(*sweep_words(folder, "--jobs=2"))
    wait_until(lambda: n_rows(damaged) >= 1)
    children = processes_of(driver)
    driver.send_signal(signal.SIGINT)
    output, _ = driver.communicate(timeout=60)
    assert driver.returncode == 130, output
    assert not psutil.wait_procs(children, timeout=1)[1]
    words = " ".join(map(str, sweep_words(folder, "--jobs=2")))
    assert f"Interrupted. Go on with: python run.py {words}" in output
    assert statuses(folder)["mtsac/JacoReachMT5-v1/run_3"]["status"] == "stopped"
    code, output = finish(*sweep_words(folder, "--jobs=2"))
    assert code == 0, output
    assert "7 done" in output
    assert finish(*sweep_words(folder, "--print_commands")) == (0, "")

    garage_experiments.load_plugin(folder / "points.py")
    of_grid = {run.folder: run for run in grid_runs(read_grid(folder / "grid.toml"), runs)}
    for each in (qmp / "run_1", torn, damaged, runs / "dnc_sac/PointTasks-v0/run_1"):
        alone = folder / "alone" / each.relative_to(runs)
        garage_experiments.run_experiment(of_grid[each].config.replace(log_dir=str(alone)))
        assert_same_record(each, alone)

"""The examples of docs/extending.md, run as a user runs them: elsewhere, killed, and resumed."""

import csv
import json
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import safetensors.numpy

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
SIZES = (
    "--n_epochs=15 --steps_per_epoch=1 --batch_size=60 --gradient_steps_per_itr=60 "
    "--min_buffer_size=12 --buffer_batch_size=8 --hidden_sizes=8,8 --replay_buffer_size=60 "
    "--num_evaluation_episodes=20 --evaluation_frequency=15 --snapshot_frequency=1 "
    "--torch_threads=1 --n_workers=0"
)
COMMANDS = {
    "softmax_switch.py": "train --env=JacoReachMT5-v1 --behaviour=softmax_switch "
    "--switch_temperature=0.5 --policy_sampling_freq=3",
    "film.py": "mtsac --env=JacoReachMT5-v1 --policy_architecture=film --q_architecture=film "
    "--objective=pcgrad --film_scale=0.9",
    "task_vectors.py": "train --env=JacoReachMT5-v1 --state_encoder=task_vectors --vector_size=3 "
    "--policy_architecture=shared --Q_architecture=shared --objective=pcgrad",
    "next_task_data.py": "train --env=JacoReachMT5-v1 --data=next_task --next_share=0.5",
    "mean_pull.py": "train --env=JacoReachMT5-v1 --objective=mean_pull --pull_coeff=0.1",
    "point_tasks.py": "qmp_dnc --env=PointTasks-v0 --goals=5 --n_workers=2",
}


def command(folder, plugin, *words):
    return [sys.executable, str(ROOT / "run.py"), "--plugin", plugin, *words]


def call(folder, plugin, *words):
    done = subprocess.run(
        command(folder, plugin, *words), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def kill_after_some_snapshots(folder, plugin, *words):
    with subprocess.Popen(command(folder, plugin, *words), cwd=folder) as process:
        until = time.monotonic() + 120
        while not (folder / "killed/snapshots/epoch_000001/snapshot.json").exists():
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.005)
        process.kill()
    assert process.returncode == -signal.SIGKILL


def record(run_dir):
    """The columns of progress.csv but the times, and the last snapshot's arrays."""
    with (run_dir / "progress.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    last = sorted((run_dir / "snapshots").glob("epoch_*"))[-1]
    arrays = safetensors.numpy.load_file(last / "arrays.safetensors")
    kept = [{k: v for k, v in row.items() if not k.startswith("Time/")} for row in rows]
    return kept, arrays


def test_every_example_is_run_and_shown():
    files = sorted(path.name for path in EXAMPLES.glob("*.py"))
    assert files == sorted(COMMANDS)
    text = (ROOT / "docs" / "extending.md").read_text()
    for name in files:
        content = (EXAMPLES / name).read_text()
        assert f"```python\n{content}```" in text, name
        assert len(content.splitlines()) <= 40, name


@pytest.mark.parametrize("plugin", COMMANDS)
def test_killed_and_resumed(plugin, tmp_path):
    (tmp_path / plugin).write_bytes((EXAMPLES / plugin).read_bytes())
    words = [*COMMANDS[plugin].split(), *SIZES.split()]
    # What stands on the command line last counts.
    words += [word for word in words if word.startswith("--n_workers") and word != "--n_workers=0"]
    call(tmp_path, plugin, *words, "--log_dir=whole")
    kill_after_some_snapshots(tmp_path, plugin, *words, "--log_dir=killed")
    call(tmp_path, plugin, "resume", "killed")
    (rows, arrays), (resumed_rows, resumed) = (record(tmp_path / n) for n in ("whole", "killed"))
    assert len(rows) == 15
    assert resumed_rows == rows
    assert resumed.keys() == arrays.keys()
    for key, array in arrays.items():
        np.testing.assert_array_equal(resumed[key], array, err_msg=key)
    (used,) = json.loads((tmp_path / "whole/config.json").read_text())["plugins"]
    assert used["name"] == plugin
    assert "mean over tasks" in call(tmp_path, plugin, "eval", "killed")
    assert "success.png" in call(tmp_path, plugin, "plot", "killed")

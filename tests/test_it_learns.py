"""QMP learns on the Jaco reacher. It takes a quarter of an hour: `python -m pytest -m slow`."""

import csv
import math
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_first_sub_goals_are_reached(tmp_path):
    """At 600,000 env steps the three seeds of `results/` reach all first sub-goals."""
    command = (
        f"run.py qmp_dnc --env=JacoReachMT5-v1 --seed=1 --n_epochs=551 --torch_threads=1 "
        f"--evaluation_frequency=551 --num_evaluation_episodes=50 --log_dir={tmp_path / 'run'}"
    )
    subprocess.run([sys.executable, *command.split()], check=True, cwd=PROJECT)
    with (tmp_path / "run/progress.csv").open() as file:
        last = list(csv.DictReader(file))[-1]
    assert int(last["TotalEnvSteps"]) == 600_000
    rate = float(last["Evaluation/AnySubgoalRate"])
    assert not math.isnan(rate)
    assert rate >= 0.8

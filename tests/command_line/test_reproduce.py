"""`run.py reproduce`: a small grid in parts, interrupted, and to its end; and what it costs."""

import csv
import json
import signal

import click.testing
import pytest

import garage_experiments
import run
from learning.logging.run_lock import held
from learning.reproduction.costs import cost_of, unmeasured
from learning.reproduction.grids import find_grid, grid_names
from learning.reproduction.rates import Rate, rate_key
from learning.sweeps.study import read_study
from tests.sweeps.small import OPTIONS, assert_same_record, finish, n_rows, start, wait_until

GRID = f"""
title = "Small"
envs = ["JacoReachMT5-v1"]
seeds = [1]
{OPTIONS}
[[runs]]
method = "qmp_dnc"
label = "QMP"

[[runs]]
method = "dnc_sac"
label = "Alone"

[[claims]]
text = "QMP is better (nowhere)."
better = "QMP"
worse = "Alone"
"""
CSV = """label,env,env_steps,metric,value,source
QMP,JacoReachMT5-v1,750,any_subgoal,0.5,nowhere
Alone,JacoReachMT5-v1,750,any_subgoal,0.25,nowhere
Alone,JacoReachMT5-v1,1650,any_subgoal,0.375,nowhere
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "small.toml").write_text(GRID)
    (tmp_path / "small.csv").write_text(CSV)
    return tmp_path


def invoke(*words):
    """What `finish` returns, in this process, which has imported everything already."""
    result = click.testing.CliRunner().invoke(run.main, list(map(str, words)))
    return result.exit_code, result.output


def columns_of(folder):
    with (folder / "runs/reproduce/small/table.csv").open() as file:
        return {
            (row["label"], row["column"]): (row["runs"], row["paper"])
            for row in csv.DictReader(file)
        }


def test_a_part_of_a_grid_and_then_all_of_it(folder):
    words = ("reproduce", folder / "small.toml", "--seeds=2", f"--out={folder / 'runs'}")
    run_dirs = [
        folder / "runs" / method / "JacoReachMT5-v1" / f"run_{seed}"
        for method in ("qmp_dnc", "dnc_sac")
        for seed in (1, 2)
    ]

    # 1650 env steps are whole, 750 after two epochs are the first evaluation with 0.4 of them.
    part = (*words, "--budget=0.4")
    with held(folder / "runs/sweeps/small"):
        code, output = finish(*words)
    assert code == 1
    assert "another process is running this sweep" in output
    process = start(*part, "--jobs=2")
    wait_until(lambda: n_rows(run_dirs[0]) >= 1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    given = f"{words[1]} --budget=0.4 --seeds=2 {words[3]} --jobs=2"
    assert f"Interrupted. Go on with: python run.py reproduce {given}" in output
    assert not (folder / "runs/reproduce").exists()

    code, output = finish(*part)
    assert code == 0, output
    assert [n_rows(each) for each in run_dirs] == [2, 2, 2, 2]
    assert columns_of(folder) == {("QMP", "750"): ("2", "0.5"), ("Alone", "750"): ("2", "0.25")}
    assert "cut to 0.4 of each run's env steps" in output
    assert "has not ended" not in output
    assert "CANNOT TELL: QMP is better (nowhere).\n  2 against 2 runs at 750 env steps" in output

    # What is there is gone on with, as if it had never been ended.
    code, output = finish(*words)
    assert code == 0, output
    assert [n_rows(each) for each in run_dirs] == [5, 5, 5, 5]
    assert columns_of(folder) == {
        ("QMP", "750"): ("2", "0.5"),
        ("QMP", "1650"): ("2", ""),
        ("Alone", "750"): ("2", "0.25"),
        ("Alone", "1650"): ("2", "0.375"),
    }
    results = folder / "runs/reproduce/small"
    content = json.loads((results / "verdicts.json").read_text())
    assert [each["verdict"] for each in content["verdicts"]] == ["cannot tell"]
    assert (results / "table.txt").read_text() in output
    assert "| cannot tell | QMP is better (nowhere). |" in (results / "table.md").read_text()
    study = read_study(folder / "small.toml", folder / "runs", seeds=2)
    alone = folder / "alone"
    first = study.runs[0]
    garage_experiments.run_experiment(first.config.replace(log_dir=str(alone)))
    assert_same_record(run_dirs[0], alone)

    # A smaller part of what is there is done; one run fails to be read, and the rest stands.
    (run_dirs[3] / "config.json").write_text("{")
    code, output = finish(*part)
    assert code == 1, output
    assert "3 done, 1 damaged" in output
    assert columns_of(folder)["Alone", "750"] == ("1", "0.25")
    assert f"{run_dirs[3]} is left out" in output


def test_a_run_that_has_enough_is_left_alone(folder):
    run_dir = folder / "run"
    options = [line.replace(" ", "") for line in OPTIONS.splitlines() if "=" in line]
    words = ["dnc_sac", "--env=JacoReachMT5-v1", f"--log_dir={run_dir}", "--torch_threads=1"]
    words += [f"--{each}".replace("[", "").replace("]", "") for each in options]
    code, output = finish(*words, "--stop_after=1")
    assert code == 0, output
    assert f"Ended after epoch 1, as asked. Go on with: python run.py resume {run_dir}" in output
    assert n_rows(run_dir) == 1
    code, output = finish("resume", run_dir, "--stop_after=1")
    assert (code, n_rows(run_dir)) == (0, 1)
    assert "has 1 epochs already: nothing to do" in output
    assert finish("resume", run_dir, "--stop_after=3")[0] == 0
    assert n_rows(run_dir) == 3


def test_what_a_grid_costs(folder):
    study = read_study(folder / "small.toml", folder / "runs", seeds=3, budget=0.4)
    cost = cost_of(study, {}, jobs=2)
    assert (cost.runs, cost.done, cost.env_steps, cost.claims) == (6, 0, 6 * 750, 1)
    assert cost.seconds is None
    kinds = unmeasured([study], {})
    # One of each method stands for its seeds, and for the whole of it.
    assert [each.label for each in kinds.values()] == ["QMP", "Alone"]
    assert kinds.keys() == unmeasured([read_study(folder / "small.toml", folder)], {}).keys()
    rate = Rate(env_step=0.01, gradient_step=0.1, episode=1.0, epoch=2.0)
    # 750 env steps, 2 epochs of 2 * 20 gradient steps, one evaluation of 5 episodes.
    assert rate.seconds(study.runs[0], 2) == pytest.approx(7.5 + 8 + 5 + 4)
    # Six runs of 24.5 seconds on two slots.
    cost = cost_of(study, dict.fromkeys(kinds, rate), jobs=2)
    assert cost.seconds == pytest.approx(3 * 24.5)


def test_the_list_is_measured_where_asked(folder):
    words = ("reproduce", folder / "small.toml", "--list", f"--out={folder / 'runs'}")
    code, output = invoke(*words)
    assert code == 0, output
    assert "unknown" in output
    assert "--measure runs each such method" in output
    assert not (folder / "runs").exists()
    code, output = invoke(*words, "--measure")
    assert code == 0, output
    assert output.count("measuring") == 2
    assert "unknown" not in output
    code, output = invoke(*words)
    assert (code, "unknown" in output, "measuring" in output) == (0, False, False)
    rates = json.loads((folder / "runs/reproduce/rates.json").read_text())
    (first, _) = read_study(folder / "small.toml", folder).runs
    assert rates[rate_key(first)]["gradient_step"] > 0


def test_which_grids_there_are(tmp_path):
    assert "qmp-maze" in grid_names()
    assert find_grid("qmp-maze").name == "qmp-maze.toml"
    code, output = invoke("reproduce", "qmp-mace")
    assert code == 2
    assert "'qmp-mace' is no grid: allowed is the path of a TOML file, or one of" in output
    code, output = invoke("reproduce")
    assert (code, "--list says which grids there are" in output) == (2, True)
    code, output = invoke("reproduce", "qmp-maze", "--measure")
    assert (code, "--measure is for --list" in output) == (2, True)
    words = ("reproduce", "qmp-maze", "--dry_run", "--budget=0.25", "--seeds=6")
    code, output = invoke(*words, f"--out={tmp_path / 'runs'}")
    assert (code, list(tmp_path.iterdir())) == (0, [])
    assert output.count("520  ") == 36
    assert "mtsac MazeLarge-10-v0 run_6" in output

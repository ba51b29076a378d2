"""A run of config_version 2 is evaluated and drawn as before, and not gone on with.

`version_2_run` is a record that revision d224d3a wrote, without its event file, its replay chunks
and its empty debug.log; its versions.json has the command. Its mixture is one that depends on all
that acting went by: it warms up, holds a choice for three steps, and spares the own policy.
"""

import json
import shutil
from pathlib import Path

import click.testing
import numpy as np
import pytest

import garage_experiments
import run as command_line
from learning.config.members import all_options
from learning.errors import ConfigError, SnapshotError
from learning.experiment.reading import read_config
from learning.logging.tables import read_rows
from learning.plotting.behaviour import plot_behaviour
from learning.plotting.curves import Look, plot_runs
from learning.plotting.runs import read_run
from tests.experiment.plain_loop import episodes_in_a_plain_loop

RECORD = Path(__file__).parent / "version_2_run"


@pytest.fixture
def run_dir(tmp_path):
    return shutil.copytree(RECORD, tmp_path / "run")


def content(run_dir):
    return {path: path.read_bytes() for path in run_dir.rglob("*") if path.is_file()}


def last_row():
    columns, rows = read_rows(RECORD / "progress.csv")
    return dict(zip(columns, map(float, rows[-1]), strict=True))


def test_the_record_is_one_of_version_2():
    written = json.loads((RECORD / "config.json").read_text())
    assert written["config_version"] == 2
    assert written["levy_cap"] == 0.1  # which nothing read, as version 2 had it
    versions = json.loads((RECORD / "versions.json").read_text())
    assert versions["git"] == {
        "revision": "d224d3a4d9e298cc0e54767a07f6fa7ad6bb573a",
        "dirty": False,
    }


def test_its_config_has_what_the_run_read():
    config = read_config(RECORD, command="eval")
    written = json.loads((RECORD / "config.json").read_text())
    assert config.version == 2
    assert config.label == "qmp_dnc"
    assert "levy_cap" not in config.values
    assert "relabel" not in config.values
    plain = json.loads(json.dumps(config.values))
    later = {name for name, each in all_options().items() if each.new_in > 2}
    assert later & set(plain)
    assert plain == {
        name: all_options()[name].before if name in later else written[name]
        for name in config.values
    }
    assert config.members == {"state_encoder": "none"} | {
        axis: written[axis] for axis in config.members if axis != "state_encoder"
    }
    assert (config.kl_coeff, config.hidden_sizes) == (0.0, (4, 4))


def test_evaluating_repeats_its_last_row(run_dir):
    before = content(run_dir)
    columns = garage_experiments.evaluate(run_dir)
    row = last_row()
    assert set(columns) == {name for name in row if name.startswith("Evaluation")}
    assert columns == {name: row[name] for name in columns}
    own, mixture = (row[f"{who}/AverageReturn"] for who in ("Evaluation", "EvaluationMixture"))
    assert own != mixture
    assert content(run_dir) == before


def test_all_pairs_repeat_its_last_row(run_dir):
    pairs = garage_experiments.evaluate_all_pairs(run_dir)
    row = last_row()
    for task, name in enumerate(pairs.task_names):
        assert pairs.returns[task, task] == row[f"Evaluation/{name}/AverageReturn"]
        assert pairs.mixture.returns[task] == row[f"EvaluationMixture/{name}/AverageReturn"]


def test_its_policies_act(run_dir):
    row = last_row()
    own = garage_experiments.load_policy(run_dir)
    for task, name in enumerate(own.task_names):
        returns, _ = episodes_in_a_plain_loop(own, task, run_seed=5, seed=5, n_episodes=2)
        assert np.mean(returns) == row[f"Evaluation/{name}/AverageReturn"]
    mixture = garage_experiments.load_policy(run_dir, mixture=True)
    for policy in (own, mixture):
        policy.begin(0)
    observations = np.random.default_rng(0).normal(size=(60, 15))
    actions = [[policy.act(each) for each in observations] for policy in (own, mixture)]
    differ = np.not_equal(*actions).any(axis=1).reshape(20, 3)
    # A choice is held for three steps, and is the own policy's now and then.
    assert (differ == differ[:, :1]).all()
    assert 0 < differ[:, 0].sum() < 20


def test_it_can_be_drawn(run_dir, tmp_path):
    for metric in ("success", "return", "any_subgoal"):
        png, svg, _ = plot_runs([run_dir], Look(metric=metric), out=tmp_path / metric)
        assert png.read_bytes().startswith(b"\x89PNG")
        assert "<svg" in svg.read_text()
    (picture, _) = plot_behaviour([run_dir], out=tmp_path / "behaviour")
    assert picture.is_file()
    run = read_run(run_dir)
    steps, values = run.curve("EvaluationMixture/AverageReturn")
    assert steps.tolist() == [980, 2020]
    assert values[-1] == last_row()["EvaluationMixture/AverageReturn"]


def test_it_shares_a_figure_with_a_run_of_now(run_dir, tmp_path):
    values = read_config(run_dir, command="eval").values
    config = garage_experiments.resolve(
        "qmp_dnc", "JacoReachMT5-v1", **values | {"seed": 6, "log_dir": str(tmp_path / "now")}
    )
    garage_experiments.run_experiment(config)
    folders = [run_dir, tmp_path / "now"]
    drawn = plot_runs(folders, out=tmp_path / "both")
    for name in ("mean of qmp_dnc (2 seeds)", "seed 5", "seed 6"):
        assert f"<!-- {name} -->" in drawn.svg.read_text()
    assert plot_behaviour(folders, out=tmp_path / "mean")[0].is_file()


@pytest.mark.parametrize("options", [{}, {"snapshot": "epoch_000001"}])
def test_resuming_is_refused_and_says_why(options, run_dir):
    before = content(run_dir)
    with pytest.raises(ConfigError) as error:
        garage_experiments.resume(run_dir, **options)
    message = str(error.value)
    assert message.startswith(f"{run_dir} was made with config_version 2, whose snapshots hold ")
    assert "it can be evaluated and drawn, but not resumed" in message
    assert "use the program that wrote it (its revision: versions.json)" in message
    assert content(run_dir) == before


def test_the_command_line_says_the_same(run_dir):
    def call(*args):
        return click.testing.CliRunner().invoke(command_line.main, list(map(str, args)))

    refused = call("resume", run_dir)
    assert refused.exit_code == 2
    assert refused.output.startswith(f"Error: {run_dir} was made with config_version 2")
    evaluated = call("eval", run_dir)
    assert evaluated.exit_code == 0, evaluated.output
    assert f"{last_row()['Evaluation/stay/AverageReturn']:.3f}" in evaluated.output
    drawn = call("plot", run_dir)
    assert drawn.exit_code == 0, drawn.output
    assert drawn.output.split() == [str(run_dir / f"success.{ending}") for ending in ("png", "svg")]


def test_a_snapshot_of_another_run_is_foreign(run_dir):
    path = run_dir / "config.json"
    path.write_text(path.read_text().replace('"lr": 0.0003', '"lr": 0.0004'))
    with pytest.raises(SnapshotError, match="another config; different: lr"):
        garage_experiments.evaluate(run_dir)

"""The command line's diagnostics of sharing: plot --behaviour and eval --all_pairs."""

import csv
import pathlib
import sys
import types

import click.testing
import numpy as np
import pytest

import run
from learning.evaluation.pair_results import MixtureResults, PairResults
from tests.plotting.make_runs import make_run
from tests.plotting.test_behaviour import make_mixture_run


def call(*args):
    return click.testing.CliRunner().invoke(run.main, list(map(str, args)), terminal_width=1000)


@pytest.fixture
def pairs_calls(monkeypatch):
    """Stands in for garage_experiments, which would need a trained run; collects the calls."""
    calls = []
    pairs = PairResults(
        task_names=("push", "pull"),
        epoch=9,
        n_episodes=5,
        returns=np.array([[1.0, 2.0], [3.0, 4.0]]),
        success=np.array([[0.0, 1.0], [0.0, 0.0]]),
        mixture=MixtureResults(
            returns=np.ones(2), success=np.ones(2), acted=np.array([[3, 1], [0, 4]])
        ),
    )

    def evaluate_all_pairs(*args, on_round, **kwargs):
        on_round(1, 2)
        calls.append((args, kwargs))
        return pairs

    module = types.SimpleNamespace(evaluate_all_pairs=evaluate_all_pairs)
    monkeypatch.setitem(sys.modules, "garage_experiments", module)
    return calls


def test_all_pairs_prints_the_tables_and_writes_the_csv(pairs_calls, tmp_path):
    out = tmp_path / "new" / "pairs.csv"
    options = ("--snapshot=epoch_9", "--num_evaluation_episodes=10", "--seed=3")
    result = call("eval", tmp_path, "--all_pairs", f"--out={out}", *options)
    assert result.exit_code == 0, result.output
    expected = {
        "snapshot": "epoch_9",
        "num_evaluation_episodes": 10,
        "seed": 3,
        "changed_plugin": False,
    }
    assert pairs_calls == [((tmp_path,), expected)]
    assert result.stderr == "round 1 of 2\n"
    assert "After epoch 9, 5 episodes of every policy on every task" in result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert ["0", "push", "0.00", "1.00*"] in lines
    assert ["0", "push", "1.00", "2.00*"] in lines
    assert ["push", "1.00", "2.00", "pull", "1.00", "25.0%", "50.0%"] in lines
    assert result.output.rstrip().endswith(str(out))
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["task"], row["policy"], row["best"]) for row in rows] == [
        *(("push", "push", "0"), ("push", "pull", "1")),
        *(("pull", "push", "0"), ("pull", "pull", "1")),
    ]
    assert [float(row["mixture_share"]) for row in rows] == [0.75, 0.25, 0.0, 1.0]


def test_all_pairs_are_no_json(pairs_calls, tmp_path):
    result = call("eval", tmp_path, "--all_pairs", f"--out={tmp_path / 'pairs.json'}")
    assert result.exit_code == 2
    assert "--all_pairs is written as CSV" in result.output
    assert pairs_calls == []


def test_plot_behaviour_writes_its_pictures(tmp_path):
    folder = make_mixture_run(tmp_path / "q")
    result = call("plot", "--behaviour", folder)
    assert result.exit_code == 0, result.output
    paths = [pathlib.Path(line) for line in result.output.split()]
    assert paths == [folder / "behaviour.png", folder / "behaviour.svg"]
    assert all(path.is_file() for path in paths)
    assert not (folder / "success.png").exists()


def test_plot_behaviour_refuses_a_metric_and_runs_without_a_mixture(tmp_path):
    for metric in ("success", "return"):
        result = call(
            "plot", "--behaviour", f"--metric={metric}", make_mixture_run(tmp_path / metric)
        )
        assert result.exit_code == 2
        assert "leave --metric out" in result.output
    alone = make_run(tmp_path / "own")
    result = call("plot", "--behaviour", alone)
    assert result.exit_code == 1
    assert result.output.startswith(
        f"Error: {alone} is a run of dnc_sac, which has no mixture: each task's own policy acts"
    )


def test_the_metric_is_success_by_default(tmp_path):
    folder = make_run(tmp_path / "own")
    assert call("plot", folder).stdout.split()[0] == str(folder / "success.png")
    assert "[default: success]" in call("plot", "--help").output

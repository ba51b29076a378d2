"""The summary over seeds, by hand."""

import math

import click.testing
import pytest

from learning.analysis.reading import read_runs
from tests.plotting.make_runs import make_run
from tools.collect_results import at_steps, half_width, main, summary

COLUMN = "Evaluation/SuccessRate"


def rows(*values):
    return [
        {"TotalEnvSteps": 100.0 * (index + 1), COLUMN: value} for index, value in enumerate(values)
    ]


def test_the_nearest_evaluation_counts():
    assert at_steps(rows(0.1, 0.2, 0.3), COLUMN, 205) == 0.2
    assert math.isnan(at_steps(rows(0.1, 0.2, 0.3), COLUMN, 350))
    assert math.isnan(at_steps(rows(0.1), "EvaluationMixture/SuccessRate", 100))


def test_a_window_takes_the_mean_of_the_evaluations_around():
    assert at_steps(rows(0.1, 0.2, 0.3, 0.9), COLUMN, 250, window=200) == pytest.approx(0.25)
    assert at_steps(rows(0.1, 0.2, 0.3, 0.9), COLUMN, 400, window=200) == pytest.approx(0.6)
    assert math.isnan(at_steps(rows(0.1), COLUMN, 300, window=100))


def test_student_interval():
    """Three seeds 0, 0.5, 1: s = 0.5, t(0.975, 2) = 4.3027, half width 4.3027 * 0.5 / sqrt 3."""
    assert half_width([0.0, 0.5, 1.0]) == pytest.approx(4.3027 * 0.5 / math.sqrt(3), rel=1e-4)
    assert math.isnan(half_width([0.3]))


def test_summary_over_seeds():
    runs = {("qmp_dnc", seed): rows(0.0, value) for seed, value in ((1, 0.2), (2, 0.4), (3, 0.9))}
    table = summary(runs, (200,))
    assert len(table) == 1
    assert table[0]["mean"] == 0.5
    assert table[0]["seeds"] == 3
    assert table[0]["values"] == "0.2 0.4 0.9"


def test_collected_runs_keep_what_they_are(tmp_path):
    first = make_run(tmp_path / "a", method="mtsac")
    second = make_run(tmp_path / "b", method="mtsac", seed=2)
    out = tmp_path / "out"
    command = [str(first), str(second), "--out", str(out), "--steps=4000"]
    result = click.testing.CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    one, two = read_runs([out]).runs
    of_folder = read_runs([first]).runs[0]
    for key in ("label", "env", "method", "precision", "protocol", "tasks"):
        assert getattr(one, key) == getattr(two, key) == getattr(of_folder, key), key
    assert (one.seed, two.seed) == (1, 2)
    third = make_run(tmp_path / "c", method="mtsac", seed=3, protocol={"horizon": 7})
    result = click.testing.CliRunner().invoke(main, [str(third), *command[2:]])
    assert result.exit_code == 1
    assert "another run of that label" in str(result.exception)


def test_runs_of_one_name_are_given_another(tmp_path):
    run_dir = make_run(tmp_path / "a", method="mtsac")
    command = [str(run_dir), "--out", str(tmp_path / "out"), "--steps=4000", "--label=long"]
    result = click.testing.CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    (run,) = read_runs([tmp_path / "out"]).runs
    assert (run.label, run.method) == ("long", "mtsac")

"""The tidy frame: its rows, its columns, and that the mean over tasks cannot count twice."""

import math
import warnings

import numpy as np
import pytest

from garage_experiments import load_runs
from learning.analysis.curves import run_curves
from learning.analysis.frames import INDEX, RunWarning
from learning.errors import RecordError
from tests.analysis.test_reading import change_config, write_csv
from tests.plotting.make_runs import make_run


def ended(folder, **options):
    make_run(folder, **options)
    change_config(folder, n_epochs=options.get("n_epochs", 4))
    return folder


def test_a_row_an_evaluation_run_actor_and_task(tmp_path):
    ended(tmp_path / "q", method="qmp_dnc", mixture=True, subgoals=True)
    ended(tmp_path / "d", seed=2)
    frame = load_runs(tmp_path)
    # Two evaluations; two tasks; own and mixture of the first, own of the second.
    assert len(frame) == 2 * 2 * 2 + 2 * 2
    assert list(frame.columns) == [*INDEX, "task", "who", "success", "any_subgoal", "return"]
    row = frame[(frame.label == "qmp_dnc") & (frame.task == "b") & (frame.who == "own")].iloc[0]
    assert (row.env_steps, row.epoch, row.seed, row.env) == (2000, 1, 1, "JacoReachMT5-v1")
    assert (row.precision, row.run, row.finished) == ("float32", str(tmp_path / "q"), True)
    assert row.success == pytest.approx(0.5**1.2)
    assert row["return"] == pytest.approx(-300 * (1 - 0.5**1.2))
    assert row.any_subgoal == pytest.approx(0.5**1.2)
    assert frame[frame.label == "dnc_sac"].any_subgoal.isna().all()
    assert set(frame[frame.label == "dnc_sac"].who) == {"own"}


def test_the_mean_over_tasks_is_a_frame_of_its_own(tmp_path):
    ended(tmp_path / "d")
    each, mean = load_runs(tmp_path), load_runs(tmp_path, tasks="mean")
    assert "task" not in mean.columns
    assert len(mean) == 2
    np.testing.assert_allclose(each.groupby("env_steps").success.mean(), mean.success)


def test_further_columns_of_the_table(tmp_path):
    write_csv(tmp_path, "mtsac_seed1.csv", 0.25, 0.5)
    frame = load_runs([str(tmp_path)], columns=["Evaluation/<task>/SuccessRate"])
    assert (frame["Evaluation/<task>/SuccessRate"] == frame.success).all()
    frame = load_runs(tmp_path, tasks="mean", columns=["Epoch"])
    assert frame["Epoch"].tolist() == [0, 1]
    assert frame["method"].isna().all()
    with pytest.raises(RecordError, match="no run has a column Nothing"):
        load_runs(tmp_path, tasks="mean", columns=["Nothing"])
    with pytest.raises(RecordError, match="belong to tasks='mean'"):
        load_runs(tmp_path, columns=["Epoch"])


def test_what_must_be_known_is_a_warning(tmp_path):
    change_config(make_run(tmp_path / "a"), n_epochs=9)
    with pytest.warns(RunWarning, match="has not ended"):
        frame = load_runs(tmp_path)
    assert not frame.finished.any()


def test_curves_have_a_column_a_task_and_a_row_an_evaluation(tmp_path):
    for seed in (2, 1):
        ended(tmp_path / str(seed), seed=seed)
    first, second = run_curves(load_runs(tmp_path), "success", "own")
    assert (first.seed, second.seed, first.tasks) == (1, 2, ("a", "b"))
    assert first.steps.tolist() == [2000, 4000]
    np.testing.assert_allclose(first.values, [[0.5, 0.5**1.2], [1, 1]])
    (mean, _) = run_curves(load_runs(tmp_path, tasks="mean"), "success", "own")
    np.testing.assert_allclose(mean.values[:, 0], first.values.mean(axis=1))
    with pytest.raises(RecordError, match="no run has numbers"):
        run_curves(load_runs(tmp_path), "success", "mixture")


def test_an_evaluation_that_lacks_a_task_keeps_its_row(tmp_path):
    write_csv(tmp_path, "mtsac_seed1.csv", 0.5)
    path = tmp_path / "mtsac_seed1.csv"
    path.write_text(path.read_text() + "1,200,0.7,nan\n2,300,nan,nan\n")
    with warnings.catch_warnings():
        frame = load_runs(tmp_path)
    assert frame.env_steps.tolist() == [100, 200]
    assert math.isnan(frame.success[1])

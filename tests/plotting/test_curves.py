"""Learning curves: panels, lines and their data, labels, and what is refused."""

import math

import numpy as np
import pytest

from learning.errors import RecordError
from learning.plotting.curves import draw, plot_runs
from learning.plotting.runs import labels, read_run
from tests.plotting.make_runs import make_run


def panels_of(figure):
    return {panel.get_title(): panel for panel in figure.axes}


@pytest.mark.parametrize("n_tasks", [1, 5, 10, 50])
def test_a_panel_a_task_and_the_mean(tmp_path, n_tasks):
    tasks = [f"task-{i}" for i in range(n_tasks)]
    run = read_run(make_run(tmp_path / "a", tasks=tasks))
    titles = [panel.get_title() for panel in draw([run], "success").axes]
    assert titles == ["mean over tasks", *tasks]


def test_a_line_a_run_and_a_dashed_one_for_its_mixture(tmp_path):
    mixed = read_run(make_run(tmp_path / "q", method="qmp_dnc", mixture=True))
    own = read_run(make_run(tmp_path / "d"))
    panels = panels_of(draw([mixed, own], "success"))
    for panel in panels.values():
        assert [line.get_linestyle() for line in panel.lines] == ["-", "--", "-"]
    first, second = panels["a"].lines[0], panels["a"].lines[2]
    assert first.get_color() != second.get_color()


def test_draws_the_evaluated_rows_only(tmp_path):
    run = read_run(make_run(tmp_path / "a"))
    panels = panels_of(draw([run], "success"))
    (line,) = panels["a"].lines
    # Epochs 1 and 3 of 4 are evaluated, after 2000 and 4000 steps.
    np.testing.assert_array_equal(line.get_xdata(), [2000, 4000])
    np.testing.assert_allclose(line.get_ydata(), [0.5, 1.0])
    (mean,) = panels["mean over tasks"].lines
    np.testing.assert_allclose(mean.get_ydata(), [(0.5 + 0.5**1.2) / 2, 1.0])


def test_return_and_any_subgoal_are_drawn_from_their_columns(tmp_path):
    run = read_run(make_run(tmp_path / "a", subgoals=True))
    (line,) = panels_of(draw([run], "return"))["a"].lines
    np.testing.assert_allclose(line.get_ydata(), [-150, 0], atol=1e-9)
    assert panels_of(draw([run], "any_subgoal"))["a"].lines


def test_seeds_of_a_method_share_a_colour_and_differ_in_label_and_marker(tmp_path):
    runs = [
        read_run(make_run(tmp_path / f"{method}{seed}", method=method, seed=seed))
        for method in ("qmp_dnc", "dnc_sac")
        for seed in (1, 2)
    ]
    assert labels(runs) == [
        "qmp_dnc, seed 1",
        "qmp_dnc, seed 2",
        "dnc_sac, seed 1",
        "dnc_sac, seed 2",
    ]
    lines = panels_of(draw(runs, "success"))["a"].lines
    colours = [line.get_color() for line in lines]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert lines[0].get_marker() != lines[1].get_marker()
    alone = panels_of(draw(runs[:2], "success"))["a"].lines
    assert alone[0].get_color() != alone[1].get_color()


def test_equal_labels_are_told_apart_by_the_folder(tmp_path):
    runs = [read_run(make_run(tmp_path / name)) for name in "xy"]
    assert labels(runs) == [f"dnc_sac, seed 1 ({tmp_path / name})" for name in "xy"]


def test_writes_png_and_svg_into_the_first_folder(tmp_path):
    folders = [make_run(tmp_path / name) for name in "xy"]
    png, svg = plot_runs(folders)
    assert (png, svg) == (tmp_path / "x" / "success.png", tmp_path / "x" / "success.svg")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "<svg" in svg.read_text()
    other = plot_runs(folders, metric="return", out=tmp_path / "new" / "figure.v1")
    assert [path.name for path in other] == ["figure.v1.png", "figure.v1.svg"]
    assert all(path.is_file() for path in other)


def test_refuses_different_protocols_unless_forced(tmp_path):
    first = make_run(tmp_path / "a", protocol={"reward_version": "v1", "goals": 50})
    second = make_run(tmp_path / "b", protocol={"reward_version": "v2", "horizon": 150})
    with pytest.raises(RecordError) as error:
        plot_runs([first, second])
    lines = str(error.value).splitlines()
    assert "--force" in lines[0]
    assert lines[1:] == [
        "  horizon: 200 | 150",
        "  reward_version: v1 | v2",
        "  goals: 50 | missing",
    ]
    assert plot_runs([first, second], force=True)[0].is_file()


def test_clear_errors(tmp_path):
    with pytest.raises(RecordError, match=r"not the folder of a run: it has no progress\.csv"):
        plot_runs([tmp_path])
    with pytest.raises(RecordError, match="no column Evaluation/AnySubgoalRate"):
        plot_runs([make_run(tmp_path / "a")], metric="any_subgoal")
    unevaluated = make_run(tmp_path / "b", n_epochs=1)
    assert math.isnan(float(read_run(unevaluated).rows[0][2]))
    with pytest.raises(RecordError, match="no evaluated row yet"):
        plot_runs([unevaluated])
    (tmp_path / "b" / "progress.csv").write_text("Epoch,TotalEnvSteps")
    with pytest.raises(RecordError, match="has no rows with TotalEnvSteps yet"):
        plot_runs([tmp_path / "b"])
    (tmp_path / "a" / "config.json").unlink()
    with pytest.raises(RecordError, match=r"it has no config\.json"):
        plot_runs([tmp_path / "a"])

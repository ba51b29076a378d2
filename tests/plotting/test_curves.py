"""Learning curves: panels, lines and their data, the legend, and what is refused."""

import itertools
import math

import matplotlib.colors
import numpy as np
import pytest

from learning.analysis.reading import read_runs
from learning.errors import RecordError
from learning.logging.tables import read_rows
from learning.plotting.curves import Look, draw, plot_runs
from learning.plotting.seed_groups import colours
from tests.plotting.make_runs import make_run


def panels_of(figure):
    return {panel.get_title(): panel for panel in figure.axes}


def figure_of(*folders, **look):
    return draw(read_runs(folders).runs, Look(**look))


def legend_of(figure):
    (legend,) = [part.legends[0] for part in figure.subfigs if part.legends]
    return [text.get_text() for text in legend.get_texts()]


def seeds_of(folder, method, seeds, **options):
    return [
        make_run(folder / f"{method}{seed}", method=method, seed=seed, noise=0.1, **options)
        for seed in seeds
    ]


@pytest.mark.parametrize("n_tasks", [1, 5, 10, 50])
def test_a_panel_a_task_and_the_mean(tmp_path, n_tasks):
    tasks = [f"task-{i}" for i in range(n_tasks)]
    figure = figure_of(make_run(tmp_path / "a", tasks=tasks))
    assert [panel.get_title() for panel in figure.axes] == ["mean over tasks", *tasks]
    figure = figure_of(tmp_path / "a", mean_only=True)
    assert [panel.get_title() for panel in figure.axes] == ["mean over tasks"]


def test_a_line_a_run_and_a_dashed_one_for_its_mixture(tmp_path):
    mixed = make_run(tmp_path / "q", method="qmp_dnc", mixture=True)
    own = make_run(tmp_path / "d")
    figure = figure_of(mixed, own)
    panels = panels_of(figure)
    for panel in panels.values():
        assert [line.get_linestyle() for line in panel.lines] == ["-", "--", "-"]
    first, second = panels["a"].lines[0], panels["a"].lines[2]
    assert first.get_color() != second.get_color()
    told = ["qmp_dnc, seed 1", "dnc_sac, seed 1", "own policies act", "mixture acts"]
    assert legend_of(figure) == told
    for who, dashes in (("own", ["-", "-"]), ("mixture", ["--"])):
        lines = panels_of(figure_of(mixed, own, who=who))["a"].lines
        assert [line.get_linestyle() for line in lines] == dashes


def test_draws_the_evaluated_rows_only(tmp_path):
    panels = panels_of(figure_of(make_run(tmp_path / "a")))
    (line,) = panels["a"].lines
    # Epochs 1 and 3 of 4 are evaluated, after 2000 and 4000 steps.
    np.testing.assert_array_equal(line.get_xdata(), [2000, 4000])
    np.testing.assert_allclose(line.get_ydata(), [0.5, 1.0])
    (mean,) = panels["mean over tasks"].lines
    np.testing.assert_allclose(mean.get_ydata(), [(0.5 + 0.5**1.2) / 2, 1.0])


def test_return_and_any_subgoal_are_drawn_from_their_columns(tmp_path):
    run = make_run(tmp_path / "a", subgoals=True)
    (line,) = panels_of(figure_of(run, metric="return"))["a"].lines
    np.testing.assert_allclose(line.get_ydata(), [-150, 0], atol=1e-9)
    assert panels_of(figure_of(run, metric="any_subgoal"))["a"].lines


def test_few_seeds_are_thin_lines_around_their_mean(tmp_path):
    folders = [
        *seeds_of(tmp_path, "qmp_dnc", (1, 2)),
        *seeds_of(tmp_path, "dnc_sac", (1, 2, 3)),
    ]
    figure = figure_of(*folders)
    panel = panels_of(figure)["a"]
    assert not panel.collections
    lines = panel.lines
    assert len(lines) == 3 + 4
    by_method = [lines[:3], lines[3:]]
    for group in by_method:
        *single, mean = group
        assert len({line.get_color() for line in group}) == 1
        assert len({line.get_marker() for line in single}) == len(single)
        assert all(line.get_linewidth() < mean.get_linewidth() for line in single)
        values = np.mean([line.get_ydata() for line in single], axis=0)
        np.testing.assert_allclose(mean.get_ydata(), values)
    assert by_method[0][0].get_color() != by_method[1][0].get_color()
    seeds = ["seed 1", "seed 2", "seed 3"]
    assert legend_of(figure) == ["qmp_dnc (2 seeds)", "dnc_sac (3 seeds)", *seeds]


def test_seeds_of_different_numbers_are_told_apart_by_their_place(tmp_path):
    figure = figure_of(
        *seeds_of(tmp_path, "qmp_dnc", (1, 2)), *seeds_of(tmp_path, "dnc_sac", (1, 7))
    )
    assert legend_of(figure)[2:] == ["seed 1", "seed no. 2"]


def test_seeds_alone_have_a_colour_each(tmp_path):
    figure = figure_of(*seeds_of(tmp_path, "dnc_sac", (1, 2, 3)))
    lines = panels_of(figure)["a"].lines
    assert len({line.get_color() for line in lines}) == 4
    told = ["mean of dnc_sac (3 seeds)", "seed 1", "seed 2", "seed 3"]
    assert legend_of(figure) == told


def test_five_seeds_are_a_mean_with_the_interval_of_the_tables(tmp_path):
    figure = figure_of(*seeds_of(tmp_path, "dnc_sac", range(5)))
    panel = panels_of(figure)["mean over tasks"]
    (line,) = panel.lines
    (band,) = panel.collections
    assert legend_of(figure) == ["mean of dnc_sac (5 seeds)", "95 % interval over runs"]
    import pathlib

    from learning.analysis.asking import Question, ask_table
    from learning.analysis.points import At

    table = ask_table([pathlib.Path(tmp_path)], Question(points=(At(2000), At(4000))))
    heights = band.get_paths()[0].vertices
    for place, (cell, steps) in enumerate(zip(table.cells[0], (2000, 4000), strict=True)):
        assert line.get_ydata()[place] == pytest.approx(cell.mean)
        ends = heights[heights[:, 0] == steps][:, 1]
        assert (min(ends), max(ends)) == pytest.approx(
            (cell.mean_interval.low, cell.mean_interval.high)
        )


def test_no_two_lines_of_one_look(tmp_path):
    """Nine methods, more than the usual colours, of two seeds each."""
    folders = [
        make_run(tmp_path / f"{name}-{seed}", name=f"name-{name}", seed=seed, noise=0.1)
        for name in range(9)
        for seed in (1, 2)
    ]
    lines = panels_of(figure_of(*folders))["a"].lines
    looks = [
        (matplotlib.colors.to_hex(line.get_color()), line.get_marker(), line.get_linewidth())
        for line in lines
    ]
    assert len(set(looks)) == len(lines) == 27
    for count in range(1, 21):
        assert len(set(colours(count))) == count
    with pytest.raises(RecordError, match="choose some with --label"):
        colours(21)


def test_runs_of_one_label_and_seed_are_told_apart_by_the_folder(tmp_path):
    folders = [make_run(tmp_path / name, noise=0.1 * place) for place, name in enumerate("xy")]
    drawn = plot_runs(folders)
    assert drawn.png == tmp_path / "x" / "success.png"
    runs = read_runs(folders, on_doubles="apart").runs
    assert legend_of(draw(runs, Look())) == [f"dnc_sac ({folder})" for folder in folders]


def test_smoothed_values_are_means_of_those_around(tmp_path):
    figure = figure_of(make_run(tmp_path / "a", n_epochs=8), smooth=4000)
    (line,) = panels_of(figure)["a"].lines
    # Evaluated at 2000, 4000, 6000 and 8000 steps: 0.25, 0.5, 0.75 and 1.
    np.testing.assert_allclose(line.get_ydata(), [0.375, 0.5, 0.75, 0.875])
    assert "(means over 4k env steps)" in figure.subfigs[0].get_supylabel()


def test_labels_and_task_sets_are_chosen(tmp_path):
    folders = [make_run(tmp_path / each, method=each) for each in ("mtsac", "sac", "dnc_sac")]
    drawn = plot_runs([tmp_path], labels=["sac", "mtsac"], out=tmp_path / "some")
    text = drawn.svg.read_text()
    assert text.index("<!-- sac, seed 1 -->") < text.index("<!-- mtsac, seed 1 -->")
    assert "dnc_sac" not in text
    with pytest.raises(RecordError, match="no run is called qmp: there are dnc_sac, mtsac, sac"):
        plot_runs([tmp_path], labels=["qmp"])
    with pytest.raises(RecordError, match="no run of Maze"):
        plot_runs(folders, envs=["Maze"])


def test_writes_png_and_svg_into_the_first_place(tmp_path):
    folders = seeds_of(tmp_path, "dnc_sac", (1, 2))
    drawn = plot_runs([folders[0], folders[0], folders[1]])
    assert drawn[:2] == (folders[0] / "success.png", folders[0] / "success.svg")
    assert drawn.png.read_bytes().startswith(b"\x89PNG")
    assert "<svg" in drawn.svg.read_text()
    other = plot_runs([tmp_path], Look(metric="return"), out=tmp_path / "new" / "figure.v1")
    assert [path.name for path in other[:2]] == ["figure.v1.png", "figure.v1.svg"]
    assert all(path.is_file() for path in other[:2])


def test_refuses_different_protocols_unless_forced_and_then_says_so(tmp_path):
    first = make_run(tmp_path / "a", protocol={"reward_version": "v1", "goals": 50})
    second = make_run(tmp_path / "b", seed=2, protocol={"reward_version": "v2", "horizon": 150})
    with pytest.raises(RecordError) as error:
        plot_runs([first, second])
    lines = str(error.value).splitlines()
    assert "--force" in lines[0]
    assert lines[1:] == [
        "  JacoReachMT5-v1: horizon: 200 | 150",
        "  JacoReachMT5-v1: reward_version: v1 | v2",
        "  JacoReachMT5-v1: goals: 50 | missing",
    ]
    drawn = plot_runs([first, second], force=True)
    assert sum(note.startswith("FORCED together") for note in drawn.notes) == 3
    assert "FORCED together" in drawn.svg.read_text()


def test_several_task_sets_do_not_meet_unless_forced(tmp_path):
    for env in ("One", "Two"):
        (tmp_path / env).mkdir()
        rows = "TotalEnvSteps,Evaluation/SuccessRate,Evaluation/a/SuccessRate\n10,0.5,0.5\n"
        (tmp_path / env / "mtsac_seed1.csv").write_text(rows)
    with pytest.raises(RecordError, match="these runs are of One, Two"):
        plot_runs([tmp_path])
    assert plot_runs([tmp_path], envs=["Two"]).png.is_file()
    text = plot_runs([tmp_path], force=True).svg.read_text()
    assert "<!-- mtsac, One, seed 1 -->" in text
    assert "<!-- mtsac, Two, seed 1 -->" in text


def test_clear_errors(tmp_path):
    with pytest.raises(RecordError, match="holds no run"):
        plot_runs([tmp_path])
    with pytest.raises(RecordError, match="has no numbers of Evaluation/AnySubgoalRate"):
        plot_runs([make_run(tmp_path / "a")], Look(metric="any_subgoal"))
    with pytest.raises(RecordError, match="none of these runs has a mixture"):
        plot_runs([tmp_path / "a"], Look(who="mixture"))
    unevaluated = make_run(tmp_path / "b", n_epochs=1)
    assert math.isnan(float(read_rows(unevaluated / "progress.csv")[1][0][2]))
    with pytest.raises(RecordError, match="no run with an evaluation"):
        plot_runs([unevaluated])


def test_who_has_no_mixture_is_left_out_and_said(tmp_path):
    mixed = make_run(tmp_path / "q", method="qmp_dnc", mixture=True)
    drawn = plot_runs([mixed, make_run(tmp_path / "d")], Look(who="mixture"))
    assert "left out: dnc_sac has no mixture" in drawn.notes


@pytest.mark.parametrize("metric", ["success", "return"])
def test_many_panels_and_methods_are_drawn(tmp_path, metric):
    tasks = [f"task-{i}" for i in range(50)]
    for method, seed in itertools.product(("mtsac", "qmp_sac"), (1, 2)):
        make_run(
            tmp_path / f"{method}{seed}",
            method=method,
            seed=seed,
            tasks=tasks,
            mixture=method == "qmp_sac",
        )
    assert plot_runs([tmp_path], Look(metric=metric)).png.stat().st_size > 10_000

"""The figure of a results folder: which files it reads, and how seeds meet on one axis."""

import click.testing
import numpy as np

from tools.draw_results import main, on_one_grid, read_curves, smoothed

COLUMN = "Evaluation/AnySubgoalRate"


def write(folder, name, rows):
    lines = [f"TotalEnvSteps,{COLUMN}", *(f"{steps},{value}" for steps, value in rows)]
    (folder / name).write_text("\n".join(lines) + "\n")


def test_runs_are_gathered_by_their_label(tmp_path):
    write(tmp_path, "mtsac_seed1.csv", [(10, 0.0), (20, 0.5)])
    write(tmp_path, "mtsac_seed2.csv", [(10, 0.2), (20, "nan"), (30, 0.4)])
    write(tmp_path, "dnc_reg_seed1.csv", [(10, 1.0)])
    write(tmp_path, "summary.csv", [(10, 1.0)])
    curves = read_curves(tmp_path, COLUMN)
    assert {label: len(seeds) for label, seeds in curves.items()} == {"mtsac": 2, "dnc_reg": 1}
    np.testing.assert_array_equal(curves["mtsac"][1], ([10, 30], [0.2, 0.4]))
    assert read_curves(tmp_path, "Evaluation/AverageReturn") == {}


def test_seeds_are_compared_where_all_of_them_are():
    first = (np.array([0.0, 10.0, 20.0, 30.0]), np.array([0.0, 1.0, 2.0, 3.0]))
    second = (np.array([5.0, 15.0, 25.0]), np.array([0.0, 1.0, 0.0]))
    grid, values = on_one_grid([first, second])
    assert grid.tolist() == [10.0, 20.0]
    assert values.tolist() == [[1.0, 2.0], [0.5, 0.5]]


def test_a_curve_is_smoothed_over_env_steps():
    curve = (np.array([0.0, 10.0, 20.0, 100.0]), np.array([0.0, 1.0, 5.0, 7.0]))
    assert smoothed(curve, 20)[1].tolist() == [0.5, 2.0, 3.0, 7.0]
    assert smoothed(curve, 0)[1].tolist() == curve[1].tolist()


def test_draws_or_says_that_there_is_nothing(tmp_path):
    command = [str(tmp_path), "--out", str(tmp_path / "figure")]
    result = click.testing.CliRunner().invoke(main, command)
    assert (result.exit_code, "has no run with numbers" in result.output) == (1, True)
    write(tmp_path, "mtsac_seed1.csv", [(10, 0.0), (20, 0.5)])
    assert click.testing.CliRunner().invoke(main, command).exit_code == 0
    assert (tmp_path / "figure.png").stat().st_size > 1000
    assert (tmp_path / "figure.svg").stat().st_size > 1000


def test_some_are_drawn(tmp_path):
    for name in ("mtsac", "qmp_sac", "dnc_sac"):
        write(tmp_path, f"{name}_seed1.csv", [(10, 0.0), (20, 0.5)])
    command = [str(tmp_path), "--out", str(tmp_path / "figure"), "--label=qmp_sac"]
    assert click.testing.CliRunner().invoke(main, command).exit_code == 0
    drawn = (tmp_path / "figure.svg").read_text()
    assert ("qmp_sac (1 seed)" in drawn, "mtsac" in drawn) == (True, False)
    result = click.testing.CliRunner().invoke(main, [*command, "--label=qmp"])
    assert (result.exit_code, "has no qmp, but dnc_sac, mtsac, qmp_sac" in result.output) == (
        1,
        True,
    )

"""`table` and `compare` of a grid: its runs, with its labels, its order and its paper's numbers."""

import json

import click.testing
import pytest

import run
from tests.plotting.make_runs import make_run

GRID = """
envs = ["JacoReachMT5-v1"]
seeds = [1, 2, 3]

[[runs]]
method = "qmp_dnc"
label = "With QMP"

[[runs]]
method = "dnc_sac"
label = "Alone"
"""
HEAD = "label,env,env_steps,metric,value,source\n"


@pytest.fixture
def places(tmp_path):
    """The grid's file and the folder of its runs, one of which is not there."""
    (tmp_path / "grid.toml").write_text(GRID)
    for seed in (1, 2, 3):
        for method in ("dnc_sac", "qmp_dnc"):
            if (method, seed) != ("qmp_dnc", 2):
                folder = tmp_path / "runs" / method / "JacoReachMT5-v1" / f"run_{seed}"
                make_run(folder, method=method, seed=seed, noise=0.1, subgoals=True)
    # Below the folder and not of the grid.
    make_run(tmp_path / "runs/mtsac/JacoReachMT5-v1/run_1", method="mtsac")
    return tmp_path / "grid.toml", tmp_path / "runs"


def invoke(*words):
    return click.testing.CliRunner().invoke(run.main, list(map(str, words)))


def numbers(*rows):
    return HEAD + "".join(f"{label},JacoReachMT5-v1,{rest},somewhere\n" for label, rest in rows)


def test_a_grid_stands_for_its_runs(places):
    grid, runs = places
    result = invoke("table", grid, f"--runs={runs}", "--format=json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.output)
    assert [cell["label"] for cell in content["cells"]] == ["With QMP", "Alone"]
    assert [list(cell["seeds"]) for cell in content["cells"]] == [["1", "3"], ["1", "2", "3"]]
    note = f"1 of 6 runs of {grid} is not there: With QMP (seed 2)"
    assert note in content["notes"]
    # The whole runs have 2000 epochs, these 4.
    assert sum("has not ended" in each for each in content["notes"]) == 5
    compared = invoke("compare", "With QMP", "Alone", grid, f"--runs={runs}")
    assert compared.exit_code == 0, compared.output
    assert note in compared.output


def test_what_else_is_named_stays_what_it_is(places):
    grid, runs = places
    result = invoke("table", runs, grid, f"--runs={runs}", "--format=json")
    content = json.loads(result.output)
    # The grid's labels win over the runs' names, wherever they were found first.
    assert [cell["label"] for cell in content["cells"]] == ["With QMP", "Alone", "mtsac"]


def test_the_paper_s_numbers_stand_beside_ours(places):
    grid, runs = places
    grid.with_suffix(".csv").write_text(
        numbers(
            ("Alone", "2500,any_subgoal,0.25"),
            ("With QMP", "2500,any_subgoal,0.75"),
            ("Alone", "4000,any_subgoal,0.5"),
            ("Alone", "1000,any_subgoal,0.1"),  # before the first evaluation
            ("Alone", "6000,any_subgoal,1"),  # the next evaluation would have been due here
        )
    )
    words = ("table", grid, f"--runs={runs}")
    content = json.loads(invoke(*words, "--format=json").output)
    found = {(cell["label"], cell["column"]): cell["paper"] for cell in content["cells"]}
    assert found == {
        ("With QMP", "2500"): 0.75,
        ("With QMP", "4000"): None,
        ("Alone", "2500"): 0.25,
        ("Alone", "4000"): 0.5,
    }
    assert {cell["measure"] for cell in content["cells"]} == {"any_subgoal"}
    assert "paper: somewhere" in content["notes"]
    assert "paper 0.750" in invoke(*words).output
    assert "<br>paper 0.750<br>" in invoke(*words, "--format=markdown").output
    assert "{paper 0.750}" in invoke(*words, "--format=latex").output
    assert ",0.75," in invoke(*words, "--format=csv").output
    # Of another measure the paper has nothing.
    other = json.loads(invoke(*words, "--format=json", "--metric=success").output)
    assert {(cell["column"], cell["paper"]) for cell in other["cells"]} == {("4000", None)}
    asked = json.loads(invoke(*words, "--format=json", "--at=6000").output)
    assert {cell["paper"] for cell in asked["cells"]} == {None, 1.0}


def test_no_run_and_another_s_run(places):
    grid, runs = places
    result = invoke("table", grid, "--runs=nowhere")
    assert result.exit_code == 1
    assert f"none of the 6 runs of {grid} is there" in result.output
    assert f"`python run.py sweep {grid}`" in result.output
    grid.write_text(GRID + "lr = 0.5\n")
    result = invoke("table", grid, f"--runs={runs}")
    assert result.exit_code == 2
    assert "holds a run with another config: lr is" in result.output
    grid.write_text(GRID + "lrr = 0.5\n")
    assert f"{grid}, line 12: " in invoke("table", grid, f"--runs={runs}").output

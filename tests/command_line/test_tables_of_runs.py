"""`run.py table` and `run.py compare`: their options, and the repository's own results."""

import json
import pathlib

import click.testing
import pytest

import run
from tests.plotting.make_runs import make_run

RESULTS = pathlib.Path(__file__).parents[2] / "results"
JACO = str(RESULTS / "jaco_reach_mt5")


def invoke(*words):
    return click.testing.CliRunner().invoke(run.main, list(map(str, words)))


def cells(*words):
    result = invoke("table", *words, "--format=json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.output)
    return {(cell["label"], cell["column"]): cell for cell in content["cells"]}, content["notes"]


def test_the_repository_s_results_are_what_its_page_says():
    found, notes = cells(
        *(JACO, "--metric=any_subgoal", "--force", "--window=170000:230000"),
        *("--window=470000:530000", "--threshold=0.8"),
    )
    early, late = "mean 170000 to 230000", "mean 470000 to 530000"
    means = {key: round(100 * cell["mean"]) for key, cell in found.items() if cell["mean"]}
    wanted = {"qmp_dnc": (39, 99), "qmp_dnc_bf16": (57, 100), "dnc_sac": (23, 73)}
    wanted |= {"dnc_reg": (27, 99), "qmp_uniform": (25, 64), "mtsac": (50, 64)}
    for label, (at_200k, at_500k) in wanted.items():
        assert (means[label, early], means[label, late]) == (at_200k, at_500k), label
    values = found["qmp_dnc", early]["seeds"].values()
    assert [round(100 * value) for value in values] == [34, 31, 53]
    assert found["dnc_sac", "env steps to 0.8"]["reached_share"] == pytest.approx(2 / 3)
    assert any(note.startswith("FORCED together") and "bf16 (" in note for note in notes)
    assert any("fewer than 5 seeds" in note for note in notes)


def test_other_precision_does_not_meet_unless_forced():
    result = invoke("table", JACO)
    assert result.exit_code == 1
    assert "precision: bf16 (dnc_reg, " in result.output
    assert "--force" in result.output
    assert invoke("compare", "qmp_dnc", "qmp_dnc_bf16", JACO).exit_code == 1
    assert "FORCED" in invoke("compare", "qmp_dnc", "qmp_dnc_bf16", JACO, "--force").output


def test_the_default_column_is_the_last_that_all_runs_reached(tmp_path):
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", seed=2, n_epochs=6)
    found, _ = cells(tmp_path)
    ((_, column),) = found
    assert column == "4000"


def test_rows_stand_in_the_order_of_their_labels_or_as_asked():
    found, _ = cells(JACO, "--metric=any_subgoal", "--label=qmp_dnc", "--label=dnc_sac")
    assert [label for label, _ in found] == ["qmp_dnc", "dnc_sac"]
    result = invoke("table", JACO, "--label=nothing")
    assert "no run is called nothing: there are dnc_reg, " in result.output


def test_any_column_of_the_table():
    levy = RESULTS / "levy_mt10"
    found, _ = cells(levy, "--column=Levy/<task>/SuccessRatio", "--at=300000")
    assert found["mtlevy", "300000"]["mean"] == pytest.approx(0.041, abs=5e-4)
    found, _ = cells(levy, "--column=AlphaTemperature/mean", "--area=500000")
    assert ("mtlevy", "area to 500000") in found
    result = invoke("table", levy, "--column=Nothing")
    assert (result.exit_code, "no run has a column Nothing" in result.output) == (1, True)


@pytest.mark.parametrize("written", ["text", "markdown", "latex", "csv", "json"])
def test_every_format_goes_into_a_file(tmp_path, written):
    out = tmp_path / "deep" / "table"
    words = ("table", RESULTS / "levy_mt10", f"--format={written}", "--at=300000")
    assert invoke(*words, "--out", out).exit_code == 0
    assert out.read_text() in invoke(*words).output
    assert "mtlevy_no_jumps" in out.read_text().replace("\\_", "_")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--metric=success", "--column=Epoch"), "give one"),
        (("--column=Epoch", "--who=mixture"), "--who belongs to --metric"),
        (("--window=5",), "START:END wanted"),
        (("--window=9:5",), "is empty"),
        (("--env=Nothing",), "no run of Nothing"),
        (("--resamples=100",), "2000"),
    ],
)
def test_what_cannot_be_asked_is_said(words, said):
    result = invoke("table", RESULTS / "levy_mt10", *words)
    assert result.exit_code in (1, 2)
    assert said in result.output


def test_a_method_without_a_mixture_is_left_out_and_said():
    words = ("--label=qmp_dnc", "--label=dnc_sac", "--who=mixture")
    found, notes = cells(JACO, *words)
    assert {label for label, _ in found} == {"qmp_dnc"}
    assert any(note.startswith("left out: dnc_sac with seed 1, 2, 3") for note in notes)


def test_two_labels_are_compared():
    result = invoke(
        *("compare", "qmp_dnc", "dnc_sac", JACO, "--metric=any_subgoal"),
        *("--window=470000:530000", "--format=json"),
    )
    content = json.loads(result.output)
    assert content["mean"]["value"] == pytest.approx(0.254, abs=5e-4)
    assert content["separated"]
    assert content["smallest_p"] == pytest.approx(0.1)


def test_two_folders_are_compared(tmp_path):
    for seed in range(3):
        make_run(tmp_path / "old" / str(seed), seed=seed, noise=0.1)
        make_run(tmp_path / "new" / str(seed), seed=seed, noise=0.2)
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    result = invoke("compare", old, new)
    assert result.exit_code == 0, result.output
    assert "Runs are not paired by their seeds." in result.output
    assert "hold the same run" in invoke("compare", old, f"{old}/0").output
    assert "to be compared with itself" in invoke("compare", old, old).output
    assert "is not there" in invoke("compare", old, "nothing").output
    assert "name two labels" in invoke("compare", JACO, new).output
    assert "one point" in invoke("compare", old, new, "--at=1", "--at=2").output


def test_damaged_runs_are_left_out_when_asked(tmp_path):
    make_run(tmp_path / "a")
    (make_run(tmp_path / "b", seed=2) / "config.json").write_text("{")
    assert str(tmp_path / "b") in invoke("table", tmp_path).output
    _, notes = cells(tmp_path, "--skip_damaged")
    assert any(str(tmp_path / "b") in note for note in notes)

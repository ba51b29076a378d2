"""A grid's claims: what they mean, and errors that name their line."""

import pytest

from learning.analysis.claims import DifferenceClaim, Look, ValueClaim
from learning.errors import ConfigError
from learning.sweeps.study import read_study

GRID = """\
envs = ["JacoReachMT5-v1"]
seeds = [1]
[[runs]]
method = "mtsac"
[[runs]]
method = "qmp_sac"
label = "QMP"

[[claims]]
text = "QMP is better (figure 1)."
better = "QMP"
worse = "mtsac"
margin = 0.05
[[claims]]
text = "QMP reaches 0.5 (text)."
label = "QMP"
env_steps = 500
"""
CSV = "label,env,env_steps,metric,value,source\nQMP,JacoReachMT5-v1,500,any_subgoal,0.5,there\n"


def study_of(tmp_path, text=GRID, csv=CSV):
    (tmp_path / "grid.toml").write_text(text)
    (tmp_path / "grid.csv").write_text(csv)
    return read_study(tmp_path / "grid.toml")


def test_claims_of_a_grid(tmp_path):
    first, second = study_of(tmp_path).claims
    # Without a word on it they are of the grid's task set and of its paper's metric.
    assert first == DifferenceClaim(
        text="QMP is better (figure 1).",
        better="QMP",
        worse="mtsac",
        env="JacoReachMT5-v1",
        metric="any_subgoal",
        look=Look(),
        margin=0.05,
    )
    assert second == ValueClaim(
        text="QMP reaches 0.5 (text).",
        label="QMP",
        env="JacoReachMT5-v1",
        metric="any_subgoal",
        env_steps=500,
        within=0.1,
    )
    text = GRID.replace("margin = 0.05", "window = [100, 200]\nmetric = 'return'")
    assert study_of(tmp_path, text).claims[0].look == Look(window=(100, 200))
    text = GRID.replace("margin = 0.05", "area = true\nenv_steps = 300")
    assert study_of(tmp_path, text).claims[0].look == Look(env_steps=300, area=True)
    of_return = CSV.replace("any_subgoal,0.5", "return,-40")
    assert study_of(tmp_path, csv=of_return).claims[1].within == 4


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("margin =", "margn =", 13, "'margn' is no key of a claim of a difference"),
        ('label = "QMP"\nenv', 'better = "QMP"\nenv', 14, "it has no worse"),
        ('better = "QMP"', 'better = "QPM"', 11, "better = 'QPM': allowed is a label of the grid"),
        ('worse = "mtsac"', 'worse = "QMP"', 12, "it is what `better` is"),
        ('worse = "mtsac"', "", 9, "it has no worse: allowed is a label of the grid, mtsac, QMP"),
        ('text = "QMP is better (figure 1)."', "", 9, "a claim has a text"),
        ("margin = 0.05", "margin = -1", 13, "margin = -1: allowed is a number from 0"),
        ("margin = 0.05", "env_steps = 0.5", 13, "env_steps = 0.5: allowed is an integer"),
        ("margin = 0.05", "env = 'Maze'", 13, "env = 'Maze': the grid has JacoReachMT5-v1"),
        ("margin = 0.05", "metric = 'luck'", 13, "metric = 'luck': allowed is one of success"),
        ("margin = 0.05", "window = [5, 5]", 13, "allowed is [START, END]"),
        ("margin = 0.05", "area = 1", 13, "area = 1: allowed is true or false"),
        ("margin = 0.05", "window = [1, 2]\narea = true", 13, "give the window alone"),
        ("env_steps = 500", "env_steps = 501", 17, "has no any_subgoal of 'QMP' on"),
        ("env_steps = 500", "", 16, "needs env_steps"),
        ("env_steps = 500", "env_steps = 500\nwindow = [1, 2]", 18, "is no key of a claim with a"),
    ],
)
def test_errors_name_the_file_and_the_line(tmp_path, old, new, line, message):
    assert GRID.count(old) == 1
    with pytest.raises(ConfigError) as caught:
        study_of(tmp_path, GRID.replace(old, new))
    assert str(caught.value).startswith(f"{tmp_path / 'grid.toml'}, line {line}: ")
    assert message in str(caught.value)


def test_claims_that_are_no_tables(tmp_path):
    with pytest.raises(ConfigError, match=r"line 1: claims: allowed are tables"):
        study_of(tmp_path, "claims = 3\n" + GRID.partition("[[claims]]")[0])


def test_several_task_sets_leave_open_which(tmp_path):
    text = GRID.replace('v1"]', 'v1", "MazeLarge-10-v0"]', 1)
    with pytest.raises(ConfigError, match="line 10: the grid has several task sets"):
        study_of(tmp_path, text)

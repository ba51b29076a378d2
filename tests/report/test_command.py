"""`run.py report`: its options, a sweep's state and a grid's labels."""

import json
import shutil

import click.testing

import run
from tests.plotting.make_runs import make_run
from tests.report.pages import two_methods

GRID = """
title = "A small grid"
envs = ["JacoReachMT5-v1"]
seeds = [1, 2]
[[runs]]
method = "dnc_sac"
label = "Separated"
"""


def invoke(*words):
    return click.testing.CliRunner().invoke(run.main, ["report", *map(str, words)])


def test_it_writes_a_page_and_says_how_large(tmp_path):
    out = tmp_path / "deep" / "page.html"
    done = invoke(two_methods(tmp_path / "runs"), "--out", out, "--title=Mine", "--at=2000")
    assert done.exit_code == 0, done.output
    assert done.output == f"{out} ({out.stat().st_size / 1e6:.1f} MB)\n"
    text = out.read_text()
    assert "<h1>Mine</h1>" in text
    assert '<th scope="col">2000</th></tr>' in text


def test_a_grid_gives_labels_and_the_papers_numbers(tmp_path):
    grid = tmp_path / "small.toml"
    grid.write_text(GRID)
    (tmp_path / "small.csv").write_text(
        "label,env,env_steps,metric,value,source\n"
        "Separated,JacoReachMT5-v1,2000,success,0.5,A paper\n"
    )
    for seed in (1, 2):
        folder = tmp_path / "elsewhere" / "dnc_sac" / "JacoReachMT5-v1"
        make_run(folder / f"run_{seed}", seed=seed)
    out = tmp_path / "page.html"
    done = invoke(grid, "--runs", tmp_path / "elsewhere", "--out", out)
    assert done.exit_code == 0, done.output
    text = out.read_text()
    assert "<h1>A small grid</h1>" in text
    for said in ("paper: Separated", "Separated (2 seeds)", "small.toml"):
        assert said in text
    shutil.rmtree(tmp_path / "elsewhere" / "dnc_sac")
    done = invoke(grid, "--runs", tmp_path / "elsewhere", "--out", out)
    assert done.exit_code == 1
    assert "none of the 2 runs of" in done.output


def test_the_state_of_a_sweep_is_read(tmp_path):
    folder = two_methods(tmp_path / "runs")
    state = folder / "sweeps" / "grid" / "state.json"
    state.parent.mkdir(parents=True)
    entry = {"name": "mtsac E run_5", "folder": "runs/mtsac/E/run_5", "status": "damaged"}
    state.write_text(json.dumps({"runs": [entry]}))
    assert invoke(folder, "--out", tmp_path / "page.html").exit_code == 0
    assert "mtsac E run_5: damaged" in (tmp_path / "page.html").read_text()


def test_only_some_methods(tmp_path):
    folder, out = two_methods(tmp_path / "runs"), tmp_path / "page.html"
    assert invoke(folder, "--label=qmp_dnc", "--out", out).exit_code == 0
    assert "3 runs of 1 method" in out.read_text()
    done = invoke(folder, "--label=other", "--out", out)
    assert "no run is called other: there are dnc_sac, qmp_dnc" in done.output


def test_what_cannot_be_asked_is_said(tmp_path):
    folder = make_run(tmp_path / "a")
    done = invoke(folder, "--metric=success", "--column=Epoch", "--out", tmp_path / "p.html")
    assert (done.exit_code, "give one" in done.output) == (2, True)
    done = invoke(folder, "--env=Nowhere", "--out", tmp_path / "p.html")
    assert (done.exit_code, "no run of Nowhere" in done.output) == (1, True)
    assert not (tmp_path / "p.html").exists()

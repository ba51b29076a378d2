"""Run folders become CSV files that say what they are: what is kept, and what is refused."""

import json
import pathlib

import click.testing
import numpy as np
import pytest

import run as command_line
from garage_experiments import resolve, resume, run_experiment
from learning.analysis.reading import read_runs
from learning.analysis.run_making import off_preset, without_folders
from learning.errors import RecordError
from learning.logging.record import read_versions
from learning.logging.run_description import read_description
from tests.plotting.make_runs import make_run

SMALL = {
    "n_epochs": 4,
    "batch_size": 50,
    "gradient_steps_per_itr": 5,
    "min_buffer_size": 10,
    "buffer_batch_size": 8,
    "hidden_sizes": (4,),
    "num_evaluation_episodes": 5,
    "evaluation_frequency": 2,
    "snapshot_frequency": 2,
    "torch_threads": 1,
}


def invoke(*words):
    return click.testing.CliRunner().invoke(command_line.main, list(map(str, words)))


def export(*words):
    result = invoke("export", *words)
    assert result.exit_code == 0, result.output
    return result


def refused(*words, code=1):
    result = invoke("export", *words)
    assert result.exit_code == code
    return result.output


def said(folder, label):
    return json.loads((folder / "runs.json").read_text())[label]


@pytest.fixture(scope="module")
def real_runs(tmp_path_factory):
    """Two seeds of a real, tiny QMP; the second was stopped after two epochs and resumed."""
    folder = tmp_path_factory.mktemp("real")
    for seed in (1, 2):
        config = resolve(
            *("qmp_dnc", "JacoReachMT5-v1"), seed=seed, log_dir=str(folder / str(seed)), **SMALL
        )
        stop = seed == 2
        run_experiment(config, on_epoch=lambda row, stop=stop: stop and row["Epoch"] == 1)
    resume(str(folder / "2"))
    return folder


def table_of(place):
    words = ("--metric=any_subgoal", "--at=150", "--at=210", "--format=json")
    result = invoke("table", place, *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_table_of_the_files_is_the_table_of_the_runs(real_runs, tmp_path):
    export(real_runs, "--out", tmp_path / "out")
    assert table_of(tmp_path / "out") == table_of(real_runs)
    for one, other in zip(
        read_runs([real_runs]).runs, read_runs([tmp_path / "out"]).runs, strict=True
    ):
        for key in ("label", "env", "seed", "method", "precision", "protocol", "tasks", "finished"):
            assert getattr(one, key) == getattr(other, key), key
        for name, values in other.columns.items():
            np.testing.assert_array_equal(values, one.columns[name])
        assert "Behaviour/0_1" in other.columns
        assert not any(name.startswith(("Time/", "QF/")) for name in other.columns)


def test_how_a_run_was_made_stands_beside_its_numbers(real_runs, tmp_path):
    export(real_runs, "--out", tmp_path / "out")
    seeds = said(tmp_path / "out", "qmp_dnc")["seeds"]
    versions = json.loads((real_runs / "1" / "versions.json").read_text())
    first = seeds["1"]
    assert first["finished"] is True
    assert first["revision"] == versions["git"]["revision"]
    assert first["changed_files"] == versions["git"]["dirty"]
    assert first["packages"]["torch"] == versions["packages"]["torch"]
    assert first["off_preset"] == {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in SMALL.items()
        if name not in ("snapshot_frequency", "torch_threads")
    }
    assert "resumed" not in first
    assert seeds["2"]["resumed"] == [{"after_epoch": 1}]
    text = (tmp_path / "out" / "runs.json").read_text()
    assert str(real_runs) not in text
    assert str(pathlib.Path.cwd()) not in text


def test_what_differs_from_the_preset_and_from_the_method(tmp_path):
    def differing(method, env="JacoReachMT5-v1", **options):
        (tmp_path / "config.json").write_text(resolve(method, env, **options).to_json())
        return off_preset(read_description(tmp_path))

    assert differing("mtsac", seed=7, name="x", torch_threads=1, log_dir="/secret") == {}
    assert differing("mtsac", lr=0.5, objective="pcgrad") == {"objective": "pcgrad", "lr": 0.5}
    assert differing("train", behaviour="qswitch", own_policy_floor=0.5) == {
        "behaviour": "qswitch",
        "own_policy_floor": 0.5,
    }
    assert differing("qmp_dnc", "MazeLarge-10-v0", sparse_tasks=True) == {"sparse_tasks": True}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/home/me/run.py qmp_dnc --log_dir=/data/x --lr=0.1", "python run.py qmp_dnc --lr=0.1"),
        ("run.py sac --log_dir /data/x --env Maze", "python run.py sac --env Maze"),
        ("run.py --plugin=/home/me/mine.py train", "python run.py --plugin=mine.py train"),
        ("run.py --plugin ~/mine.py train", "python run.py --plugin mine.py train"),
        ("/usr/bin/pytest -q tests", "pytest -q tests"),
    ],
)
def test_a_command_is_kept_without_folders(given, kept):
    assert without_folders(given) == kept


def test_versions_are_read_in_their_order(tmp_path):
    assert read_versions(make_run(tmp_path / "a")) == [{}]
    for epoch in (9, 10, -1):
        (tmp_path / "a" / f"versions_after_epoch_{epoch}.json").write_text('{"python": "3"}')
    assert [each.get("after_epoch") for each in read_versions(tmp_path / "a")] == [None, -1, 9, 10]
    (tmp_path / "a" / "versions.json").write_text("[")
    with pytest.raises(RecordError, match=r"versions\.json is damaged"):
        read_versions(tmp_path / "a")


def test_another_run_s_file_is_not_overwritten(tmp_path):
    out = tmp_path / "out"
    first = make_run(tmp_path / "a", noise=0.1)
    path = out / "dnc_sac_seed1.csv"
    assert export(first, "--out", out).stdout == f"written: {path}\n"
    assert export(first, "--out", out).stdout == f"unchanged: {path}\n"
    before = path.read_text(), (out / "runs.json").read_text()
    second = make_run(tmp_path / "b")
    third = make_run(tmp_path / "c", seed=2)
    output = refused(second, third, "--out", out)
    assert f"{path} is there already" in output
    assert "--replace" in output
    assert not (out / "dnc_sac_seed2.csv").exists()
    assert before == (path.read_text(), (out / "runs.json").read_text())
    assert export(second, "--out", out, "--replace").stdout == f"replaced: {path}\n"
    assert path.read_text() != before[0]


def test_a_label_takes_the_place_of_the_name(tmp_path):
    first = make_run(tmp_path / "a", method="mtsac")
    export(first, "--out", tmp_path / "out", "--label=long")
    (run,) = read_runs([tmp_path / "out"]).runs
    assert (run.label, run.method) == ("long", "mtsac")
    other = make_run(tmp_path / "b", method="sac")
    assert "would call them all alike" in refused(first, other, "--out", tmp_path, "--label=x")
    assert "without '/'" in refused(first, "--out", tmp_path, "--label=x/y")


def test_methods_of_one_name_get_files_of_their_own(tmp_path):
    for method in ("mtsac", "sac"):
        make_run(tmp_path / "runs" / method, method=method, name="demo")
    export(tmp_path / "runs", "--out", tmp_path / "out")
    labels = [run.label for run in read_runs([tmp_path / "out"]).runs]
    assert labels == ["mtsac_demo", "sac_demo"]
    make_run(tmp_path / "runs" / "third", name="mtsac_demo")
    assert "would both be" in refused(tmp_path / "runs", "--out", tmp_path / "new")


def change_config(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    return folder


def test_seeds_of_one_label_are_of_one_kind(tmp_path):
    out = tmp_path / "out"
    export(make_run(tmp_path / "a"), "--out", out)
    export(make_run(tmp_path / "b", seed=2), "--out", out)
    assert list(said(out, "dnc_sac")["seeds"]) == ["1", "2"]
    for number, changes in enumerate(({"lr": 0.5}, {"precision": "bf16"})):
        other = change_config(make_run(tmp_path / f"c{number}", seed=3), **changes)
        output = refused(other, "--out", out)
        assert f"{next(iter(changes))} is of one" in output
        assert "--label" in output
    other = make_run(tmp_path / "d", seed=3, protocol={"horizon": 7})
    assert "horizon is of one 200 and of another 7" in refused(other, "--out", out)
    assert list(said(out, "dnc_sac")["seeds"]) == ["1", "2"]
    # Together they are refused as well.
    both = (tmp_path / "b", tmp_path / "c0")
    assert "lr is of one the preset's and of another 0.5" in refused(
        *both, "--out", tmp_path / "new"
    )
    assert not (tmp_path / "new").exists()


def test_a_seed_of_before_lends_its_label_no_card(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    rows = "TotalEnvSteps,Evaluation/SuccessRate\n10,0.5\n"
    (out / "dnc_sac_seed1.csv").write_text(rows)
    output = refused(make_run(tmp_path / "a", seed=2), "--out", out)
    assert "is of one not known and of another" in output


def test_what_read_runs_refuses_is_refused(tmp_path):
    make_run(tmp_path / "a")
    make_run(tmp_path / "b")
    assert "must not count twice" in refused(tmp_path, "--out", tmp_path / "out")
    (tmp_path / "b" / "config.json").write_text("{")
    assert "no JSON" in refused(tmp_path, "--out", tmp_path / "out")
    result = export(tmp_path, "--out", tmp_path / "out", "--skip_damaged")
    assert f"{tmp_path / 'b'} is left out" in result.stderr
    assert "already" in refused(tmp_path / "out", "--out", tmp_path / "new")


def test_a_folder_is_of_one_task_set(tmp_path):
    make_run(tmp_path / "a")
    maze = make_run(tmp_path / "b", seed=2)
    (maze / "config.json").write_text(resolve("dnc_sac", "MazeLarge-10-v0", seed=2).to_json())
    output = refused(tmp_path, "--out", tmp_path / "out")
    assert "the runs are of JacoReachMT5-v1, MazeLarge-10-v0" in output
    export(tmp_path, "--out", tmp_path / "out", "--env=MazeLarge-10-v0")
    assert said(tmp_path / "out", "dnc_sac")["env"] == "MazeLarge-10-v0"


def test_a_run_of_a_plug_in_wants_it_named(tmp_path):
    folder = make_run(tmp_path / "a")
    change_config(folder, plugins=[{"name": "mine.py", "sha256": "0" * 64}], method="mine")
    told = refused(folder, "--out", tmp_path / "out", code=2)
    assert "python run.py --plugin mine.py export" in told

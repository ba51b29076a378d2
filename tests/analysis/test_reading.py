"""Which runs are read, under what names, and what is refused or said."""

import json
import shutil

import pytest

from learning.analysis.comparability import require_comparable
from learning.analysis.reading import read_runs
from learning.analysis.run_names import run_label
from learning.analysis.run_search import find_runs
from learning.config.resolving import resolve
from learning.errors import RecordError
from learning.logging.run_description import read_description
from tests.plotting.make_runs import make_run

HEADER = "Epoch,TotalEnvSteps,Evaluation/SuccessRate,Evaluation/a/SuccessRate\n"


def write_csv(folder, name, *values):
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{i},{100 * (i + 1)},{value},{value}\n" for i, value in enumerate(values)]
    (folder / name).write_text(HEADER + "".join(lines))


def change_config(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def labels(reading):
    return [(run.label, run.seed) for run in reading.runs]


def test_runs_are_found_in_folders_of_folders_and_once(tmp_path):
    first = make_run(tmp_path / "deep" / "mtsac" / "run_1", method="mtsac")
    second = make_run(tmp_path / "deep" / "dnc_sac" / "run_1")
    (first / "snapshots").mkdir()
    shutil.copy(first / "config.json", first / "snapshots")
    write_csv(tmp_path / "results", "qmp_dnc_seed2.csv", 0.5)
    (tmp_path / "results" / "summary.csv").write_text("no run\n")
    found = find_runs([tmp_path / "deep", first, tmp_path / "results"])
    assert set(found) == {first, second, tmp_path / "results" / "qmp_dnc_seed2.csv"}
    assert len(found) == 3


def test_a_place_without_a_run_is_an_error(tmp_path):
    with pytest.raises(RecordError, match="holds no run"):
        find_runs([tmp_path])
    with pytest.raises(RecordError, match="is not there"):
        find_runs([tmp_path / "nowhere"])
    (tmp_path / "a.csv").write_text("")
    with pytest.raises(RecordError, match=r"a\.csv is no run"):
        find_runs([tmp_path / "a.csv"])


def test_a_run_is_called_by_its_name_or_its_method(tmp_path):
    def label_of(method, **options):
        config = resolve(method, "JacoReachMT5-v1", **options)
        (tmp_path / "config.json").write_text(config.to_json())
        return run_label(read_description(tmp_path))

    assert label_of("dnc_sac") == "dnc_sac"
    assert label_of("dnc_sac", name="dnc_reg", kl_coeff=1e-3) == "dnc_reg"
    assert label_of("mtsac", objective="pcgrad") == "mtsac+pcgrad"
    # A method of a plug-in that is not loaded, and a config of before an axis was there.
    change_config(tmp_path, method="mine")
    assert run_label(read_description(tmp_path)) == "mine"
    config = json.loads(resolve("mtsac", "JacoReachMT5-v1").to_json())
    del config["state_encoder"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert run_label(read_description(tmp_path)) == "mtsac"


def test_methods_that_share_a_name_are_told_apart_and_it_is_said(tmp_path):
    make_run(tmp_path / "1", method="mtsac", name="long")
    make_run(tmp_path / "2", method="dnc_sac", name="long")
    reading = read_runs([tmp_path])
    assert labels(reading) == [("mtsac:long", 1), ("dnc_sac:long", 1)]
    assert any("several methods have runs called long" in note for note in reading.notes)


def test_a_seed_does_not_count_twice(tmp_path):
    first = make_run(tmp_path / "a")
    second = make_run(tmp_path / "b")
    with pytest.raises(RecordError, match="must not count twice") as raised:
        read_runs([tmp_path])
    assert str(first) in str(raised.value)
    assert str(second) in str(raised.value)
    change_config(second, lr=0.5)
    with pytest.raises(RecordError, match="They differ in lr"):
        read_runs([tmp_path])


def test_seeds_with_other_options_are_said(tmp_path):
    make_run(tmp_path / "a")
    change_config(make_run(tmp_path / "b", seed=2), lr=0.5, torch_threads=7)
    change_config(make_run(tmp_path / "c", seed=3), log_dir="elsewhere")
    notes = [note for note in read_runs([tmp_path]).notes if "differ" in note]
    assert notes == ["the seeds of dnc_sac on JacoReachMT5-v1 differ in more than their seed: lr"]


def test_a_run_that_has_not_ended_is_said_and_one_that_has_is_not(tmp_path):
    change_config(make_run(tmp_path / "a"), n_epochs=4)
    change_config(make_run(tmp_path / "b", seed=2), n_epochs=9)
    reading = read_runs([tmp_path])
    assert [run.finished for run in reading.runs] == [True, False]
    (note,) = [note for note in reading.notes if "has not ended" in note]
    assert note == f"{tmp_path / 'b'} has not ended: its last evaluation is at 4000 env steps"


def test_a_run_without_an_evaluation_is_left_out_and_said(tmp_path):
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", seed=2, n_epochs=1)
    (make_run(tmp_path / "c", seed=3) / "progress.csv").unlink()
    reading = read_runs([tmp_path])
    assert labels(reading) == [("dnc_sac", 1)]
    assert sum("is left out: it has no evaluation yet" in note for note in reading.notes) == 2
    with pytest.raises(RecordError, match="no run with an evaluation"):
        read_runs([tmp_path / "b"])


def line_of_words(folder):
    with (folder / "progress.csv").open("a") as file:
        file.write(",".join(["x"] * len(first_line(folder).split(","))) + "\n")


def short_line(folder):
    with (folder / "progress.csv").open("a") as file:
        file.write("1,2\n")


def first_line(folder):
    return (folder / "progress.csv").read_text().splitlines()[0]


def repeat_a_row(folder):
    text = (folder / "progress.csv").read_text()
    (folder / "progress.csv").write_text(text + text.splitlines()[-1] + "\n")


DAMAGES = {
    "a line of words": line_of_words,
    "a short line": short_line,
    "steps that do not grow": repeat_a_row,
    "no text": lambda folder: (folder / "progress.csv").write_bytes(b"\xff\xfe\n\xff\n"),
    "a broken config": lambda folder: (folder / "config.json").write_text("{"),
    "a foreign config": lambda folder: change_config(folder, config_version=99),
    "a broken card": lambda folder: (folder / "protocol.json").write_text("[]"),
    "no card": lambda folder: (folder / "protocol.json").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_is_an_error_that_names_it_or_is_left_out(tmp_path, damage):
    make_run(tmp_path / "whole")
    broken = make_run(tmp_path / "broken", seed=2)
    DAMAGES[damage](broken)
    with pytest.raises(RecordError, match=str(broken)):
        read_runs([tmp_path])
    reading = read_runs([tmp_path], on_damage="skip")
    assert labels(reading) == [("dnc_sac", 1)]
    assert any(note.startswith(f"{broken} is left out") for note in reading.notes)


def test_a_torn_last_line_is_no_damage(tmp_path):
    folder = make_run(tmp_path / "a")
    with (folder / "progress.csv").open("a") as file:
        file.write("5,60")
    assert len(read_runs([folder]).runs[0].columns["TotalEnvSteps"]) == 2


def test_what_a_csv_file_does_not_say_stands_beside_it(tmp_path):
    write_csv(tmp_path / "res", "mtsac_seed3.csv", 0.1, 0.2)
    (run,) = read_runs([tmp_path / "res"]).runs
    assert (run.env, run.label, run.seed, run.precision) == ("res", "mtsac", 3, None)
    said = {"mtsac": {"env": "Maze", "precision": "bf16", "protocol": {"horizon": 5}}}
    (tmp_path / "res" / "runs.json").write_text(json.dumps(said))
    (run,) = read_runs([tmp_path / "res"]).runs
    assert (run.env, run.precision, run.protocol) == ("Maze", "bf16", {"horizon": 5})
    (tmp_path / "res" / "runs.json").write_text('{"mtsac": {"envv": "Maze"}}')
    with pytest.raises(RecordError, match="allowed are"):
        read_runs([tmp_path / "res"])
    (tmp_path / "res" / "runs.json").write_text("[")
    with pytest.raises(RecordError, match=r"runs\.json is damaged"):
        read_runs([tmp_path / "res"])


def test_runs_of_other_protocols_or_precision_do_not_meet_unless_forced(tmp_path):
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", seed=2, protocol={"horizon": 150})
    change_config(make_run(tmp_path / "c", seed=3, method="mtsac"), precision="bf16")
    runs = read_runs([tmp_path]).runs
    with pytest.raises(RecordError) as raised:
        require_comparable(runs, force=False)
    assert "JacoReachMT5-v1: horizon: 200 | 150" in str(raised.value)
    assert "precision: float32 (dnc_sac) | bf16 (mtsac)" in str(raised.value)
    notes = require_comparable(runs, force=True)
    assert sum(note.startswith("FORCED together") for note in notes) == 2
    assert require_comparable(runs[:1], force=False) == []


def test_files_without_a_card_meet_in_one_folder_only(tmp_path):
    for folder in ("x", "y"):
        write_csv(tmp_path / folder / "same", f"{folder}_seed1.csv", 0.1)
        write_csv(tmp_path / folder / "same", f"{folder}_seed2.csv", 0.1)
    notes = require_comparable(read_runs([tmp_path / "x"]).runs, force=False)
    assert "they lie in one folder" in notes[0]
    assert notes[1] == "the precision of the runs is not known"
    with pytest.raises(RecordError, match="is not known"):
        require_comparable(read_runs([tmp_path]).runs, force=False)

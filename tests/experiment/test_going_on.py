"""A run goes on longer, or with other processes, threads or snapshots, and says so."""

import json

import pytest

import garage_experiments
from learning.config.resolving import resolve
from learning.errors import ConfigError
from tests.experiment.test_resume import final_state, table

SMALL = {
    "n_epochs": 2,
    "steps_per_epoch": 2,
    "batch_size": 50,
    "gradient_steps_per_itr": 10,
    "min_buffer_size": 20,
    "buffer_batch_size": 8,
    "hidden_sizes": (4,),
    "num_evaluation_episodes": 5,
    "evaluation_frequency": 2,
    "snapshot_frequency": 1,
    "n_workers": 0,
    "torch_threads": 1,
}


def train(run_dir, **options):
    config = resolve("qmp_dnc", "JacoReachMT5-v1", **(SMALL | options), log_dir=str(run_dir))
    return garage_experiments.run_experiment(config)


def test_a_finished_run_gets_longer(tmp_path):
    train(tmp_path / "whole", n_epochs=4)
    run_dir = tmp_path / "run"
    train(run_dir)
    for n_epochs, rest in ((3, {}), (4, {"n_workers": 2, "snapshot_frequency": 4})):
        result = garage_experiments.resume(run_dir, n_epochs=n_epochs, **rest)
        assert (result.ended, result.last_row["Epoch"]) == ("finished", n_epochs - 1)
    rows, whole = table(run_dir / "progress.csv"), table(tmp_path / "whole/progress.csv")
    # The third epoch was the last one once, and was evaluated.
    evaluated = {name for name in rows[2] if name.startswith("Evaluation")}
    assert all(float(rows[2][name]) == float(rows[2][name]) for name in evaluated)
    for row in (rows[2], whole[2]):
        for name in evaluated:
            del row[name]
    assert rows == whole
    (name, ours), (_, theirs) = final_state(run_dir), final_state(tmp_path / "whole")
    assert name == "epoch_000003"
    assert all((ours[key] == theirs[key]).all() for key in theirs)
    versions = json.loads((run_dir / "versions_after_epoch_2.json").read_text())
    assert versions["changed_options"] == {
        "n_epochs": [3, 4],
        "n_workers": [0, 2],
        "snapshot_frequency": [1, 4],
    }
    config = json.loads((run_dir / "config.json").read_text())
    assert (config["n_epochs"], config["n_workers"]) == (4, 2)
    assert garage_experiments.resume(run_dir).ended == "had finished"


@pytest.mark.parametrize(
    ("options", "changed", "why"),
    [
        ({}, {"n_epochs": 1}, "can only get longer"),
        ({}, {"lr": 0.1}, "lr cannot change in a run: allowed are n_epochs, gpu"),
        ({}, {"n_workers": 6}, "at most the number of tasks, 5"),
        ({}, {"torch_threads": 0}, "from 1 to 1024"),
        ({}, {"gpu": 300}, "this torch sees"),
        ({"resets": 1}, {"n_epochs": 4}, "equal distances of the whole run"),
    ],
)
def test_what_may_not_change(tmp_path, options, changed, why):
    train(tmp_path / "run", **options)
    before = {path: path.read_bytes() for path in (tmp_path / "run").rglob("*.json")}
    with pytest.raises(ConfigError, match=why):
        garage_experiments.resume(tmp_path / "run", **changed)
    assert {path: path.read_bytes() for path in (tmp_path / "run").rglob("*.json")} == before

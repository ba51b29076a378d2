"""Every grid in experiments/ resolves, its paper's numbers too, and its words say the same."""

import pathlib
import shlex

import click.testing
import pytest

import run as command_line
from learning.command_line.training import TrainingCommand
from learning.config.methods import METHODS
from learning.sweeps.grid_file import read_grid
from learning.sweeps.grid_runs import grid_runs
from learning.sweeps.study import read_study

EXPERIMENTS = pathlib.Path(__file__).parents[2] / "experiments"
GRIDS = sorted(EXPERIMENTS.glob("*.toml"))


def of_command_line(words):
    """The config that a command line resolves to."""
    configs = []
    method, *others = words
    command = TrainingCommand(
        METHODS[method], train=lambda config, stop_after: configs.append(config)
    )
    command.main(others, standalone_mode=False)
    return configs[0]


@pytest.mark.parametrize("path", GRIDS, ids=lambda path: path.stem)
def test_a_grid_resolves_to_what_its_commands_do(path):
    study = read_study(path)
    runs = study.runs
    assert runs == grid_runs(read_grid(path))
    for run in runs:
        if run.config.seed == 1:
            assert of_command_line(run.words) == run.config
    assert study.claims or not path.with_suffix(".csv").exists()
    assert len({claim.text for claim in study.claims}) == len(study.claims)
    for number in study.papers:
        (steps,) = {
            run.env_steps(run.config.n_epochs)
            for run in runs
            if (run.label, run.config.env, run.config.seed) == (number.label, number.env, 1)
        }
        # Within the run, but for the steps by which its first collection is shorter.
        assert number.env_steps <= 1.01 * steps


def test_grids_that_share_a_folder_agree_about_it():
    configs = {}
    for path in GRIDS:
        for run in grid_runs(read_grid(path)):
            assert configs.setdefault(run.folder, run.config) == run.config, (path, run.name)


def test_every_csv_has_its_grid():
    assert {path.stem for path in EXPERIMENTS.glob("*.csv")} <= {path.stem for path in GRIDS}


def test_a_dry_run_lists_the_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = EXPERIMENTS / "jaco-reference-schedule.toml"
    runner = click.testing.CliRunner()
    shown = runner.invoke(command_line.main, ["sweep", str(grid), "--dry_run"])
    printed = runner.invoke(command_line.main, ["sweep", str(grid), "--print_commands"])
    assert not list(tmp_path.iterdir())
    assert shown.exit_code == 0, shown.output
    assert "mtsac JacoReachMT5-v1 reference_schedule_3    missing           591" in shown.output
    commands = [shlex.split(line) for line in printed.output.splitlines()]
    assert [words[:3] for words in commands[:3]] == [["python", "run.py", "mtsac"]] * 3
    assert of_command_line(commands[0][2:]) == grid_runs(read_grid(grid))[0].config

"""A grid's seeds and the share of its env steps."""

import pytest

from learning.errors import ConfigError
from learning.sweeps.commands import run_command
from learning.sweeps.cut import with_budget, with_seeds
from learning.sweeps.folder_state import folder_state
from learning.sweeps.forecast import forecast
from learning.sweeps.grid_file import read_grid
from learning.sweeps.grid_runs import grid_runs
from tests.sweeps.test_folder_state import record

GRID = """
envs = ["JacoReachMT5-v1"]
seeds = [3, 1]

[options]
n_epochs = 100
evaluation_frequency = 8
steps_per_epoch = 2
batch_size = 500
min_buffer_size = 1000

[[runs]]
method = "mtsac"

[[runs]]
method = "qmp_sac"
seeds = [7]
"""


@pytest.fixture
def grid(tmp_path):
    (tmp_path / "grid.toml").write_text(GRID)
    return read_grid(tmp_path / "grid.toml")


@pytest.mark.parametrize(
    ("number", "seeds"),
    [(1, [(3,), (7,)]), (2, [(3, 1), (7, 8)]), (4, [(3, 1, 4, 5), (7, 8, 9, 10)])],
)
def test_the_first_seeds_and_then_those_after_the_greatest(grid, number, seeds):
    assert [entry.seeds for entry in with_seeds(grid, number).entries] == seeds


@pytest.mark.parametrize(
    ("share", "epochs"),
    [
        # 5000 steps first, then 199 * 500: 104500 in all. After e epochs: 4500 + 1000 e.
        (1.0, 100),
        (0.5, 48),  # 52250: 48 epochs have 52500
        (52500 / 104500, 48),
        (52501 / 104500, 56),
        (0.001, 8),  # the first evaluation
        (0.99, 100),  # the last evaluation but one is after 96
    ],
)
def test_a_budget_ends_at_the_first_evaluation_that_has_it(grid, share, epochs):
    runs = with_budget(grid_runs(grid), share)
    assert {run.until for run in runs} == {epochs}
    assert {run.config.n_epochs for run in runs} == {100}
    assert forecast(runs)[0].env_steps == 4500 + 1000 * epochs


def test_a_run_that_is_to_end_early_is_told_so(grid):
    whole = grid_runs(grid)[0]
    (part, *_) = with_budget([whole], 0.5)
    begin = run_command(["-p"], part, begun=False, earlier=False)
    assert begin == [*run_command(["-p"], whole, begun=False, earlier=False), "--stop_after=48"]
    resume = run_command([], part, begun=True, earlier=False)
    assert resume == ["resume", str(part.folder), "--stop_after=48"]


@pytest.mark.parametrize("wrong", [0.0, -1.0, 1.5, float("nan")])
def test_no_share_and_no_seeds(grid, wrong):
    with pytest.raises(ConfigError, match="allowed is a share"):
        with_budget(grid_runs(grid), wrong)
    with pytest.raises(ConfigError, match="allowed is an integer from 1"):
        with_seeds(grid, 0)


@pytest.mark.parametrize(
    ("rows", "snapshots", "wanted", "status"),
    [
        (2, (1,), 2, "done"),
        (3, (1,), 2, "done"),  # it is on its way to more
        (2, (0,), 2, "interrupted"),
        (1, (1,), 2, "interrupted"),  # a table that has lost rows
        (4, (3,), 2, "done"),
        (4, (3,), 9, "done"),  # more than it has
        (2, (1,), None, "interrupted"),
    ],
)
def test_a_run_that_has_what_is_wanted_is_done(tmp_path, rows, snapshots, wanted, status):
    folder = record(tmp_path / "run", rows=rows, snapshots=snapshots)
    assert folder_state(folder, wanted).status == status

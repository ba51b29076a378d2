"""The documentation names every option and every column."""

import pathlib

import pytest

import environments
from learning.config.experiment_config import field_kinds
from learning.config.methods import AXES, METHODS
from learning.config.presets import TASK_SETS
from learning.logging import columns

DOCS = pathlib.Path(__file__).parents[1] / "docs"


def test_every_option_is_explained():
    text = (DOCS / "options.md").read_text()
    options = set(field_kinds()) - {"method", *AXES}
    assert [name for name in sorted(options) if f"`--{name}`" not in text] == []


def test_every_option_of_a_task_set_is_explained():
    text = (DOCS / "options.md").read_text()
    for env in TASK_SETS:
        options = environments.task_set_options(env)
        assert [name for name in options if f"`--{name}`" not in text] == []


@pytest.mark.parametrize("env", TASK_SETS)
def test_every_task_set_has_its_row_with_its_numbers(env):
    rows = (DOCS / "environments" / "README.md").read_text().splitlines()
    (row,) = [row for row in rows if row.startswith(f"| `{env}`")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    task_set = environments.make_task_set(env)
    if env != "MetaWorldCustom-v2":
        assert cells[1] == str(task_set.n_tasks)
    assert cells[2] == str(task_set.observation_space.shape[0])
    assert cells[3] == str(task_set.action_space.shape[0])
    assert cells[4].split()[0] == str(task_set.max_episode_steps)
    assert (cells[7] == "yes") == task_set.relabels


def test_every_shared_column_is_explained():
    text = (DOCS / "record.md").read_text()
    names = [columns.EPOCH, columns.TOTAL_ENV_STEPS]
    names += [
        columns.column(columns.OWN, measure)
        for measure in (columns.SUCCESS_RATE, columns.ANY_SUBGOAL_RATE, columns.AVERAGE_RETURN)
    ]
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_its_page_with_a_command(method):
    text = (DOCS / "methods" / f"{method}.md").read_text()
    assert any(f"python run.py {method} --env={env}" in text for env in TASK_SETS)
    assert "## Differences" in text

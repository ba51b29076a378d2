"""The documentation names every option and every column."""

import pathlib
import re

import pytest

import environments
import garage_experiments
from learning.command_line import options_page
from learning.config.bases import base_preset
from learning.config.members import all_options
from learning.config.methods import METHODS
from learning.config.resolving import resolve
from learning.config.task_set_presets import TASK_SETS

DOCS = pathlib.Path(__file__).parents[1] / "docs"


SMALL = {
    "n_epochs": 1,
    "steps_per_epoch": 1,
    "batch_size": 50,
    "gradient_steps_per_itr": 5,
    "min_buffer_size": 10,
    "buffer_batch_size": 8,
    "hidden_sizes": (4,),
    "num_evaluation_episodes": 5,
    "torch_threads": 1,
}
RUNS = (
    {"behaviour": "qswitch", "data": "cds", "relabel": "true_reward"},
    {"behaviour": "levy", "policy_architecture": "multihead", "objective": "pcgrad"},
    {
        "policy_architecture": "paco",
        "q_architecture": "paco",
        "paco_reset_loss": 3e3,
        "return_scale": "brc",
    },
)
"""Members that between them write every column there is."""


def test_the_options_page_is_what_the_code_says():
    assert (DOCS / "options.md").read_text() == options_page.text()


def test_the_options_page_has_every_option_once():
    text = (DOCS / "options.md").read_text()
    names = [*all_options(), "env", "base", "match_parameters", "stop_after", "dry_run"]
    names.append("updates_per_vector_step")
    for env in TASK_SETS:
        names += environments.task_set_options(env)
    for name in dict.fromkeys(names):
        assert text.count(f"| `--{name}` |") == 1, name


def written_columns(tmp_path):
    """The columns of some runs, tasks and their numbers made general."""
    task_names = environments.make_task_set("JacoReachMT5-v1").task_names
    columns = set()
    for number, members in enumerate(RUNS):
        config = resolve(
            "train", "JacoReachMT5-v1", log_dir=str(tmp_path / str(number)), **SMALL, **members
        )
        columns |= set(garage_experiments.run_experiment(config).last_row)
    general = set()
    for column in columns:
        parts = ["<task>" if part in task_names else part for part in column.split("/")]
        general.add(re.sub(r"^Behaviour/\d+_\d+$", "Behaviour/<i>_<j>", "/".join(parts)))
    return general


def explained_columns():
    """The columns that docs/record.md has a row for; `/X` stands for the last one's sibling."""
    table = (DOCS / "record.md").read_text().split("## Columns of progress.csv")[1]
    columns = set()
    for row in table.splitlines():
        if not row.startswith("| `"):
            continue
        last = ""
        for name in re.findall(r"`([^`]+)`", row.split("|")[1]):
            last = last.rpartition("/")[0] + name if name.startswith("/") else name
            columns.add(last)
    return columns


def test_every_column_is_explained_and_no_other(tmp_path):
    assert explained_columns() == written_columns(tmp_path)


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


def test_the_page_of_the_strong_base_has_all_that_it_sets_and_every_method():
    text = (DOCS / "base.md").read_text()
    for schedule in ("shared", "per_task"):
        for option in base_preset("strong", {}, schedule):
            assert f"`--{option}`" in text, option
    for method in METHODS:
        assert f"`{method}`" in text, method


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_its_page_with_a_command(method):
    text = (DOCS / "methods" / f"{method}.md").read_text()
    assert any(f"python run.py {method} --env={env}" in text for env in TASK_SETS)
    assert "## Differences" in text

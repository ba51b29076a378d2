"""Numbers by task name: mtrl's JSON files, and what is wrong with one."""

import json

import click.testing
import numpy as np
import pytest

import run as command_line
from environments import make_task_set
from learning.config.experiment_config import ExperimentConfig
from learning.config.named_tables import rows_by_name
from learning.config.resolving import resolve
from learning.errors import ConfigError
from learning.experiment.networks import build_critic_network, build_policy_network

NAMES = ("reach", "push", "door-open")
ENV = {"tasks": "reach,push,door-open"}
TABLE = {"door-open-v1": [7, 8.5], "reach-v1": [1, 2], "extra-v1": [0], "push-v1": [3.0, 4]}
NUMBERS = (1.0, 2.0, 3.0, 4.0, 7.0, 8.5)


def written(tmp_path, content):
    path = tmp_path / "embeddings.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_rows_come_in_the_order_of_the_tasks_whatever_the_versions(tmp_path):
    path = written(tmp_path, TABLE)
    for given in (path, str(path), TABLE, {name: np.array(row) for name, row in TABLE.items()}):
        assert rows_by_name("care_embeddings", given, NAMES) == NUMBERS
    assert rows_by_name("x", TABLE, ("push-v3", "reach-v2")) == (3.0, 4.0, 1.0, 2.0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"reach-v1": [1], "push-v1": [2]}, "task 'door-open' wanted, and there is nothing"),
        (TABLE | {"push-v2": [3, 4]}, "task 'push' wanted, and there is both push-v1 and push-v2"),
        (TABLE | {"push-v1": [3]}, "task 'push' has 1 numbers and 'reach' has 2"),
        (TABLE | {"push-v1": []}, "task 'push': allowed is a list of one or more numbers"),
        (TABLE | {"push-v1": 3}, "task 'push': allowed is a list of one or more numbers"),
        (TABLE | {"push-v1": [3, "4"]}, "task 'push' has '4': allowed are finite numbers"),
        (TABLE | {"push-v1": [3, True]}, "task 'push' has True: allowed are finite numbers"),
        (TABLE | {"push-v1": [3, float("nan")]}, "task 'push' has nan: allowed are finite"),
        (TABLE | {"push-v1": [3, float("inf")]}, "task 'push' has inf: allowed are finite"),
        ('{"push-v1": [1], "push-v1": [2]}', "task 'push-v1' is there twice"),
        ("{", "no JSON file of task names and numbers"),
        ("[1, 2]", "allowed is a mapping from task names to lists of numbers"),
    ],
)
def test_errors_name_the_file_and_the_task(tmp_path, content, message):
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as error:
        resolve("care", "MetaWorldCustom-v2", care_embeddings=path, **ENV)
    assert str(error.value).startswith(f"care_embeddings = {path}")
    assert message in str(error.value)


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.json: no JSON file"):
        resolve("care", "MetaWorldCustom-v2", care_embeddings=tmp_path / "nowhere.json", **ENV)


@pytest.mark.parametrize("given", ["file", "mapping", "numbers"])
def test_the_config_holds_the_numbers_and_needs_no_file(tmp_path, given):
    path = written(tmp_path, TABLE)
    choices = {"file": path, "mapping": TABLE, "numbers": NUMBERS}
    config = resolve("care", "MetaWorldCustom-v2", care_embeddings=choices[given], **ENV)
    path.unlink()
    assert config.care_embeddings == NUMBERS
    read = ExperimentConfig.from_json(config.to_json())
    assert read == config
    task_set = make_task_set("MetaWorldCustom-v2", **ENV)
    for build in (build_policy_network, build_critic_network):
        embedding = build(read, task_set).encoder.context.embedding
        np.testing.assert_array_equal(embedding, np.reshape(NUMBERS, (3, 2)))


def test_the_command_line_takes_a_file_and_says_what_is_wrong(tmp_path):
    def call(path):
        words = ["care", "--env=MetaWorldCustom-v2", "--tasks=reach,push,door-open"]
        words += [f"--care_embeddings={path}", "--dry_run"]
        return click.testing.CliRunner().invoke(command_line.main, words)

    shown = call(written(tmp_path, TABLE))
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["care_embeddings"]["value"] == list(NUMBERS)
    refused = call(written(tmp_path, TABLE | {"push-v1": [3]}))
    assert refused.exit_code == 2
    assert "task 'push' has 1 numbers" in " ".join(refused.output.split())
    assert json.loads(call("none").stdout)["care_embeddings"]["value"] is None


def test_each_task_set_has_a_context_that_it_can_give():
    assert resolve("care", "MetaWorldMT10-v2").care_context == "task_set"
    for env in ("JacoReachMT5-v1", "MazeLarge-10-v0", "Walker2dMT4-v0", "KitchenMTEasy-v0"):
        assert resolve("care", env).care_context == "learned"
    asked = resolve("care", "JacoReachMT5-v1", care_context="task_set")
    with pytest.raises(ConfigError, match="choose learned or one_hot, or give --care_embeddings"):
        build_policy_network(asked, make_task_set("JacoReachMT5-v1"))
    wrong = (1.0, 2.0, 3.0, 4.0)
    with pytest.raises(ConfigError, match="care_embeddings: 4 numbers; allowed are 5 x d"):
        resolve("care", "JacoReachMT5-v1", care_embeddings=wrong)

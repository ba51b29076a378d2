"""The config: what it admits, what its errors say, and that its JSON form loses nothing."""

import copy
import dataclasses
import json
import pickle
import re

import pytest

from learning.config.experiment_config import CONFIG_VERSION, ExperimentConfig
from learning.config.members import options_read
from learning.config.methods import AXES
from learning.config.resolving import resolve
from learning.errors import ConfigError


@pytest.fixture
def config():
    return resolve("qmp_dnc", "MetaWorldMT10-v2", seed=3, env_options={"reward_version": "v1"})


def test_json_form_gives_the_same_config(config):
    assert ExperimentConfig.from_json(config.to_json()) == config
    assert json.loads(config.to_json())["config_version"] == CONFIG_VERSION


def changed(config, **values):
    """The config with other fields, members or options; an option that nothing read joins."""
    fields = {name: values.pop(name) for name in ("env", "env_options") if name in values}
    members = {axis: values.pop(axis, config.members[axis]) for axis in AXES}
    resolved = resolve("train", config.env, env_options=dict(config.env_options), **members)
    merged = {name: config.values.get(name, value) for name, value in resolved.values.items()}
    return dataclasses.replace(config, members=members, values=merged | values, **fields)


def test_members_and_options_are_attributes_too(config):
    assert (config.behaviour, config.data, config.lr) == ("qswitch", "own", 1.5e-3)
    assert config.label == "qmp_dnc"
    assert copy.deepcopy(config) == pickle.loads(pickle.dumps(config)) == config
    with pytest.raises(AttributeError, match="the config has no 'levy_cap'"):
        _ = config.levy_cap


def test_is_frozen_and_takes_keywords_only(config):
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.seed = 4
    with pytest.raises(TypeError):
        ExperimentConfig("qmp_dnc")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("lr", 0.0, "lr = 0.0: allowed is a number, above 0"),
        ("lr", float("nan"), "lr = nan: allowed is a number, above 0"),
        ("lr", "fast", "lr = 'fast': allowed is a number, above 0"),
        ("discount", 1.01, "discount = 1.01: allowed is a number from 0 to 1"),
        ("n_epochs", 0, "n_epochs = 0: allowed is an integer, at least 1"),
        ("n_epochs", True, "n_epochs = True: allowed is an integer, at least 1"),
        ("n_epochs", 2.0, "n_epochs = 2.0: allowed is an integer, at least 1"),
        ("hidden_sizes", (), "hidden_sizes = (): allowed is one or more integers, each at least 1"),
        ("hidden_sizes", (64, 0), "allowed is one or more integers, each at least 1"),
        ("gpu", -1, "gpu = -1: allowed is an integer, at least 0 (or none)"),
        (
            "qswitch_score",
            "max",
            "qswitch_score = 'max': allowed is one of mean_q1, sampled_min, mean_min",
        ),
        ("name", "a/b", "name = 'a/b': allowed is a name without '/'"),
        ("name", " ", "name = ' ': must not be empty"),
        ("min_buffer_size", 1_000_001, "allowed is at most replay_buffer_size = 1000000"),
        ("env_options", (("b", 1), ("a", 1)), "allowed is each name once, sorted"),
        ("env_options", {"a": 1}, "allowed are (name, value) pairs"),
        ("target_update_tau", 0.0, "allowed is a number, above 0 and at most 1"),
        ("actor_steps", 257, "actor_steps = 257: allowed is at most buffer_batch_size = 256"),
        ("policy_architecture", "shared", "all tasks have one policy, so there is none to choose"),
        ("objective", "pcgrad", "share no parameters, so no gradients can conflict"),
    ],
)
def test_names_option_value_and_what_is_allowed(config, field, value, message):
    with pytest.raises(ConfigError) as error:
        changed(config, **{field: value})
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"behaviour": "levy"}, "behaviour = 'levy' with policy_architecture = 'shared'"),
        ({"behaviour": "own", "objective": "dnc"}, "all tasks have one policy already"),
        (
            {"policy_architecture": "multihead", "objective": "dnc", "distillation_period": 3},
            "distillation_period = 3: a distillation sets every policy to one centroid",
        ),
    ],
)
def test_one_policy_for_all_leaves_some_members_nothing_to_do(config, members, message):
    with pytest.raises(ConfigError) as error:
        resolve("train", config.env, **{"policy_architecture": "shared", **members})
    assert message in str(error.value)


def test_jumps_of_one_own_policy_are_allowed(config):
    members = {"policy_architecture": "shared", "behaviour": "levy", "levy_sharing": "own"}
    assert resolve("train", config.env, **members).behaviour == "levy"


def test_tables_of_numbers_survive_the_json_form():
    order = tuple(
        float(task) for row in range(10) for task in [row, *range(row), *range(row + 1, 10)]
    )
    config = resolve("mtlevy", "MetaWorldMT10-v2", neighbor_order=order)
    assert config.neighbor_order == order
    assert ExperimentConfig.from_json(config.to_json()) == config


def test_optional_and_widened_values_are_admitted(config):
    assert config.replace(target_entropy=None).target_entropy is None
    assert config.replace(target_entropy=-4).target_entropy == -4
    assert config.replace(gpu=0).gpu == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lrr": 1}, "options that nothing reads: lrr"),
        ({"levy_cap": 0.1}, "options that nothing reads: levy_cap"),
        ({"behaviour": "magic"}, "behaviour = 'magic': allowed is one of own, qswitch"),
        ({"plugins": [1]}, "plugins = [1]"),
        ({"lr": None}, "lr = None: allowed is a number, above 0"),
        ({"hidden_sizes": 64}, "hidden_sizes = 64"),
        ({"env_options": []}, "env_options = []: allowed is an object"),
        (
            {"config_version": 1},
            "config_version 1 and this program reads version 2 and 3 and 4 and 5",
        ),
    ],
)
def test_reading_is_strict(config, change, message):
    values = json.loads(config.to_json()) | change
    with pytest.raises(ConfigError, match=message.replace("[", r"\[").replace("]", r"\]")):
        ExperimentConfig.from_json(json.dumps(values))


def test_reading_names_missing_keys(config):
    values = json.loads(config.to_json())
    del values["lr"], values["seed"]
    with pytest.raises(ConfigError, match="lacks keys: lr, seed"):
        ExperimentConfig.from_json(json.dumps(values))


@pytest.mark.parametrize("text", ["{", "[]", "{}", "3"])
def test_reading_refuses_what_is_no_config(text):
    with pytest.raises(ConfigError, match="the config is no JSON"):
        ExperimentConfig.from_json(text)


@pytest.mark.parametrize("version", [2, 3, CONFIG_VERSION])
@pytest.mark.parametrize("env", ["MetaWorldMT10-v2", "MetaWorldCDS-v1", "JacoReachMT5-v1"])
def test_a_record_without_the_goals_of_evaluation_has_those_of_before(env, version):
    config = resolve("dnc_sac", env)
    values = json.loads(config.to_json()) | {"config_version": version}
    options = dict(config.env_options)
    if env != "JacoReachMT5-v1":
        assert options.pop("evaluation_goals") == "held_out"
        del values["env_options"]["evaluation_goals"]
        options["evaluation_goals"] = "train_at_random"
    read = ExperimentConfig.from_json(json.dumps(values))
    assert dict(read.env_options) == options
    assert ExperimentConfig.from_json(read.to_json()) == read


def test_reading_version_2_leaves_out_what_nothing_read(config):
    values = json.loads(config.to_json()) | {"config_version": 2, "levy_cap": 0.1, "hold": "action"}
    # Version 2 knew neither plug-ins nor these options, and did what their defaults say.
    for name in ("plugins", "log_std_bound", "temperature_loss", "task_weights"):
        del values[name]
    read = ExperimentConfig.from_json(json.dumps(values))
    assert (read.version, read.values) == (2, config.values)
    with pytest.raises(ConfigError, match="options that nothing reads: lrr"):
        ExperimentConfig.from_json(json.dumps(values | {"lrr": 1}))


def test_records_from_before_an_axis_have_what_was_done_then(config):
    values = json.loads(config.to_json())
    assert values.pop("state_encoder") == "none"
    read = ExperimentConfig.from_json(json.dumps(values | {"config_version": 3}))
    assert (read.version, read.members, read.values) == (3, config.members, config.values)
    assert read.label == "qmp_dnc"
    with pytest.raises(ConfigError, match="lacks keys: state_encoder"):
        ExperimentConfig.from_json(json.dumps(values))


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("dnc_sac", {"critic_width": 64}, "nothing would read it with critic = 'plain'"),
        ("dnc_sac", {"actor_width": 64}, "nothing would read it without actor_blocks"),
        (
            "dnc_sac",
            {"critic": "categorical", "q_output": "sigmoid"},
            "the atoms bound a categorical critic already",
        ),
        (
            "paco",
            {"critic": "normalized"},
            "critic = 'normalized' with q_architecture = 'paco': residual blocks with layer "
            "normalisation are layers of separate, shared, multihead; choose",
        ),
        ("decaf", {"critic": "categorical"}, "critic = 'categorical' with q_architecture = 'deca"),
        ("moore", {"actor_blocks": 1}, "actor_blocks = 1 with policy_architecture = 'moore'"),
    ],
)
def test_networks_with_blocks_that_cannot_be_are_refused(method, options, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        resolve(method, "JacoReachMT5-v1", **options)


def test_records_from_before_these_networks_have_the_plain_ones(config):
    values = json.loads(config.to_json())
    since = [name for name, each in options_read(config.members).items() if each.new_in == 5]
    assert {"critic", "critic_width", "actor_blocks", "log_std_min"} <= set(since)
    for name in since:
        del values[name]
    read = ExperimentConfig.from_json(json.dumps(values | {"config_version": 4}))
    assert (read.version, read.values) == (4, config.values)
    with pytest.raises(ConfigError, match="the config lacks keys"):
        ExperimentConfig.from_json(json.dumps(values))

"""The strong base has BRC's numbers under any method that has a place for its networks."""

import json

import pytest

from learning.config.methods import METHODS
from learning.config.resolving import resolve, resolve_with_sources
from learning.errors import ConfigError
from learning.experiment.matching import resolve as resolve_matched

JACO, MT10, MT50 = "JacoReachMT5-v1", "MetaWorldMT10-v2", "MetaWorldMT50-v2"
BRC = {
    "critic": "categorical",
    "critic_blocks": 2,
    "critic_atoms": 101,
    "return_bound": 10.0,
    "actor_blocks": 1,
    "actor_width": 256,
    "log_std_min": -10.0,
    "lr": 3e-4,
    "alpha_lr": 3e-4,
    "alpha_beta1": 0.5,
    "initial_alpha": 0.1,
    "target_entropy_factor": 0.5,
    "target_update_tau": 0.005,
    "discount": 0.99,
    "return_scale": "brc",
    "uniform_steps": 5000,
    "min_buffer_size": 5000,
}
WITHOUT_BLOCKS = {"decaf", "paco", "moore", "ptsl", "softmod", "care_ptsl"}


@pytest.mark.parametrize("env", [JACO, MT10, MT50])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_brcs_numbers_or_says_why_not(method, env):
    if method in WITHOUT_BLOCKS:
        with pytest.raises(ConfigError, match="choose one of these, or --"):
            resolve(method, env, base="strong")
        return
    if "mcal" in method and env == MT50:
        with pytest.raises(ConfigError, match="actor_steps = 50: allowed is at most"):
            resolve(method, env, base="strong")
        return
    resolved = resolve_with_sources(method, env, base="strong")
    config = resolved.config
    assert {name: getattr(config, name) for name in BRC} == BRC
    assert all(resolved.sources[name].startswith("base strong: BRC") for name in BRC)
    assert config.critic_width == 512
    assert resolved.sources["critic_width"] == (
        "base strong, on a CPU: chosen by us (BRC reference code: 4096)"
    )
    # Two updates for a step of every task's environment, of 1024 transitions together.
    assert resolved.schedule.n_updates == 2 * config.batch_size // resolved.n_tasks
    total = resolved.schedule.n_transitions
    assert 1024 - resolved.n_tasks < total <= 1024
    assert "base" not in json.loads(config.to_json())


def test_on_a_gpu_the_critics_are_brcs():
    resolved = resolve_with_sources("mtsac", JACO, base="strong", gpu=0)
    assert resolved.config.critic_width == 4096
    assert resolved.sources["critic_width"] == "base strong: BRC reference code"


def test_one_network_is_told_the_task_where_the_method_leaves_that_open():
    for method in ("sac", "mtsac", "qmp_sac", "mtlevy"):
        resolved = resolve_with_sources(method, JACO, base="strong")
        assert resolved.config.state_encoder == "task_embedding"
        assert resolved.config.task_embedding_size == 32
        assert resolved.config.label == f"{method}+task_embedding"
        assert resolved.sources["state_encoder"] == "base strong"
    assert resolve("dnc_sac", JACO, base="strong").state_encoder == "none"
    assert resolve("mcal", JACO, base="strong").state_encoder == "none"
    assert resolve("train", JACO, base="strong").state_encoder == "none"
    assert resolve("care", JACO, base="strong").state_encoder == "care"
    assert resolve("mtsac", JACO, base="strong", state_encoder="none").state_encoder == "none"


def test_what_the_user_gives_wins():
    given = {
        "lr": 1e-3,
        "buffer_batch_size": 7,
        "critic_width": 64,
        "gradient_steps_per_itr": 15,
        "return_scale": "none",
    }
    config = resolve("dnc_sac", JACO, base="strong", **given)
    assert {name: getattr(config, name) for name in given} == given
    plain = resolve("dnc_sac", JACO, base="strong", critic="plain", actor_blocks=None)
    assert (plain.critic_width, plain.actor_width, plain.return_scale) == (None, None, "brc")
    paco = resolve("paco", JACO, base="strong", critic="plain", actor_blocks=None)
    assert (paco.return_scale, paco.initial_alpha) == ("brc", 0.1)
    bounded = resolve("mtlevy", MT10, base="strong", reward="sparse", critic="normalized")
    assert bounded.q_output == "sigmoid"
    assert resolve("mtlevy", MT10, base="strong", reward="sparse").q_output == "linear"
    assert resolve("dnc_sac", JACO, base="strong", target_entropy=-3.0).target_entropy == -3.0


def test_a_protocol_keeps_what_is_no_learner():
    config = resolve("mtsac", MT10, protocol="ptsl", base="strong")
    own = resolve("mtsac", MT10, protocol="ptsl")
    assert config.env_options == own.env_options
    assert (config.n_epochs, config.batch_size) == (own.n_epochs, own.batch_size) == (20, 10)
    assert (config.gradient_steps_per_itr, config.buffer_batch_size) == (2, 1024)


def test_plain_changes_nothing():
    assert resolve("qmp_dnc", MT10, base="plain") == resolve("qmp_dnc", MT10)
    with pytest.raises(ConfigError, match="base = 'brc': allowed is one of plain, strong"):
        resolve("qmp_dnc", MT10, base="brc")


@pytest.mark.parametrize(
    ("method", "ratio", "steps"),
    [("dnc_sac", 1, 1000), ("dnc_sac", 0.1, 100), ("mtsac", 0.1, 20), ("mtsac", 2, 400)],
)
def test_the_ratio_counts_updates_a_vector_step(method, ratio, steps):
    """The reacher gathers 1000 steps of 5 tasks at a time: 200 vector steps."""
    resolved = resolve_with_sources(method, JACO, updates_per_vector_step=ratio)
    assert resolved.config.gradient_steps_per_itr == steps
    assert resolved.schedule.n_updates == 200 * ratio
    assert resolved.sources["gradient_steps_per_itr"] == f"{ratio:g} updates a vector step"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"updates_per_vector_step": 0.001}, "0.2 updates are no positive whole number; allowed is "
         "such as 0.005"),
        ({"updates_per_vector_step": 0.0126}, r"2\.52 updates are no .* such as 0\.015"),
        ({"updates_per_vector_step": -1}, "allowed is a number above 0"),
        ({"updates_per_vector_step": 1, "gradient_steps_per_itr": 5}, "says that too"),
    ],
)  # fmt: skip
def test_a_ratio_that_makes_no_sense_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        resolve("dnc_sac", JACO, **options)


def test_matching_parameters_needs_widths_that_follow():
    with pytest.raises(ConfigError, match="critic_width = 512 with match_parameters"):
        resolve_matched("dnc_sac", JACO, match_parameters="mtsac", base="strong")
    config = resolve_matched(
        "dnc_sac", JACO, match_parameters="dnc_sac", critic="normalized", actor_blocks=1
    )
    assert config.hidden_sizes[0] != 256

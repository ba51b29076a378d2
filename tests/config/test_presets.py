"""The preset table: complete, sourced, affordable in its evaluation, and true to the reference."""

import numpy as np
import pytest

import environments
from learning.config.members import MEMBERS, all_options, options_read
from learning.config.methods import AXES, METHODS
from learning.config.presets import (
    ENV_OPTIONS,
    GIVEN_OPTIONS,
    MEMBER_PAIRS,
    MEMBER_VALUES,
    METHOD_VALUES,
    PAIRS,
)
from learning.config.protocols import PROTOCOLS
from learning.config.resolving import resolve, resolve_with_sources
from learning.config.task_set_presets import TASK_SETS
from learning.errors import ConfigError
from learning.options import options_of
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer

CUSTOM_TASKS = "reach-v3,push-v3,door-open-v3"
PAIR_IDS = [(method, env) for method in METHODS for env in TASK_SETS]


def resolved(method, env):
    options = {"tasks": CUSTOM_TASKS} if env == "MetaWorldCustom-v2" else {}
    return resolve_with_sources(method, env, env_options=options)


def given_to(method):
    """The options that a method's own members read."""
    return set(options_read(METHODS[method].members))


@pytest.mark.parametrize(("method", "env"), PAIR_IDS)
def test_gives_every_option_once_and_its_source(method, env):
    result = resolved(method, env)
    assert set(result.config.values) == given_to(method)
    assert set(result.sources) == given_to(method) | {"method", "env", "env_options", *AXES}
    assert all(result.sources.values())


def test_every_preset_is_of_an_option_that_there_is_and_allowed():
    tables = [TASK_SETS, MEMBER_VALUES, MEMBER_PAIRS, METHOD_VALUES, PAIRS, GIVEN_OPTIONS]
    entries = [item for table in tables for values in table.values() for item in values.items()]
    assert len(entries) > 100
    declared = all_options()
    for name, entry in entries:
        assert entry.source, name
        declared[name].check(entry.resolve(10))
    protocols = {("mtsac", each.of[0]): each.env_options for each in PROTOCOLS.values() if each.of}
    for (method, env), options in {**ENV_OPTIONS, **protocols}.items():
        assert method in METHODS
        table = environments.task_set_options(env)
        assert all(table[name].admits(value) for name, value in options.items())


def test_every_option_has_help_a_source_and_an_allowed_default():
    for name, declared in all_options().items():
        assert declared.option.help.endswith((".", "none: -A."))
        assert declared.default.source
        declared.check(declared.default.resolve(5))
        assert name == declared.name


def test_a_members_line_names_the_options_of_its_class():
    for table in MEMBERS.values():
        for member in table.values():
            loaded = member.load()
            assert loaded is None or loaded.Options is member.options
            assert options_of(member.options) is not None


@pytest.mark.parametrize(("method", "env"), PAIR_IDS)
def test_evaluation_costs_at_most_a_tenth_of_training(method, env):
    config = resolved(method, env).config
    options = dict(config.env_options)
    horizon = environments.make_task_set(env, **options).max_episode_steps
    # Where the horizon is an option, the task set's default is the longest, and so the dearest.
    for name, option in environments.task_set_options(env).items():
        assert name != "horizon" or option.at_most == option.default
    policies = 2 if METHODS[method].behaviour != "own" else 1
    cost = config.num_evaluation_episodes * horizon * policies
    training = config.evaluation_frequency * config.steps_per_epoch * config.batch_size
    assert cost <= 0.1 * training


def test_knows_every_task_set():
    assert set(TASK_SETS) == set(environments.task_set_ids())
    assert {env for _, env in PAIRS} <= set(TASK_SETS)
    assert {method for method, _ in PAIRS} <= set(METHODS)


def test_numbers_of_the_jaco_reference_preset():
    config = resolve("qmp_dnc", "JacoReachMT5-v1")
    assert (config.n_epochs, config.steps_per_epoch, config.batch_size) == (2000, 1, 1000)
    assert (config.gradient_steps_per_itr, config.buffer_batch_size) == (1000, 32)
    assert (config.min_buffer_size, config.replay_buffer_size) == (10_000, 1_000_000)
    assert config.hidden_sizes == (256, 256)
    assert (config.lr, config.discount, config.target_update_tau) == (3e-4, 0.99, 0.005)
    assert (config.target_entropy, config.own_policy_floor, config.n_workers) == (None, 0.0, 0)
    # 2000 epochs of 1 step of 1000: the 2 million environment steps of the paper's figure.
    assert config.n_epochs * config.steps_per_epoch * config.batch_size == 2_000_000


def test_numbers_of_the_meta_world_reference_presets():
    ten = resolve("qmp_dnc", "MetaWorldMT10-v2")
    assert (ten.batch_size, ten.steps_per_epoch, ten.gradient_steps_per_itr) == (5000, 10, 500)
    assert (ten.lr, ten.buffer_batch_size, ten.min_buffer_size) == (1.5e-3, 256, 5000)
    assert ten.own_policy_floor == 0.7
    assert "own_policy_floor" not in resolve("dnc_sac", "MetaWorldMT10-v2").values
    for method in ("qmp_sac", "qmp_mcal", "qmp_uds_dnc"):
        assert resolve(method, "MetaWorldMT10-v2").own_policy_floor == 0.7
    combined = {"policy_architecture": "ptsl", "q_architecture": "multihead"}
    chosen = resolve("train", "MetaWorldMT50-v2", behaviour="qswitch", **combined)
    assert chosen.own_policy_floor == 0.7
    assert resolve("qmp_uniform", "MetaWorldMT10-v2").own_policy_floor == 0.0
    fifty = resolve("qmp_dnc", "MetaWorldMT50-v2")
    assert (fifty.batch_size, fifty.steps_per_epoch) == (25_000, 8)
    assert (fifty.gradient_steps_per_itr, fifty.min_buffer_size) == (2500, 1500)
    assert (fifty.lr, fifty.hidden_sizes, fifty.own_policy_floor) == (3e-4, (400, 400), 0.7)


def test_numbers_of_the_maze_reference_preset():
    config = resolve("qmp_dnc", "MazeLarge-10-v0")
    assert (config.n_epochs, config.steps_per_epoch, config.batch_size) == (2000, 1, 6000)
    assert (config.gradient_steps_per_itr, config.buffer_batch_size) == (1000, 256)
    assert (config.min_buffer_size, config.replay_buffer_size) == (3000, 1_000_000)
    assert (config.lr, config.hidden_sizes) == (3e-4, (256, 256))
    # 2000 epochs of 1 step of 6000: the 12 million environment steps of the paper's figure.
    assert config.n_epochs * config.steps_per_epoch * config.batch_size == 12_000_000


def test_mt25_is_as_mt10_by_task():
    ten, more = (resolve("qmp_dnc", f"MetaWorldMT{n}-v2") for n in (10, 25))
    for name in ("batch_size", "gradient_steps_per_itr", "num_evaluation_episodes"):
        assert getattr(more, name) / 25 == getattr(ten, name) / 10
    for name in ("lr", "buffer_batch_size", "min_buffer_size", "own_policy_floor", "hidden_sizes"):
        assert getattr(more, name) == getattr(ten, name)


def test_numbers_of_the_walker_reference_preset():
    config = resolve("qmp_dnc", "Walker2dMT4-v0")
    assert (config.n_epochs, config.steps_per_epoch, config.batch_size) == (2000, 1, 4000)
    assert (config.gradient_steps_per_itr, config.buffer_batch_size) == (6000, 32)
    assert (config.min_buffer_size, config.replay_buffer_size) == (10_000, 1_000_000)
    assert (config.lr, config.hidden_sizes) == (3e-4, (256, 256))
    # 2000 epochs of 1 step of 4000: the 8 million environment steps of the paper's figure.
    assert config.n_epochs * config.steps_per_epoch * config.batch_size == 8_000_000


def test_numbers_of_the_kitchen_reference_preset():
    config = resolve("qmp_dnc", "KitchenMTEasy-v0")
    assert (config.n_epochs, config.steps_per_epoch, config.batch_size) == (500, 5, 2000)
    assert (config.gradient_steps_per_itr, config.min_buffer_size) == (500, 2000)
    # 1280 over ten tasks.
    assert config.buffer_batch_size * 10 == 1280
    assert config.lr == 3e-4
    # The 5 million environment steps of the paper's figure.
    assert config.n_epochs * config.steps_per_epoch * config.batch_size == 5_000_000


def test_numbers_of_the_door_and_drawer_reference_preset():
    config = resolve("qmp_dnc", "MetaWorldCDS-v1")
    assert (config.n_epochs, config.steps_per_epoch, config.batch_size) == (500, 10, 2000)
    assert (config.gradient_steps_per_itr, config.min_buffer_size) == (200, 5000)
    assert (config.lr, config.buffer_batch_size) == (1.5e-3, 256)
    # The 10 million environment steps of the paper's figure.
    assert config.n_epochs * config.steps_per_epoch * config.batch_size == 10_000_000


def test_the_buffer_of_fifty_tasks_fits_24_gib():
    config = resolve("dnc_sac", "MetaWorldMT50-v2")
    task_set = environments.make_task_set("MetaWorldMT50-v2")
    buffer = MultiTaskReplayBuffer(
        n_tasks=task_set.n_tasks,
        observation_size=task_set.observation_space.shape[0],
        action_size=task_set.action_space.shape[0],
        capacity=config.replay_buffer_size,
        random=np.random.default_rng(0),
    )
    assert buffer.n_bytes < 24 * 2**30
    # Two observations of 39, an action of 4, the reward, the flag: 84 numbers of 4 bytes.
    assert buffer.n_bytes == 50 * 600_000 * 84 * 4


def test_numbers_of_the_levy_reference_preset():
    config = resolve("mtlevy", "MetaWorldMT10-v2")
    # A step is a vector step with one update: 200 x 10,000 of them, 20 million environment steps.
    assert (config.n_epochs, config.steps_per_epoch) == (200, 10_000)
    assert (config.batch_size, config.gradient_steps_per_itr) == (10, 1)
    assert dict(config.env_options)["horizon"] == 150
    # Totals over ten tasks: batches of 1280, the first update after as many, a buffer of a million.
    assert config.buffer_batch_size == config.min_buffer_size * 10 == 1280
    assert (config.replay_buffer_size * 10, config.uniform_steps) == (1_000_000, 1000)
    assert (config.policy_architecture, config.q_architecture) == ("multihead", "multihead")
    assert (config.hidden_sizes, config.lr, config.alpha_lr) == ((400, 400), 3e-4, 1e-4)
    assert (config.initial_alpha, config.temperature) == (0.1, "per_task")
    assert (config.log_std_bound, config.temperature_loss) == ("tanh", "alpha")
    assert (config.discount, config.target_update_tau, config.target_entropy) == (0.99, 0.005, None)
    assert (config.alpha_offset, config.sr_threshold, config.sr_rate) == (1.0, 0.1, 0.01)
    assert (config.num_neighbors, config.levy_cap, config.hold) == (5, 0.1, "action")
    assert config.num_evaluation_episodes == 100
    fifty = resolve("mtlevy", "MetaWorldMT50-v2")
    assert (fifty.batch_size, fifty.buffer_batch_size, fifty.neighbors) == (50, 1280, "task_set")


def test_custom_task_set_counts_per_task():
    config = resolved("qmp_dnc", "MetaWorldCustom-v2").config
    assert (config.batch_size, config.gradient_steps_per_itr) == (1500, 150)
    assert config.num_evaluation_episodes == 15
    # Without --tasks, the task set's own four, as on the command line.
    assert resolve("qmp_dnc", "MetaWorldCustom-v2").batch_size == 2000


def test_what_is_given_wins_and_is_named_so():
    result = resolve_with_sources("dnc_sac", "JacoReachMT5-v1", lr=1e-3, seed=7, name="x")
    assert (result.config.lr, result.sources["lr"]) == (1e-3, "given")
    assert result.sources["discount"] == "QMP reference code, run.py"
    assert result.config.log_dir == "runs/dnc_sac/JacoReachMT5-v1/x_7"
    assert result.config.behaviour == "own"


@pytest.mark.parametrize(
    ("method", "env", "given", "message"),
    [
        ("qmp", "JacoReachMT5-v1", {}, "method = 'qmp': allowed is one of qmp_dnc, dnc_sac"),
        ("qmp_dnc", "Jaco", {}, "env = 'Jaco': allowed is one of JacoReachMT5-v1, MetaWorld"),
        ("qmp_dnc", "JacoReachMT5-v1", {"lrr": 1}, "JacoReachMT5-v1 has no option lrr: allowed is"),
        (
            "qmp_dnc",
            "JacoReachMT5-v1",
            {"behaviour": "own"},
            "behaviour = 'own': qmp_dnc has behaviour = 'qswitch'; `train` takes any combination",
        ),
        (
            "qmp_dnc",
            "JacoReachMT5-v1",
            {"behaviour": "magic"},
            "behaviour = 'magic': allowed is one of own, qswitch, uniform, domain, levy",
        ),
        (
            "dnc_sac",
            "JacoReachMT5-v1",
            {"own_policy_floor": 0.5},
            "own_policy_floor: nothing would read it; it belongs to behaviour = qswitch or "
            "behaviour = uniform or behaviour = domain",
        ),
        ("qmp_dnc", "JacoReachMT5-v1", {"horizon": 9}, "JacoReachMT5-v1 has no option horizon"),
        ("qmp_dnc", "MetaWorldMT10-v2", {"env_options": {"horizn": 3}}, "no option 'horizn'"),
        ("qmp_dnc", "MetaWorldMT10-v2", {"horizon": 501}, "allowed: an integer from 1 to 500"),
        ("qmp_dnc", "JacoReachMT5-v1", {"batch_size": 12}, "multiple of 5, such as 10 or 15"),
        ("qmp_dnc", "JacoReachMT5-v1", {"num_evaluation_episodes": 3}, "multiple of 5, such as 5"),
        ("qmp_dnc", "JacoReachMT5-v1", {"gradient_steps_per_itr": 0}, "gradient_steps_per_itr = 0"),
    ],
)
def test_errors_name_what_is_allowed(method, env, given, message):
    with pytest.raises(ConfigError) as error:
        resolve(method, env, **given)
    assert message in str(error.value)


def test_a_method_offers_only_the_options_of_its_members():
    mixture = {"policy_sampling_freq", "own_policy_floor", "mixture_warmup_itrs"}
    own = given_to("dnc_sac")
    assert given_to("qmp_dnc") - own == mixture | {"qswitch_score", "qswitch_gate"}
    assert given_to("uds_dnc") - own == {"sharing_quantile", "relabel"}
    assert given_to("qmp_domain") - given_to("qmp_uniform") == {"domain_weights"}
    assert not given_to("qmp_dnc") & {*AXES, "method", "env", "env_options"}


def test_an_open_axis_is_an_option_and_decides_what_may_be_given():
    for axis in AXES:
        is_open = axis not in ("behaviour", "data")
        assert (axis in METHODS["mtsac"].open_axes) == is_open
        assert axis in METHODS["train"].open_axes
    assert resolve("mtsac", "JacoReachMT5-v1", objective="pcgrad").objective == "pcgrad"
    config = resolve("train", "JacoReachMT5-v1", behaviour="levy", data="uds")
    assert (config.behaviour, config.data, config.hold) == ("levy", "uds", "action")
    assert config.log_dir == "runs/train+levy+uds/JacoReachMT5-v1/run_1"
    with pytest.raises(ConfigError, match="hold: nothing would read it; it belongs to behaviour"):
        resolve("train", "JacoReachMT5-v1", behaviour="qswitch", hold="policy")


def test_members_and_options_of_the_task_set_bring_their_presets():
    assert resolve("uds_dnc", "JacoReachMT5-v1").sharing_quantile == 0.0
    assert resolve("train", "JacoReachMT5-v1", data="cds").sharing_quantile == 0.9
    assert resolve("dnc_sac", "JacoReachMT5-v1").kl_coeff == 0.0
    assert resolve("train", "JacoReachMT5-v1", objective="dnc").kl_coeff == 1e-3
    dense = resolve("mtlevy", "MetaWorldMT10-v2")
    sparse = resolve("mtlevy", "MetaWorldMT10-v2", env_options={"reward": "sparse"})
    others = {"reward_version": "v2", "n_goals": 50, "evaluation_goals": "train_at_random"}
    assert dict(dense.env_options) == {"horizon": 150, "reward": "dense", **others}
    assert dict(sparse.env_options) == {"horizon": 150, "reward": "sparse", **others}
    assert (dense.q_output, sparse.q_output) == ("linear", "sigmoid")


def test_numbers_of_the_fully_shared_presets():
    # QMP, arXiv version 1: widths by which one network for all tasks has its size.
    expected = {
        "JacoReachMT5-v1": ((600, 600), 3e-4),
        "MazeLarge-10-v0": ((834, 834), 3e-4),
        "MetaWorldCDS-v1": ((512, 512), 1e-3),
        "Walker2dMT4-v0": ((256, 256), 3e-4),
        "KitchenMTEasy-v0": ((256, 256), 3e-4),
        "MetaWorldMT10-v2": ((256, 256), 1.5e-3),
    }
    for env, numbers in expected.items():
        config = resolve("sac", env)
        assert (config.hidden_sizes, config.lr) == numbers
    sources = resolve_with_sources("sac", "MazeLarge-10-v0").sources
    assert sources["hidden_sizes"] == "QMP, arXiv version 1, fully shared"


def test_what_no_reference_has_is_our_choice():
    """A number for MT25 or tasks of the user's own is nobody else's, wherever it comes from."""
    tables = [
        *(TASK_SETS[env] for env in ("MetaWorldMT25-v2", "MetaWorldCustom-v2")),
        *(
            values
            for key, values in (PAIRS | MEMBER_PAIRS).items()
            if key[-1] in {"MetaWorldMT25-v2", "MetaWorldCustom-v2"}
        ),
        # They have MT10 alone.
        PROTOCOLS["mtlevy"].preset("MetaWorldMT50-v2", "shared"),
        PAIRS["paco", "MetaWorldMT50-v2"],
    ]
    assert len(tables) > 10
    for values in tables:
        for name, entry in values.items():
            assert entry.source.startswith("chosen by us"), name
    ten, more = (resolved("mtlevy", f"MetaWorldMT{n}-v2") for n in (10, 25))
    assert ten.sources["lr"] == "MT-Levy reference code"
    assert more.sources["lr"] == "chosen by us: as on MT10 (MT-Levy reference code)"
    assert more.config.lr == ten.config.lr


def test_numbers_of_the_multihead_presets():
    for method in ("mtsac", "qmp_sac"):
        config = resolve(method, "JacoReachMT5-v1")
        assert (config.hidden_sizes, config.lr) == ((512, 512), 1e-3)
    assert resolve("qmp_sac", "MazeLarge-10-v0").mixture_warmup_itrs == 100
    assert resolve("sac", "JacoReachMT5-v1").temperature == "single"
    assert resolve("mcal", "JacoReachMT5-v1").actor_steps == 5


@pytest.mark.parametrize(
    ("name", "n_numbers"), [("domain_weights", 24), ("neighbor_order", 30), ("domain_weights", 50)]
)
def test_a_table_of_another_size_is_refused(name, n_numbers):
    behaviour = "domain" if name == "domain_weights" else "levy"
    with pytest.raises(ConfigError, match=f"{name}: {n_numbers} numbers; allowed are 5 x 5"):
        resolve("train", "JacoReachMT5-v1", behaviour=behaviour, **{name: tuple(range(n_numbers))})


def test_what_a_row_has_anyway_may_be_named():
    named = resolve("mcal", "JacoReachMT5-v1", policy_architecture="multihead", behaviour="own")
    assert named == resolve("mcal", "JacoReachMT5-v1")


def test_each_method_evaluates_on_its_references_goals():
    trains = {"ptsl", "care", "care_ptsl", "softmod", "paco", "moore"}
    for env in (name for name in TASK_SETS if name.startswith("MetaWorld")):
        for method in METHODS:
            goals = dict(resolve(method, env).env_options)["evaluation_goals"]
            if env == "MetaWorldCDS-v1" or method not in trains | {"mtlevy"}:
                assert goals == "held_out"
            else:
                assert goals == ("train" if method in trains else "train_at_random")
    given = resolve("mtlevy", "MetaWorldMT10-v2", evaluation_goals="held_out")
    assert dict(given.env_options)["evaluation_goals"] == "held_out"
    with pytest.raises(ConfigError, match="allowed: one of train, held_out, train_at_random"):
        resolve("mtlevy", "MetaWorldMT10-v2", evaluation_goals="test")
    with pytest.raises(ConfigError, match="has no option evaluation_goals"):
        resolve("mtlevy", "JacoReachMT5-v1", evaluation_goals="train")


def test_options_of_the_task_set_by_name_or_as_a_mapping():
    flat = resolve("dnc_sac", "MetaWorldMT10-v2", horizon=150, reward="sparse")
    mapped = resolve(
        "dnc_sac", "MetaWorldMT10-v2", env_options={"horizon": 150, "reward": "sparse"}
    )
    assert flat == mapped
    assert dict(flat.env_options) == {
        "evaluation_goals": "held_out",
        "horizon": 150,
        "n_goals": 50,
        "reward": "sparse",
        "reward_version": "v2",
    }

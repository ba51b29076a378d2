"""Named protocols: each has its reference's numbers, for any method, and knows where it is one."""

import click.testing
import pytest

import run as command_line
from learning.config.methods import METHODS
from learning.config.protocols import META_WORLD_IDS, PROTOCOLS
from learning.config.resolving import resolve, resolve_with_sources
from learning.errors import ConfigError

MT10, MT50 = "MetaWorldMT10-v2", "MetaWorldMT50-v2"


def vector_steps(resolved):
    """Steps of every task's environment in a whole run."""
    config = resolved.config
    steps = config.n_epochs * config.steps_per_epoch * config.batch_size / resolved.n_tasks
    assert steps == int(steps)
    return int(steps)


@pytest.mark.parametrize(("env", "n_tasks"), [(MT10, 10), (MT50, 50)])
def test_numbers_of_ptsl(env, n_tasks):
    resolved = resolve_with_sources("mtsac", env, protocol="ptsl")
    config, schedule = resolved.config, resolved.schedule
    goals = {"n_goals": 1, "evaluation_goals": "train"}
    assert dict(config.env_options) == {
        "reward_version": "v1",
        "reward": "dense",
        "horizon": 150,
        **goals,
    }
    # 200K vector steps; a burst of 1500 updates after as many random steps, then one a step.
    assert vector_steps(resolved) == 200_000
    assert (config.uniform_steps, config.min_buffer_size, schedule.n_first_updates) == (1500,) * 3
    assert (config.batch_size, schedule.n_updates) == (n_tasks, 1)
    assert schedule.n_transitions == 1280
    assert config.replay_buffer_size * n_tasks == 1_000_000
    assert (config.hidden_sizes, config.lr, config.initial_alpha) == ((400,) * 3, 3e-4, 1.0)
    assert (config.log_std_bound, config.temperature_loss) == ("tanh", "alpha")
    # Every 10,000 vector steps, ten episodes a task.
    assert config.evaluation_frequency * config.steps_per_epoch == 10_000
    assert config.num_evaluation_episodes == 10 * n_tasks


@pytest.mark.parametrize(("env", "n_tasks", "millions"), [(MT10, 10, 20), (MT50, 50, 100)])
def test_numbers_of_meta_world_plus(env, n_tasks, millions):
    resolved = resolve_with_sources("mtsac", env, protocol="metaworld_plus")
    config, schedule = resolved.config, resolved.schedule
    assert dict(config.env_options) == {
        "reward_version": "v2",
        "reward": "dense",
        "horizon": 500,
        "n_goals": 50,
        "evaluation_goals": "train",
    }
    assert vector_steps(resolved) * n_tasks == millions * 1_000_000
    assert (schedule.n_updates, schedule.n_transitions) == (1, 128 * n_tasks)
    assert schedule.n_first_updates == 1
    assert (config.uniform_steps, config.max_grad_norm) == (4000, 1.0)
    assert (config.hidden_sizes, config.lr) == ((400,) * 3, 3e-4)
    assert (config.log_std_bound, config.temperature_loss) == ("clamp", "log_alpha")


def test_networks_apart_learn_as_often_from_as_much():
    for protocol in ("ptsl", "mtlevy", "metaworld_plus"):
        apart, shared = (
            resolve_with_sources(method, MT10, protocol=protocol) for method in ("dnc_sac", "mtsac")
        )
        assert (apart.config.update_schedule, shared.config.update_schedule) == (
            "per_task",
            "shared",
        )
        assert str(apart.schedule) == str(shared.schedule)
        assert apart.config.buffer_batch_size * 10 == shared.config.buffer_batch_size == 1280
        assert vector_steps(apart) == vector_steps(shared)


def test_a_method_keeps_what_it_is_made_of():
    ptsl = resolve("ptsl", MT10, protocol="metaworld_plus")
    assert (ptsl.hidden_sizes, ptsl.ptsl_rank) == ((367,) * 3, 50)
    # What is no idea of PTSL's is the protocol's.
    assert (ptsl.log_std_bound, ptsl.temperature_loss) == ("clamp", "log_alpha")
    assert resolve("moore", MT50, protocol="metaworld_plus").moore_experts == 6
    assert resolve("softmod", MT10, protocol="metaworld_plus").task_weights == "temperature"
    assert resolve("softmod", MT10, protocol="ptsl").task_weights == "equal"
    levy = resolve("mtlevy", MT10, protocol="qmp")
    assert (levy.hidden_sizes, levy.log_std_bound, levy.uniform_steps) == ((256,) * 2, "clamp", 0)
    assert dict(levy.env_options)["horizon"] == 500
    assert levy.levy_cap == 0.1
    # mtlevy's own, where none is asked for, is MT-Levy's.
    assert resolve("mtlevy", MT10, protocol="mtlevy") == resolve("mtlevy", MT10)


def test_qmp_is_what_the_task_sets_have():
    for method in ("mtsac", "qmp_dnc", "qmp_sac", "dnc_sac"):
        assert resolve(method, MT10, protocol="qmp") == resolve(method, MT10)
    jaco = resolve("qmp_sac", "JacoReachMT5-v1", protocol="qmp")
    assert jaco == resolve("qmp_sac", "JacoReachMT5-v1")
    assert resolve("dnc_sac", MT10, protocol="qmp").temperature_loss == "log_alpha"
    assert resolve("mtsac", MT10, protocol="qmp").temperature_loss == "alpha"


def test_what_is_given_wins():
    config = resolve("mtsac", MT10, protocol="ptsl", n_epochs=100, horizon=200, lr=1e-3)
    assert (config.n_epochs, config.lr) == (100, 1e-3)
    assert dict(config.env_options)["horizon"] == 200
    assert dict(config.env_options)["n_goals"] == 1


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_on_every_task_set_of_a_protocol(method, protocol):
    for env in META_WORLD_IDS:
        # MCAL steps its actor T times an update: 1280 transitions of 50 tasks are too few for that.
        if "mcal" in method and env == MT50 and protocol in ("mtlevy", "ptsl"):
            with pytest.raises(ConfigError, match=r"actor_steps = 50: .* buffer_batch_size = 25"):
                resolve(method, env, protocol=protocol)
            continue
        resolved = resolve_with_sources(method, env, protocol=protocol)
        assert all(resolved.sources[name] for name in resolved.config.values)
        of_reference = env in PROTOCOLS[protocol].of
        if protocol != "qmp" and not of_reference:
            assert resolved.sources["lr"].startswith("chosen by us: as on MT10")


def test_where_there_is_no_such_protocol():
    with pytest.raises(ConfigError, match="protocol = 'levy': allowed is one of qmp, mtlevy, ptsl"):
        resolve("mtsac", MT10, protocol="levy")
    message = "protocol = 'ptsl': it is one on MetaWorldMT10-v2, .* on MazeLarge-10-v0 allowed is"
    with pytest.raises(ConfigError, match=message):
        resolve("mtsac", "MazeLarge-10-v0", protocol="ptsl")


def test_on_the_command_line():
    def call(*args):
        return click.testing.CliRunner().invoke(command_line.main, list(args))

    shown = call("softmod", f"--env={MT10}", "--protocol=ptsl", "--dry_run")
    assert shown.exit_code == 0
    assert '"evaluation_goals": "train"' in shown.stdout
    assert "updates: 1 an iteration (1,500 after the first collection)" in shown.stderr
    wrong = call("softmod", "--env=JacoReachMT5-v1", "--protocol=ptsl", "--dry_run")
    assert wrong.exit_code == 2
    assert "allowed is qmp" in wrong.output
    assert "[default: mtlevy]" in call("mtlevy", f"--env={MT10}", "--help").output

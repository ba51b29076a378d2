"""The command line: defaults and sources shown, options read, errors that name what is allowed."""

import errno
import json
import pathlib
import random
import subprocess
import sys
import types
from unittest import mock

import click.testing
import numpy as np
import pytest
import torch

import run
from learning.command_line.tables import columns_table
from learning.command_line.values import join_values
from learning.config.experiment_config import ExperimentConfig
from learning.config.members import options_read
from learning.config.methods import AXES, METHODS
from learning.config.resolving import resolve
from learning.config.task_set_presets import TASK_SETS
from learning.errors import SnapshotError

ROOT = pathlib.Path(__file__).parents[2]
JACO = "--env=JacoReachMT5-v1"


def call(*args):
    return click.testing.CliRunner().invoke(run.main, args, terminal_width=1000)


@pytest.fixture
def experiments(monkeypatch):
    """Stands in for garage_experiments, which would train; collects the calls."""
    calls = []

    def collect(name, result=None):
        def function(*args, **kwargs):
            calls.append((name, args, kwargs))
            return result

        return function

    ended = types.SimpleNamespace(folder="runs/mine", ended="finished", last_row={})
    module = types.SimpleNamespace(
        run_experiment=collect("run_experiment", ended),
        resume=collect("resume", ended),
        evaluate=collect("evaluate", {"Evaluation/SuccessRate": 0.5}),
        calls=calls,
    )
    monkeypatch.setitem(sys.modules, "garage_experiments", module)
    return module


def test_help_lists_methods_first_and_says_what_they_are():
    result = call("--help")
    assert result.exit_code == 0
    commands = [line.split()[0] for line in result.output.split("Commands:")[1].split("\n") if line]
    tools = ["envs", "resume", "eval", "plot", "render", "sweep", "table", "compare", "export"]
    tools += ["report", "reproduce", "doctor"]
    assert commands == [*METHODS, *tools]
    assert "QMP: the Q-switch" in result.output


def test_help_shows_common_defaults_and_points_to_the_environments():
    output = call("dnc_sac", "--help").output
    assert "--discount X" in output
    assert "Discount factor: gamma.  [default: 0.99]" in output
    assert "[default by environment: see --env=ID --help]" in output
    assert "--qswitch_score" not in output


def test_help_of_an_environment_shows_its_preset_with_sources():
    output = call("qmp_dnc", "--env=MetaWorldMT10-v2", "--help").output
    assert (
        "[default: 256; source: QMP, arXiv version 1, table 1; its code: 2560 in total]" in output
    )
    assert "[default: 0.7; source: QMP, final version" in output
    assert "--reward_version" in output
    assert "default: v2]" in output
    assert "--reward_version" not in call("qmp_dnc", JACO, "--help").output


def test_dry_run_shows_each_value_with_its_source(experiments):
    result = call(
        "qmp_dnc", JACO, "--hidden_sizes", "64", "32", "--lr", "1e-3", "--gpu", "none", "--dry_run"
    )
    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert shown["hidden_sizes"] == {"value": [64, 32], "source": "given"}
    assert shown["lr"] == {"value": 0.001, "source": "given"}
    assert shown["gpu"] == {"value": None, "source": "given"}
    assert shown["n_epochs"] == {
        "value": 2000,
        "source": "QMP reference code, run.py, JacoReachMT5-v1",
    }
    assert shown["behaviour"] == {"value": "qswitch", "source": "method table, qmp_dnc"}
    read = options_read(METHODS["qmp_dnc"].members)
    assert set(shown) == {*read, *AXES, "method", "env", "env_options"}
    assert experiments.calls == []


def random_states():
    legacy = np.random.get_state()  # noqa: NPY002  (garage draws from the global one)
    return random.getstate(), str(legacy), torch.get_rng_state().tolist()


@pytest.mark.parametrize(
    ("method", "policies", "critics"),
    [
        # Of one network, 15 observations and 6 actions: 15 * 3 + 3 and 3 * 12 + 12 for a policy,
        # (15 + 6) * 3 + 3 and 3 * 1 + 1 for a critic.
        ("dnc_sac", (5 * (48 + 48), 96), (2 * 5 * (66 + 4), 140)),
        ("mtsac", (48 + 5 * 48, 58), (2 * (66 + 5 * 4), 34)),
        ("sac", (48 + 48, 19), (2 * (66 + 4), 28)),
    ],
)
def test_dry_run_counts_parameters_and_leaves_no_trace(
    method, policies, critics, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    before = random_states()
    needs = 0.29 if method == "dnc_sac" else 0.14
    result = call(method, JACO, "--hidden_sizes=3", "--dry_run")
    assert result.stderr.splitlines() == [
        "policies: {} parameters of 5 tasks, {} a task".format(*policies),
        "critics (both twins, no targets): {} parameters of 5 tasks, {} a task".format(*critics),
        "updates: 200 an iteration, each of 160 own transitions (32 a task)"
        if method == "dnc_sac"
        else "updates: 1,000 an iteration, each of 32 own transitions (6 or 7 a task)",
        # Two million steps of 38 numbers, or a buffer of one; the networks do not show.
        f"needs at least: {needs} GiB of memory, {needs} GiB of disk",
    ]
    assert random_states() == before
    assert list(tmp_path.iterdir()) == []


def test_dry_run_counts_also_where_the_mixture_lacks_its_table():
    result = call("qmp_domain", "--env=MetaWorldMT10-v2", "--dry_run")
    assert result.exit_code == 0
    # Of one policy, 39 observations and 4 actions, hidden sizes 256 and 256.
    total = 10 * (39 * 256 + 256 + 256 * 256 + 256 + 256 * 8 + 8)
    assert f"policies: {total:,} parameters of 10 tasks, {total // 10:,} a task" in result.stderr


def test_dry_run_of_matched_parameters_counts_both():
    # mtsac's own preset there has two layers of 512.
    result = call("dnc_sac", JACO, "--match_parameters=mtsac", "--dry_run")
    mtsac = call("mtsac", JACO, "--dry_run")
    assert result.exit_code == mtsac.exit_code == 0
    lines = result.stderr.splitlines()
    assert lines[4:] == ["mtsac, for comparison:", *mtsac.stderr.splitlines()[:2]]
    shown = json.loads(result.stdout)
    assert "match_parameters" not in shown
    assert shown["hidden_sizes"]["source"].startswith("matched: ")
    width, again = shown["hidden_sizes"]["value"]
    assert width == again
    # Of one of five networks: 15 observations, 6 actions; heads of 12 numbers and of one.
    policies = 5 * (16 * width + (width + 1) * width + (width + 1) * 12)
    critics = 2 * 5 * (22 * width + (width + 1) * width + (width + 1))
    assert f"policies: {policies:,} parameters" in lines[0]
    assert f": {critics:,} parameters" in lines[1]
    assert f"({policies + critics:,}, " in shown["hidden_sizes"]["source"]


def test_an_unknown_method_cannot_be_matched():
    result = call("dnc_sac", JACO, "--match_parameters=mtsc", "--dry_run")
    assert result.exit_code == 2
    assert "match_parameters = 'mtsc': allowed is one of qmp_dnc, dnc_sac" in result.stderr


def test_task_set_options_reach_the_config():
    args = ["--env=MetaWorldCustom-v2", "--reward_version=v1", "--dry_run"]
    shown = json.loads(call("dnc_sac", *args, "--tasks", "door-open", "push").stdout)
    assert shown["env_options"]["value"] == {
        "reward_version": "v1",
        "reward": "dense",
        "horizon": 500,
        "n_goals": 50,
        "evaluation_goals": "held_out",
        "tasks": "door-open,push",
    }
    assert shown["batch_size"]["value"] == 1000
    # Without --tasks, the task set's own four.
    assert json.loads(call("dnc_sac", *args).stdout)["batch_size"]["value"] == 2000


def test_numbers_among_the_task_sets_options():
    args = ["--env=MetaWorldMT10-v2", "--horizon", "150", "--n_goals=1", "--reward", "sparse"]
    args.append("--evaluation_goals=train")
    shown = json.loads(call("dnc_sac", *args, "--dry_run").stdout)["env_options"]["value"]
    assert shown == {
        "reward_version": "v2",
        "reward": "sparse",
        "horizon": 150,
        "n_goals": 1,
        "evaluation_goals": "train",
    }
    output = call("dnc_sac", "--env=MetaWorldMT10-v2", "--help").output
    assert "Time limit of an episode (steps).  [an integer from 1 to 500; default: 500]" in output


README_COMMANDS = (
    "qmp_dnc",
    "dnc_sac",
    "dnc_sac --kl_coeff 0.001 --distillation_period 200 --distillation_n_epochs 500",
    "qmp_dnc --policy_sampling_freq 10",
    "qmp_sac --policy_architecture multihead --Q_architecture multihead --lr 0.001 "
    "--hidden_sizes 512 512",
    "mtsac --policy_architecture multihead --Q_architecture multihead --lr 0.001 "
    "--hidden_sizes 512 512 --use_pc_grad true",
    "mtsac --policy_architecture shared --Q_architecture separate",
    "qmp_uds_dnc --sharing_quantile 0",
    "uds_dnc --sharing_quantile 0",
    "sac",
    "mcal",
    "qmp_mcal",
    "decaf",
)
"""The commands of the reference's README and options, as they are written there."""


@pytest.mark.parametrize("env", ["JacoReachMT5-v1", "MazeLarge-10-v0", "MetaWorldMT10-v2"])
@pytest.mark.parametrize("words", README_COMMANDS)
def test_the_commands_of_the_reference_are_understood(words, env):
    result = call(*words.split(), f"--env={env}", "--dry_run")
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    given = {name for name, entry in shown.items() if entry["source"] == "given"}
    assert given >= {
        name.removeprefix("--").lower()
        for name in words.split()
        if name.startswith("--") and not name.endswith(("pc_grad", "architecture"))
    }
    if "use_pc_grad" in words:
        assert shown["objective"] == {"value": "pcgrad", "source": "given"}
    if "shared" in words:
        assert shown["policy_architecture"] == {"value": "shared", "source": "given"}
        assert shown["q_architecture"] == {"value": "separate", "source": "given"}


def test_train_names_a_member_of_each_axis():
    words = (
        "train --behaviour levy --state_encoder care --policy_architecture multihead "
        "--Q_architecture separate --data cds --objective pcgrad"
    )
    shown = json.loads(call(*words.split(), JACO, "--dry_run").stdout)
    assert [shown[name]["value"] for name in AXES] == [
        "levy",
        "care",
        "multihead",
        "separate",
        "cds",
        "pcgrad",
    ]


@pytest.mark.parametrize("ending", [".csv", ".txt", ".npy"])
def test_tables_are_read_from_files(tmp_path, ending):
    table = np.arange(25.0).reshape(5, 5)
    path = tmp_path / f"weights{ending}"
    if ending == ".npy":
        np.save(path, table)
    else:
        np.savetxt(path, table, delimiter="," if ending == ".csv" else " ")
    output = call("qmp_domain", JACO, f"--domain_weights={path}", "--dry_run").stdout
    assert json.loads(output)["domain_weights"]["value"] == table.ravel().tolist()


def test_a_file_that_is_no_table_is_named(tmp_path):
    path = tmp_path / "weights.csv"
    for content in ("a,b", "1,2\n3", "nan,1"):
        path.write_text(content)
        result = call("qmp_domain", JACO, "--domain_weights", str(path), "--dry_run")
        assert (result.exit_code, "no table of finite numbers" in result.output) == (2, True)
    result = call("qmp_domain", JACO, "--domain_weights=/nowhere", "--dry_run")
    assert (result.exit_code, "'/nowhere': no table" in result.output) == (2, True)


def test_the_same_numbers_in_both_forms():
    both = [
        call("dnc_sac", JACO, "--dry_run", *form).output
        for form in (["--hidden_sizes=256,128"], ["--hidden_sizes", "256", "128"])
    ]
    assert both[0] == both[1]
    words = ["--a", "1", "2", "--b=3", "--a", "4", "--c", "5", "--a"]
    assert join_values(words, {"--a"}) == ["--a=1,2", "--b=3", "--a=4", "--c", "5", "--a"]


@pytest.mark.parametrize(
    ("args", "messages"),
    [
        (["qmp_dnc", JACO, "--lrr=1"], ["No such option '--lrr'", "--lr", "Allowed are: --env,"]),
        (
            ["dnc_sac", JACO, "--own_policy_floor=1"],
            ["No such option", "Nothing would read it; it belongs to behaviour = qswitch or"],
        ),
        (["train", JACO, "--hold=policy"], ["hold: nothing would read it; it belongs to"]),
        (
            ["mcal", JACO, "--policy_architecture=separate"],
            ["mcal has policy_architecture = 'multihead'", "`train` takes any combination"],
        ),
        (["qmp_dnc", JACO, "--reward_version=v1"], ["No such option '--reward_version'"]),
        (["qmp_dnc", JACO, "--lr=-1"], ["'--lr'", "'-1': allowed is a number, above 0"]),
        (["qmp_dnc", JACO, "--n_epochs=2.5"], ["'2.5': allowed is an integer, at least 1"]),
        (["qmp_dnc", JACO, "--hidden_sizes", "64", "x"], ["'64,x': allowed is one or more int"]),
        (["qmp_dnc", JACO, "--precision=fp16"], ["'fp16': allowed is one of float32, bf16"]),
        (["qmp_dnc", JACO, "--batch_size=7"], ["batch_size = 7", "multiple of 5"]),
        (["qmp_dnc", JACO, "--min_buffer_size=2000000"], ["at most replay_buffer_size = 1000000"]),
        (["qmp_dnc"], ["Missing option '--env'", *TASK_SETS]),
        (["qmp_dnc", "--env"], ["'--env' requires an argument"]),
        (["qmp_dnc", "--env=Jaco"], ["Invalid value for '--env'", *TASK_SETS]),
        (["qmp_dn"], ["No such command 'qmp_dn'", "Allowed are: qmp_dnc, dnc_sac, qmp_sac, mtsac"]),
        (
            ["qmp_dnc", "--env=MetaWorldMT10-v2", "--reward_version=v3"],
            ["'v3': allowed is one of v2, v1"],
        ),
        (
            ["qmp_dnc", "--env=MetaWorldMT10-v2", "--horizon=501"],
            ["'--horizon'", "'501': allowed is an integer from 1 to 500"],
        ),
        (["dnc_sac", "--env=MetaWorldMT10-v2", "--horizon=2.5"], ["'2.5': allowed is an integer"]),
        (["dnc_sac", "--env=MetaWorldMT10-v2", "--n_goals=0"], ["an integer, at least 1"]),
        (["qmp_dnc", "--env=MetaWorldCustom-v2", "--tasks=foo"], ["foo", "drawer-open"]),
        (["envs", "Jaco"], ["unknown environment 'Jaco'", *TASK_SETS]),
        (["resume", "/no/such/folder"], ["does not exist"]),
        (["eval", ".", "--num_evaluation_episodes=0"], ["x>=1"]),
        (["plot"], ["Missing argument 'PATH...'"]),
        (["plot", ".", "--metric=x"], ["'success', 'any_subgoal', 'return'"]),
    ],
)
def test_usage_errors_name_what_is_allowed(args, messages):
    result = call(*args)
    assert result.exit_code == 2
    for message in messages:
        assert message in result.output


def test_training_gets_the_config_that_python_resolves(experiments, tmp_path):
    folder = tmp_path / "a" / "b"
    words = ["--env=MetaWorldMT10-v2", f"--log_dir={folder}", "--seed=4", "--horizon=150"]
    assert call("dnc_sac", *words).exit_code == 0
    ((name, (config,), _),) = experiments.calls
    assert name == "run_experiment"
    assert isinstance(config, ExperimentConfig)
    assert config == resolve(
        "dnc_sac", "MetaWorldMT10-v2", log_dir=str(folder), seed=4, horizon=150
    )
    assert (config.method, config.seed, config.log_dir) == ("dnc_sac", 4, str(folder))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_resolves_to_the_same_on_both_ways(method, experiments):
    for env in TASK_SETS:
        assert call(method, f"--env={env}").exit_code == 0
        (_, (config,), _) = experiments.calls.pop()
        assert config == resolve(method, env)


def test_an_existing_run_is_not_overwritten(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    result = call("dnc_sac", JACO, f"--log_dir={tmp_path}")
    assert result.exit_code == 1
    assert f"python run.py resume {tmp_path}" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_what_a_method_has_anyway_may_be_named():
    named = call("mcal", JACO, "--policy_architecture", "multihead", "--dry_run")
    assert named.exit_code == 0
    assert named.output == call("mcal", JACO, "--dry_run").output
    assert "--policy_architecture" not in call("mcal", "--help").output
    assert "--policy_architecture" in call("mtsac", "--help").output


def test_resume_and_eval_pass_their_options_on(experiments, tmp_path):
    assert call("resume", str(tmp_path), "--snapshot=epoch_3").exit_code == 0
    (tmp_path / "config.json").write_text(
        json.dumps({"config_version": 5, "method": "m", "env": "e", "name": "n", "seed": 1})
    )
    out = tmp_path / "deep" / "numbers.csv"
    words = ("--num_evaluation_episodes=20", "--seed=3", "--snapshot=epoch_000003")
    result = call("eval", str(tmp_path), *words, f"--out={out}")
    assert "After epoch 3, 20 episodes of every policy" in result.output
    assert "mean over tasks" in result.output
    assert out.read_text() == (
        "epoch,episodes_over_tasks,policy,task,SuccessRate\n3,20,own policies,mean over tasks,0.5\n"
    )
    assert call("eval", str(tmp_path), f"--out={out.with_suffix('.json')}").exit_code == 0
    (row,) = json.loads(out.with_suffix(".json").read_text())
    assert (row["epoch"], row["policy"], row["SuccessRate"]) == (None, "own policies", 0.5)
    experiments.calls.pop()
    assert experiments.calls == [
        (
            "resume",
            (tmp_path,),
            {
                "snapshot": "epoch_3",
                "accept_gaps": False,
                "on_epoch": mock.ANY,
                "changed_plugin": False,
            },
        ),
        (
            "evaluate",
            (tmp_path,),
            {
                "snapshot": "epoch_000003",
                "num_evaluation_episodes": 20,
                "seed": 3,
                "changed_plugin": False,
            },
        ),
    ]


def test_a_users_error_is_one_message_and_another_keeps_its_traceback(experiments, tmp_path):
    def fail(error):
        def function(*_, **__):
            raise error

        return function

    experiments.resume = fail(SnapshotError("epoch_3 is damaged"))
    result = call("resume", str(tmp_path))
    assert (result.exit_code, result.output) == (
        SnapshotError.exit_code,
        "Error: epoch_3 is damaged\n",
    )
    experiments.resume = fail(OSError(errno.ENOSPC, "No space left on device", "a.csv"))
    result = call("resume", str(tmp_path))
    assert result.exit_code == 1
    assert "the disk is full (a.csv)" in result.output
    assert "Nothing saved so far is lost" in result.output
    for error in (RuntimeError("fault"), OSError(errno.EACCES, "Permission denied")):
        experiments.resume = fail(error)
        assert call("resume", str(tmp_path)).exception is error


def test_ctrl_c_says_how_to_go_on(experiments, tmp_path):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    experiments.resume = experiments.run_experiment = interrupt
    new = call("dnc_sac", JACO, f"--log_dir={tmp_path}")
    assert new.exit_code == 130
    assert "give the same command again" in new.output
    (tmp_path / "config.json").write_text("{}")
    result = call("resume", str(tmp_path))
    assert result.exit_code == 130
    assert f"python run.py resume {tmp_path} (there is no snapshot yet" in result.output
    (tmp_path / "snapshots" / "epoch_1").mkdir(parents=True)
    result = call("resume", str(tmp_path))
    assert result.output.rstrip().endswith(f"python run.py resume {tmp_path}")


def test_columns_become_a_table_a_policy():
    columns = {
        "Evaluation/SuccessRate": 0.5,
        "Evaluation/stay/SuccessRate": 1.0,
        "Evaluation/stay/AverageReturn": -12.3456,
        "EvaluationMixture/SuccessRate": 0.25,
        "EvaluationMixture/stay/SuccessRate": float("nan"),
    }
    assert columns_table(columns).splitlines() == [
        "own policies     SuccessRate  AverageReturn",
        "mean over tasks        0.500               ",
        "stay                   1.000        -12.346",
        "",
        "mixture          SuccessRate",
        "mean over tasks        0.250",
    ]


def test_envs_lists_every_task_set():
    output = call("envs").output
    for task_set_id in TASK_SETS:
        assert f"\n{task_set_id}\n" in f"\n{output}"
    assert "horizon" in output
    assert "--reward_version" in output


def script(*args):
    command = [sys.executable, "run.py", *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_as_a_script():
    result = script("qmp_dnc", JACO, "--dry_run")
    assert result.returncode == 0
    assert json.loads(result.stdout)["batch_size"]["value"] == 1000
    failed = script("qmp_dnc", JACO, "--discount=2")
    assert failed.returncode == 2
    assert "allowed is a number from 0 to 1" in failed.stderr
    assert failed.stdout == ""


def test_help_does_not_import_what_is_heavy():
    code = (
        "import sys, run\n"
        "run.main(['qmp_dnc', '--help'], standalone_mode=False)\n"
        "heavy = {'torch', 'garage', 'matplotlib', 'metaworld', 'pandas', 'plotly', 'jinja2'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_plot_of_no_run_is_a_clear_error(tmp_path):
    result = script("plot", str(tmp_path))
    assert result.returncode == 1
    assert result.stderr == (
        f"Error: {tmp_path} holds no run: neither a folder with config.json and progress.csv nor a "
        "file <label>_seed<seed>.csv\n"
    )

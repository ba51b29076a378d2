"""An experiment as a function: what it returns, how it is stopped, and what it leaves behind."""

import contextlib
import dataclasses
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import dowel
import numpy as np
import psutil
import pytest
import torch

import environments
import garage_experiments
from learning.config.resolving import resolve
from learning.errors import ConfigError, RecordError, SnapshotError
from learning.experiment.reading import read_config
from learning.experiment.snapshots import snapshot_store
from learning.garage_bridge.garage_compat import get_seed, global_device
from learning.logging.tables import read_rows
from tests.experiment.plain_loop import episodes_in_a_plain_loop

PROJECT = Path(__file__).resolve().parents[2]
JACO = "JacoReachMT5-v1"
N_EPOCHS = 4
SIZES = {
    "seed": 5,
    "n_epochs": N_EPOCHS,
    "steps_per_epoch": 2,
    # So that snapshots fall into the middle of episodes of 200 steps.
    "batch_size": 205,
    "gradient_steps_per_itr": 15,
    "min_buffer_size": 30,
    "uniform_steps": 60,
    "buffer_batch_size": 10,
    "replay_buffer_size": 120,
    "hidden_sizes": (8, 8),
    "num_evaluation_episodes": 10,
    "evaluation_frequency": 2,
    # So that nothing but being stopped asks for a snapshot before the end.
    "snapshot_frequency": 100,
    "n_workers": 0,
    "torch_threads": 1,
}


def small(run_dir, method="qmp_dnc", **given):
    return resolve(method, JACO, **SIZES | given, log_dir=str(run_dir))


def rows_of(run_dir):
    """The rows of progress.csv as numbers, the columns of times left out."""
    columns, rows = read_rows(run_dir / "progress.csv")
    return [without_times(zip(columns, map(float, row), strict=True)) for row in rows]


def without_times(row):
    return {name: value for name, value in dict(row).items() if not name.startswith("Time/")}


def assert_same_record(first, second):
    """Both tables, and all arrays and values of the last snapshot."""
    np.testing.assert_equal(rows_of(second), rows_of(first))
    assert (second / "eval.csv").read_text() == (first / "eval.csv").read_text()
    ours, theirs = (snapshot_store(folder) for folder in (first, second))
    assert ours.names()[-1] == theirs.names()[-1]
    state, other = ours.load(), theirs.load()
    assert other.values == state.values
    assert other.arrays.keys() == state.arrays.keys()
    for key, array in state.arrays.items():
        np.testing.assert_array_equal(other.arrays[key], array, err_msg=key)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run from beginning to end: what it returned, and the rows that it was watched by."""
    seen = []
    config = small(tmp_path_factory.mktemp("runs") / "whole")
    result = garage_experiments.run_experiment(config, on_epoch=seen.append)
    return result, seen


def test_on_epoch_gets_each_row_that_is_written(whole):
    result, seen = whole
    assert [row["Epoch"] for row in seen] == list(range(N_EPOCHS))
    columns, rows = read_rows(result.folder / "progress.csv")
    for row, written in zip(seen, rows, strict=True):
        assert list(row) == columns
        np.testing.assert_equal(list(row.values()), list(map(float, written)))
        assert all(isinstance(value, int | float) for value in row.values())
    evaluated = [not math.isnan(row["Evaluation/AverageReturn"]) for row in seen]
    assert evaluated == [False, True, False, True]


def test_what_a_finished_run_returns(whole):
    result, seen = whole
    assert {field.name for field in dataclasses.fields(result)} == {"folder", "last_row", "ended"}
    assert isinstance(result.folder, Path)
    assert str(result.folder) == read_config(result.folder, command="eval").log_dir
    assert result.ended == "finished"
    np.testing.assert_equal(result.last_row, seen[-1])


def test_a_row_is_the_watchers_own(whole, tmp_path):
    result = garage_experiments.run_experiment(
        small(tmp_path / "run", n_epochs=2), on_epoch=lambda row: row.clear()
    )
    first_two = rows_of(whole[0].folder)[:2]
    np.testing.assert_equal(rows_of(tmp_path / "run"), first_two)
    np.testing.assert_equal(without_times(result.last_row), first_two[-1])


@pytest.mark.parametrize("last", [0, 1, 2])
def test_stopped_and_resumed_is_the_uninterrupted_run(last, whole, tmp_path):
    seen = []

    def stop(row):
        seen.append(row)
        return row["Epoch"] == last

    stopped = garage_experiments.run_experiment(small(tmp_path / "run"), on_epoch=stop)
    assert (stopped.folder, stopped.ended) == (tmp_path / "run", "stopped")
    assert [row["Epoch"] for row in seen] == list(range(last + 1))
    np.testing.assert_equal(stopped.last_row, seen[-1])
    np.testing.assert_equal(rows_of(tmp_path / "run"), rows_of(whole[0].folder)[: last + 1])
    snapshots = sorted(path.name for path in (tmp_path / "run/snapshots").glob("epoch_*"))
    assert snapshots == [f"epoch_{last:06d}"]
    seen.clear()
    resumed = garage_experiments.resume(tmp_path / "run", on_epoch=seen.append)
    assert [row["Epoch"] for row in seen] == list(range(last + 1, N_EPOCHS))
    assert (resumed.folder, resumed.ended) == (tmp_path / "run", "finished")
    np.testing.assert_equal(resumed.last_row, seen[-1])
    assert_same_record(whole[0].folder, tmp_path / "run")


def test_stopped_again_and_again(whole, tmp_path):
    ended = [garage_experiments.run_experiment(small(tmp_path / "run"), on_epoch=lambda _: True)]
    for _ in range(N_EPOCHS - 2):
        ended.append(garage_experiments.resume(tmp_path / "run", on_epoch=lambda _: True))
    assert [each.ended for each in ended] == ["stopped"] * (N_EPOCHS - 1)
    assert [each.last_row["Epoch"] for each in ended] == list(range(N_EPOCHS - 1))
    assert garage_experiments.resume(tmp_path / "run").ended == "finished"
    assert_same_record(whole[0].folder, tmp_path / "run")


@pytest.mark.parametrize("answer", [None, False])
def test_any_other_answer_goes_on(answer, tmp_path):
    config = small(tmp_path / "run", n_epochs=2)
    result = garage_experiments.run_experiment(config, on_epoch=lambda _: answer)
    assert (result.ended, result.last_row["Epoch"]) == ("finished", 1)


def test_a_comparison_of_a_rows_value_stops(tmp_path):
    """Whatever column it is of: the values are Python's numbers, so that comparing gives a bool."""
    compared = []

    def stop(row):
        compared.extend(type(value >= 0) for value in row.values())
        return row["Policy/Loss/mean"] > -math.inf

    assert garage_experiments.run_experiment(small(tmp_path / "run"), on_epoch=stop).ended == (
        "stopped"
    )
    assert set(compared) == {bool}


def test_resuming_a_finished_run_changes_nothing(tmp_path):
    config = small(tmp_path / "run", n_epochs=2)
    result = garage_experiments.run_experiment(config)
    kept = {
        path: path.read_bytes()
        for path in result.folder.rglob("*")
        if path.is_file() and not path.name.startswith("events")
    }
    again = garage_experiments.resume(result.folder, on_epoch=pytest.fail)
    assert (again.folder, again.ended) == (result.folder, "had finished")
    np.testing.assert_equal(again.last_row, result.last_row)
    assert {path: path.read_bytes() for path in kept} == kept


def test_a_folder_with_a_run_is_left_as_it_is(whole):
    folder = whole[0].folder
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    with pytest.raises(RecordError, match=f"python run.py resume {folder}"):
        garage_experiments.run_experiment(small(folder))
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before


class Listener(dowel.LogOutput):
    """An output of the caller's own, for everything."""

    types_accepted = (dowel.TabularInput, str)

    def __init__(self):
        self.heard = []
        self.closed = False

    def record(self, data, prefix=""):
        self.heard.append(data)

    def close(self):
        self.closed = True


def state_of_process():
    """What an experiment must leave as it was."""
    return {
        "torch threads": torch.get_num_threads(),
        "torch random": torch.get_rng_state().tolist(),
        "deterministic": (
            torch.backends.cudnn.deterministic,
            torch.backends.cudnn.benchmark,
            torch.are_deterministic_algorithms_enabled(),
        ),
        "gradients": torch.is_grad_enabled(),
        "default dtype": torch.get_default_dtype(),
        "numpy random": [np.asarray(part).tolist() for part in np.random.get_state()],  # noqa: NPY002
        "python random": random.getstate(),
        "variables": dict(os.environ),
        "folder": os.getcwd(),
        "outputs": list(dowel.logger._outputs),
        "prefixes": list(dowel.logger._prefixes),
        "tabular": dict(dowel.tabular.as_primitive_dict),
        "garage's seed and device": (get_seed(), global_device()),
        "processes": [each.pid for each in psutil.Process().children(recursive=True)],
        "open files": sorted(each.path for each in psutil.Process().open_files()),
    }


@pytest.fixture
def process(monkeypatch):
    """A process whose caller has set everything otherwise than an experiment would."""
    threads = torch.get_num_threads()
    listener = Listener()
    dowel.logger.add_output(listener)
    dowel.tabular.record("mine", 7)
    torch.set_num_threads(2)
    monkeypatch.setenv("OF_THE_CALLER", "kept")
    with torch.random.fork_rng():
        torch.manual_seed(101)
        kept = np.random.get_state(), random.getstate()  # noqa: NPY002
        np.random.seed(102)  # noqa: NPY002
        random.seed(103)
        yield
        np.random.set_state(kept[0])  # noqa: NPY002
        random.setstate(kept[1])
    torch.set_num_threads(threads)
    listened = listener.heard, listener.closed
    dowel.logger.remove_output_type(Listener)
    dowel.tabular.mark("mine")
    dowel.tabular.clear()
    assert listened == ([], False)


@contextlib.contextmanager
def left_alone():
    before = state_of_process()
    yield
    after = state_of_process()
    for name, value in before.items():
        assert after[name] == value, name


TWO = {"first": ("qmp_dnc", {}), "second": ("mtsac", {"seed": 7, "objective": "pcgrad"})}


def in_a_fresh_process(run_dir, method, given):
    code = (
        "import garage_experiments\n"
        f"options = {SIZES | given | {'log_dir': str(run_dir)}!r}\n"
        f"config = garage_experiments.resolve({method!r}, {JACO!r}, **options)\n"
        "garage_experiments.run_experiment(config)"
    )
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        timeout=300,
    )


@pytest.mark.usefixtures("process")
def test_experiments_after_one_another_are_those_of_fresh_processes(tmp_path):
    for name, (method, given) in TWO.items():
        with left_alone():
            garage_experiments.run_experiment(small(tmp_path / name, method, **given))
        in_a_fresh_process(tmp_path / f"fresh {name}", method, given)
        assert_same_record(tmp_path / f"fresh {name}", tmp_path / name)
    with left_alone():
        garage_experiments.run_experiment(small(tmp_path / "first again"))
    assert_same_record(tmp_path / "first", tmp_path / "first again")


@pytest.mark.usefixtures("process")
def test_worker_processes_leave_with_the_experiment(tmp_path):
    garage_experiments.run_experiment(small(tmp_path / "none"))
    with left_alone():
        garage_experiments.run_experiment(small(tmp_path / "two", n_workers=2))
    np.testing.assert_equal(rows_of(tmp_path / "two"), rows_of(tmp_path / "none"))


class Failure(Exception):
    """Of the caller's own code."""


@pytest.mark.parametrize("error", [Failure, KeyboardInterrupt])
@pytest.mark.usefixtures("process")
def test_an_experiment_that_fails_leaves_the_process_alone(error, whole, tmp_path):
    def fail(row):
        if row["Epoch"] == 2:
            raise error

    config = small(tmp_path / "run", snapshot_frequency=2)
    with left_alone(), pytest.raises(error):
        garage_experiments.run_experiment(config, on_epoch=fail)
    assert len(rows_of(tmp_path / "run")) == 3
    # What was saved before it failed can be gone on with, also where that fails at first.
    with left_alone(), pytest.raises(error):
        garage_experiments.resume(tmp_path / "run", on_epoch=fail)
    with left_alone():
        garage_experiments.resume(tmp_path / "run")
    np.testing.assert_equal(rows_of(tmp_path / "run"), rows_of(whole[0].folder))


@pytest.mark.usefixtures("process")
def test_what_cannot_begin_leaves_the_process_alone(whole, tmp_path):
    config = small(tmp_path / "run", "qmp_domain", domain_weights=(-1.0,) * 25)
    with left_alone(), pytest.raises(ConfigError):
        garage_experiments.run_experiment(config)
    assert list(tmp_path.iterdir()) == []
    with left_alone(), pytest.raises(ConfigError, match="CUDA"):
        garage_experiments.run_experiment(small(tmp_path / "run", gpu=99))
    assert list(tmp_path.iterdir()) == []
    with left_alone(), pytest.raises(SnapshotError, match="no snapshot 'epoch_9'"):
        garage_experiments.resume(whole[0].folder, snapshot="epoch_9")


@pytest.mark.usefixtures("process")
def test_evaluating_and_loading_leave_the_process_alone(whole):
    folder = whole[0].folder
    with left_alone():
        garage_experiments.evaluate(folder)
    with left_alone():
        garage_experiments.evaluate_all_pairs(folder)
    for mixture in (False, True):
        with left_alone():
            policy = garage_experiments.load_policy(folder, mixture=mixture)
            policy.begin(0)
            policy.act(np.zeros(environments.make_task_set(JACO).observation_space.shape))
    with left_alone(), pytest.raises(ConfigError, match="must be a multiple of the 5 tasks"):
        garage_experiments.evaluate(folder, num_evaluation_episodes=7)


def test_evaluating_repeats_the_last_row(whole):
    result, _ = whole
    columns = garage_experiments.evaluate(result.folder)
    assert set(columns) == {name for name in result.last_row if name.startswith("Evaluation")}
    assert columns == {name: result.last_row[name] for name in columns}


def test_folders_may_be_given_as_text(whole):
    folder = str(whole[0].folder)
    assert garage_experiments.evaluate(folder) == garage_experiments.evaluate(whole[0].folder)
    assert garage_experiments.resume(folder).ended == "had finished"
    assert garage_experiments.load_policy(folder).epoch == N_EPOCHS - 1


def assert_acts_as_evaluated(run_dir, *, mixture, seed, n_episodes):
    columns = garage_experiments.evaluate(
        run_dir, seed=seed, num_evaluation_episodes=5 * n_episodes
    )
    policy = garage_experiments.load_policy(run_dir, mixture=mixture)
    assert policy.epoch == N_EPOCHS - 1
    assert policy.task_names == environments.make_task_set(JACO).task_names
    prefix = "EvaluationMixture" if mixture else "Evaluation"
    # Not in the order of the tasks, since no episode may depend on the one before.
    for task, name in reversed(list(enumerate(policy.task_names))):
        returns, successes = episodes_in_a_plain_loop(
            policy, task, run_seed=SIZES["seed"], seed=seed, n_episodes=n_episodes
        )
        assert np.mean(returns) == columns[f"{prefix}/{name}/AverageReturn"]
        assert np.mean(successes) == columns[f"{prefix}/{name}/SuccessRate"]


@pytest.mark.parametrize("uniform_steps", [60, 100_000])
@pytest.mark.parametrize("method", ["dnc_sac", "mtsac", "sac"])
def test_own_policies_act_in_a_plain_loop_as_evaluated(method, uniform_steps, tmp_path):
    config = small(tmp_path / "run", method, uniform_steps=uniform_steps, hidden_sizes=(32, 32))
    garage_experiments.run_experiment(config)
    assert_acts_as_evaluated(tmp_path / "run", mixture=False, seed=5, n_episodes=2)


@pytest.mark.parametrize("uniform_steps", [60, 100_000])
@pytest.mark.parametrize("options", [{}, {"policy_sampling_freq": 7}])
def test_mixtures_act_in_a_plain_loop_as_evaluated(options, uniform_steps, tmp_path):
    config = small(tmp_path / "run", uniform_steps=uniform_steps, **options)
    garage_experiments.run_experiment(config)
    for mixture in (False, True):
        assert_acts_as_evaluated(tmp_path / "run", mixture=mixture, seed=11, n_episodes=2)


def test_an_older_snapshot_acts(tmp_path):
    garage_experiments.run_experiment(small(tmp_path / "run", snapshot_frequency=2))
    policies = [
        garage_experiments.load_policy(tmp_path / "run", snapshot=name)
        for name in ("epoch_000001", "epoch_000003", None)
    ]
    assert [policy.epoch for policy in policies] == [1, 3, 3]
    for policy in policies:
        policy.begin(2)
    size = environments.make_task_set(JACO).observation_space.shape
    observation = np.random.default_rng(0).normal(size=size)
    first, last, newest = (policy.act(observation) for policy in policies)
    assert not np.array_equal(first, last)
    np.testing.assert_array_equal(last, newest)


def test_what_load_policy_refuses(whole, tmp_path):
    policy = garage_experiments.load_policy(whole[0].folder)
    with pytest.raises(RuntimeError, match="begin"):
        policy.act(np.zeros(15))
    with pytest.raises(RecordError, match="not the folder of a run"):
        garage_experiments.load_policy(tmp_path)
    with pytest.raises(SnapshotError, match="no snapshot 'epoch_9'"):
        garage_experiments.load_policy(whole[0].folder, snapshot="epoch_9")
    garage_experiments.run_experiment(small(tmp_path / "own", "dnc_sac", n_epochs=1))
    with pytest.raises(ConfigError, match="dnc_sac has no mixture"):
        garage_experiments.load_policy(tmp_path / "own", mixture=True)


@pytest.mark.parametrize("first", ["import torch", "pass"])
def test_importing_leaves_the_environments_variables(first):
    code = (
        "import os\n"
        f"{first}\n"
        "before = dict(os.environ)\n"
        "import garage_experiments\n"
        # Gymnasium sets this one when it is imported.
        "os.environ.pop('PYGAME_HIDE_SUPPORT_PROMPT', None)\n"
        "before.pop('PYGAME_HIDE_SUPPORT_PROMPT', None)\n"
        "assert dict(os.environ) == before\n"
    )
    root = Path(garage_experiments.__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

"""A run on Meta-World evaluates on the goals that it says; one of before the option as it did.

The tasks' episodes are short, so that the goal shows in every return.
"""

import json
import shutil

import numpy as np
import pytest

import garage_experiments
from environments import make_task_set
from learning.config.resolving import resolve
from learning.errors import RecordError
from learning.experiment.reading import read_config
from learning.logging.tables import read_rows
from learning.plotting.curves import plot_runs
from learning.streams import stream_seed

N_GOALS = 3
SIZES = {
    "seed": 5,
    "tasks": "reach,push",
    "horizon": 2,
    "n_goals": N_GOALS,
    "n_epochs": 3,
    "steps_per_epoch": 1,
    "batch_size": 20,
    "gradient_steps_per_itr": 4,
    "min_buffer_size": 6,
    "buffer_batch_size": 4,
    "replay_buffer_size": 40,
    "hidden_sizes": (8, 8),
    "num_evaluation_episodes": 2 * N_GOALS,
    "evaluation_frequency": 1,
    "snapshot_frequency": 1,
    "n_workers": 0,
    "torch_threads": 1,
}


def train(run_dir, goals, **given):
    options = SIZES | {"evaluation_goals": goals} | given
    config = resolve("dnc_sac", "MetaWorldCustom-v2", **options, log_dir=str(run_dir))
    garage_experiments.run_experiment(config)
    return run_dir


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return {each: train(folder / each, each) for each in ("train", "held_out", "train_at_random")}


def last_row(run_dir):
    columns, rows = read_rows(run_dir / "progress.csv")
    return dict(zip(columns, map(float, rows[-1]), strict=True))


def by_hand(run_dir, goals):
    """The last evaluation's returns [T, E] as a user of Gymnasium would get them."""
    policy = garage_experiments.load_policy(run_dir)
    options = dict(read_config(run_dir, command="eval").env_options) | {"evaluation_goals": goals}
    task_set = make_task_set("MetaWorldCustom-v2", **options)
    returns = np.empty((2, N_GOALS))
    for task, name in enumerate(task_set.task_names):
        env = task_set.make(task, evaluation=True)
        env.reset(seed=stream_seed(5, f"environment/{name}"))
        for episode in range(N_GOALS):
            seed = stream_seed(5, f"evaluation/{name}", policy.epoch) if episode == 0 else None
            observation, _ = env.reset(seed=seed, options={"same_run": True})
            policy.begin(task)
            for _ in range(2):
                observation, *_, info = env.step(policy.act(observation))
            returns[task, episode] = info["episode_return"]
    return returns


def logged(run_dir):
    """The last evaluation's returns [T, E] in eval.csv."""
    columns, rows = read_rows(run_dir / "eval.csv")
    column = columns.index("return")
    return np.array([float(row[column]) for row in rows[-2 * N_GOALS :]]).reshape(2, N_GOALS)


@pytest.mark.parametrize("goals", ["train", "held_out", "train_at_random"])
def test_what_is_logged_is_on_these_goals_and_comes_again(goals, runs):
    returns = logged(runs[goals])
    np.testing.assert_array_equal(returns, by_hand(runs[goals], goals))
    distinct = [len(np.unique(each)) for each in returns]
    assert distinct == [N_GOALS] * 2 or goals == "train_at_random"
    columns = garage_experiments.evaluate(runs[goals])
    row = last_row(runs[goals])
    assert columns == {name: row[name] for name in columns}
    assert garage_experiments.evaluate(runs[goals]) == columns
    card = json.loads((runs[goals] / "protocol.json").read_text())
    assert card["evaluation_goals"] == goals


def test_a_walk_over_all_goals_only_changes_its_order_with_the_seed(runs):
    one, other = (garage_experiments.evaluate(runs["train"], seed=seed) for seed in (6, 7))
    assert one == pytest.approx(other, rel=1e-12)


def test_the_goals_of_evaluation_leave_training_as_it_is(runs):
    first, *others = (last_row(run_dir) for run_dir in runs.values())
    for other in others:
        for name, value in first.items():
            if not name.startswith(("Evaluation/", "Time/")):
                np.testing.assert_equal(other[name], value)
    assert not np.array_equal(logged(runs["train"]), logged(runs["held_out"]))


def test_worker_processes_evaluate_on_the_same_goals(runs, tmp_path):
    elsewhere = train(tmp_path / "run", "held_out", n_workers=2)
    np.testing.assert_array_equal(logged(elsewhere), logged(runs["held_out"]))


def without_the_option(run_dir):
    """Make the record of a run one from before the option."""
    for path in [run_dir / "config.json", *run_dir.glob("snapshots/*/snapshot.json")]:
        values = json.loads(path.read_text())
        config = values.get("config", values)
        config["config_version"] = 3
        assert config["env_options"].pop("evaluation_goals") == "train_at_random"
        path.write_text(json.dumps(values))
    card = json.loads((run_dir / "protocol.json").read_text())
    del card["evaluation_goals"]
    (run_dir / "protocol.json").write_text(json.dumps(card))


def test_a_record_of_before_goes_on_as_it_began(runs, tmp_path):
    whole = runs["train_at_random"]
    run_dir = shutil.copytree(whole, tmp_path / "run")
    without_the_option(run_dir)
    assert dict(read_config(run_dir, command="eval").env_options)["evaluation_goals"] == (
        "train_at_random"
    )
    row = last_row(whole)
    columns = garage_experiments.evaluate(run_dir)
    assert columns == {name: row[name] for name in columns}
    garage_experiments.resume(run_dir, snapshot="epoch_000001")
    assert (run_dir / "eval.csv").read_bytes() == (whole / "eval.csv").read_bytes()
    for name, value in last_row(run_dir).items():
        if not name.startswith("Time/"):
            np.testing.assert_equal(value, row[name])
    assert garage_experiments.evaluate(run_dir) == columns


def test_runs_with_other_goals_share_no_figure(runs, tmp_path):
    before = shutil.copytree(runs["train_at_random"], tmp_path / "run")
    without_the_option(before)
    plot_runs([before, runs["train_at_random"]], out=tmp_path / "same")
    for one, other in (("train", "held_out"), ("train", "train_at_random")):
        message = rf"evaluation_goals: {one} \| {other}"
        with pytest.raises(RecordError, match=message):
            plot_runs([runs[one], runs[other]], out=tmp_path / "both")
    with pytest.raises(RecordError, match=r"evaluation_goals: train_at_random \| held_out"):
        plot_runs([before, runs["held_out"]], out=tmp_path / "both")
    plot_runs([before, runs["held_out"]], out=tmp_path / "forced", force=True)

"""Every method on every task set, and every pair of members of two axes, trains and is evaluated.

Real environments, the whole experiment, a few iterations on small settings. What a method learns is
not asked here; that its numbers are right is, in the tests of its parts.
"""

import itertools
import random

import numpy as np
import pytest

import environments
import garage_experiments
import learning.experiment.evaluation
import learning.samplers.building
from environments import registry
from learning.config.members import MEMBERS
from learning.config.methods import AXES, METHODS
from learning.config.resolving import resolve
from learning.config.task_set_presets import TASK_SETS
from learning.errors import ConfigError
from learning.logging.tables import read_rows
from learning.samplers.vector_environment import VectorEnvironment

ENV_OPTIONS = {"MetaWorldCustom-v2": {"tasks": "door-open,drawer-close,reach"}}
EPISODE_STEPS = 5


class SharedEnvironments:
    """Gives the same environments to one test after another; building Meta-World's takes long."""

    def __init__(self):
        self._made = {}

    def __call__(self, task_set_id, options, **arguments):
        key = (task_set_id, repr(sorted(options.items())), repr(sorted(arguments.items())))
        free = self._made.setdefault(key, [])
        for environment, users in free:
            if not users:
                users.append("a run")
                return environment
        environment = VectorEnvironment(task_set_id, options, **arguments)
        users = ["a run"]
        environment.really_close, environment.close = environment.close, users.clear
        free.append((environment, users))
        return environment

    def close(self):
        for free in self._made.values():
            for environment, _ in free:
                environment.really_close()


@pytest.fixture(scope="module")
def shared_environments():
    shared = SharedEnvironments()
    yield shared
    shared.close()


def shortened(task_set_class):
    """The same task set with a time limit of a few steps."""

    class Short(task_set_class):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.max_episode_steps = EPISODE_STEPS

    return Short


@pytest.fixture
def short_episodes(monkeypatch, shared_environments):
    """Episodes of a few steps, in shared environments."""
    whole = registry._task_set_class
    monkeypatch.setattr(registry, "_task_set_class", lambda env: shortened(whole(env)))
    monkeypatch.setattr(learning.experiment.evaluation, "VectorEnvironment", shared_environments)
    monkeypatch.setattr(learning.samplers.building, "VectorEnvironment", shared_environments)


def task_set_of(env):
    return environments.make_task_set(env, **ENV_OPTIONS.get(env, {}))


def small(method, env, run_dir, **given):
    n_tasks = task_set_of(env).n_tasks
    sizes = {
        "n_epochs": 2,
        "steps_per_epoch": 2,
        "batch_size": 3 * n_tasks,
        "gradient_steps_per_itr": 2 * n_tasks,
        "min_buffer_size": 4,
        "uniform_steps": 2,
        # Where it is a total, tasks take turns at a second transition.
        "buffer_batch_size": n_tasks + 1,
        "replay_buffer_size": 20,
        "hidden_sizes": (8, 8),
        "num_evaluation_episodes": n_tasks,
        "evaluation_frequency": 2,
        "snapshot_frequency": 2,
        "n_workers": 0,
        "torch_threads": 1,
        "log_dir": str(run_dir),
    }
    if given.get("behaviour", METHODS[method].behaviour) == "levy":
        sizes["levy_cap"] = 1.0  # Else no jump fits into so short an episode.
    config = resolve(method, env, env_options=ENV_OPTIONS.get(env, {}), **sizes | given)
    # Two updates either way.
    if config.update_schedule == "shared":
        config = config.replace(gradient_steps_per_itr=2)
    return config


def trained_row(config, run_dir):
    """The last row of a run of `config`, names and values."""
    garage_experiments.run_experiment(config)
    columns, rows = read_rows(run_dir / "progress.csv")
    assert len(rows) == config.n_epochs
    return dict(zip(columns, rows[-1], strict=True))


def check(row, config):
    """It took all its updates, its losses are finite, and both kinds of actors were evaluated."""
    n_tasks = task_set_of(config.env).n_tasks
    updates = config.n_epochs * config.steps_per_epoch * 2
    assert int(row["Updates"]) == updates
    for name in ("Policy/Loss/mean", "QF/Qf1Loss/mean", "QF/Qf2Loss/mean", "AlphaTemperature/mean"):
        assert np.isfinite(float(row[name])), name
    assert np.isfinite(float(row["Evaluation/AverageReturn"]))
    mixture = config.behaviour != "own"
    assert ("EvaluationMixture/AverageReturn" in row) == mixture
    if mixture:
        shares = [
            [float(row[f"Behaviour/{i}_{j}"]) for j in range(n_tasks)] for i in range(n_tasks)
        ]
        np.testing.assert_allclose(np.sum(shares, axis=1), 1.0)
    if config.behaviour == "levy":
        assert any(float(value) > 0.0 for name, value in row.items() if name.endswith("/JumpShare"))


def needs(method, env):
    """What the user must give beside the method and the task set, if anything."""
    task_set = task_set_of(env)
    given = {}
    if METHODS[method].behaviour == "domain" and task_set.domain_weights() is None:
        given["domain_weights"] = tuple(np.eye(task_set.n_tasks).ravel() + 0.1)
    if METHODS[method].data != "own" and None in task_set.min_reward:
        given["relabel"] = "true_reward"
    return given


@pytest.mark.parametrize("env", TASK_SETS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.usefixtures("short_episodes")
def test_every_method_trains_on_every_task_set(method, env, tmp_path):
    config = small(method, env, tmp_path / "run", **needs(method, env))
    check(trained_row(config, tmp_path / "run"), config)


def members(axis):
    return tuple(MEMBERS[axis])


def pairs_of(combination):
    return set(itertools.combinations(sorted(combination.items()), 2))


def allowed(combination):
    try:
        small("train", "JacoReachMT5-v1", "run", **combination)
    except ConfigError:
        return False
    return True


def covering_combinations():
    """Combinations in which every pair of members that goes together occurs, found greedily."""
    every = [
        dict(zip(AXES, chosen, strict=True))
        for chosen in itertools.product(*(members(axis) for axis in AXES))
    ]
    every = [combination for combination in every if allowed(combination)]
    random.Random(0).shuffle(every)
    missing = set().union(*(pairs_of(combination) for combination in every))
    chosen = []
    while missing:
        best = max(every, key=lambda combination: len(pairs_of(combination) & missing))
        missing -= pairs_of(best)
        chosen.append(best)
    return chosen


COMBINATIONS = covering_combinations()


@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda each: "-".join(each.values()))
@pytest.mark.usefixtures("short_episodes")
def test_every_pair_of_members_trains(combination, tmp_path):
    config = small("train", "JacoReachMT5-v1", tmp_path / "run", **combination)
    check(trained_row(config, tmp_path / "run"), config)


def test_the_combinations_leave_out_only_what_is_refused():
    seen = set().union(*(pairs_of(combination) for combination in COMBINATIONS))
    refused = {
        pair
        for first, second in itertools.combinations(AXES, 2)
        for pair in itertools.product(
            [(first, member) for member in members(first)],
            [(second, member) for member in members(second)],
        )
        if tuple(sorted(pair)) not in seen
    }
    # With an encoder, all pairs go together.
    assert refused == set()
    shared = {"policy_architecture": "shared", "q_architecture": "multihead"}
    alone = {"behaviour": "own", "data": "own", "objective": "none"}
    for encoder, goes_together in (("none", False), ("care", True)):
        for change in (
            *({"behaviour": name} for name in ("qswitch", "uniform", "domain", "levy")),
            {"objective": "dnc"},
        ):
            members_of_run = {**alone, **shared, **change, "state_encoder": encoder}
            assert allowed(members_of_run) == goes_together, members_of_run


@pytest.mark.parametrize(
    ("method", "given", "message"),
    [
        ("qmp_domain", {}, "has no domain weights of its own: give --domain_weights FILE"),
        ("mtlevy", {"neighbors": "task_set"}, "does not say how near its tasks are"),
        ("mtlevy", {"levy_cap": 0.003}, "none of them is a jump: give --levy_cap at least 0.004"),
    ],
)
def test_what_cannot_be_built_leaves_no_record(method, given, message, tmp_path):
    config = small(method, "MazeLarge-10-v0", tmp_path / "run", **given)
    with pytest.raises(ConfigError, match=message):
        garage_experiments.run_experiment(config)
    assert list(tmp_path.iterdir()) == []

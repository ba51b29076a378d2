"""Which goals evaluation has, and in which order, against training's."""

from typing import Any

import numpy as np
import pytest

from environments import TaskEnv, make_task_set
from environments.metaworld_cds.env import MetaWorldCdsEnv
from environments.metaworld_env import MetaWorldEnv
from environments.resumable_env import ResumableEnv
from environments.run_goals import RunGoals

STILL = np.zeros(4, dtype=np.float32)
SETS = ("MetaWorldCustom-v2", "MetaWorldCDS-v1")


def make(task_set_id: str, *, evaluation: bool = True, **options: Any) -> TaskEnv:
    if task_set_id == "MetaWorldCustom-v2":
        options = {"tasks": "push", "horizon": 1, "n_goals": 5, **options}
    return make_task_set(task_set_id, **options).make(0, evaluation=evaluation)


def goals_of(env: TaskEnv) -> list[tuple[float, ...]]:
    raw = env.unwrapped
    assert isinstance(raw, MetaWorldEnv | MetaWorldCdsEnv)
    return [tuple(goal) for goal in raw.goals.tolist()]


def starts(env: TaskEnv, n_episodes: int, seed: int | None = None) -> list[bytes]:
    """Return the first observations of episodes; with a seed, the first begins from it."""
    seen = []
    for episode in range(n_episodes):
        beginning = seed if episode == 0 else None
        options = {"same_run": True} if beginning is not None else None
        seen.append(env.reset(seed=beginning, options=options)[0].tobytes())
    return seen


@pytest.mark.parametrize("task_set_id", SETS)
def test_the_goals_are_trainings_or_all_others(task_set_id: str) -> None:
    training = make(task_set_id, evaluation=False)
    training.reset(seed=4)
    seen_in_training = set(starts(training, 400))
    n_goals = len(goals_of(training))
    assert len(seen_in_training) == n_goals
    for goals in ("train", "train_at_random", "held_out"):
        env = make(task_set_id, evaluation_goals=goals)
        env.reset(seed=4)
        seen = set(starts(env, 400, seed=9))
        if goals == "held_out":
            assert len(set(goals_of(env))) == n_goals
            assert not set(goals_of(env)) & set(goals_of(training))
            assert not seen & seen_in_training
            assert len(seen) == n_goals
        else:
            assert goals_of(env) == goals_of(training)
            assert seen == seen_in_training


@pytest.mark.parametrize("task_set_id", SETS)
@pytest.mark.parametrize("goals", ["train", "held_out"])
def test_a_walk_takes_no_goal_twice_before_all_had_their_turn(task_set_id: str, goals: str) -> None:
    env = make(task_set_id, evaluation_goals=goals)
    env.reset(seed=4)
    n = len(goals_of(env))
    walk = starts(env, 3 * n, seed=9)
    rounds = [walk[i : i + n] for i in (0, n, 2 * n)]
    assert all(len(set(each)) == n for each in rounds)
    assert len({tuple(each) for each in rounds}) == 3  # shuffled anew
    assert starts(env, 3, seed=9) == walk[:3]  # whatever came before
    assert starts(env, n, seed=9) == walk[:n]
    assert starts(env, n, seed=10) != walk[:n]
    again = make(task_set_id, evaluation_goals=goals)
    again.reset(seed=4)
    assert starts(again, n, seed=9) == walk[:n]
    other = make(task_set_id, evaluation_goals=goals)
    other.reset(seed=5)
    assert not set(goals_of(other)) & set(goals_of(env))


def test_the_order_is_the_permutation_of_the_seed() -> None:
    env = make("MetaWorldCustom-v2", evaluation_goals="train")
    env.reset(seed=4)
    seen = starts(env, 5, seed=9)
    order = np.random.Generator(np.random.PCG64(9)).permutation(5)
    raw = env.unwrapped
    assert isinstance(raw, MetaWorldEnv)
    goals = raw.goals
    training = make("MetaWorldCustom-v2", evaluation=False, n_goals=1)
    for start, goal in zip(seen, goals[order], strict=True):
        training.reset(seed=0)
        state = training.get_state()
        raw_training = training.unwrapped
        assert isinstance(raw_training, ResumableEnv)
        raw_training.set_run_state(goal[None])
        assert training.reset()[0].tobytes() == start
        training.set_state(state)


def test_at_random_is_what_was_done_before() -> None:
    """Of training's goals, the one that the seed's stream draws, with repetition."""
    env = make("MetaWorldCustom-v2", evaluation_goals="train_at_random")
    training = make("MetaWorldCustom-v2", evaluation=False)
    for each in (env, training):
        each.reset(seed=4)
    assert starts(env, 30, seed=9) == starts(training, 30, seed=9)
    assert len(set(starts(env, 5, seed=9))) < 5


@pytest.mark.parametrize("goals", ["train", "train_at_random", "held_out"])
def test_one_goal_is_fixed_and_shared_or_not(goals: str) -> None:
    env = make("MetaWorldCustom-v2", evaluation_goals=goals, n_goals=1)
    training = make("MetaWorldCustom-v2", evaluation=False, n_goals=1)
    start = training.reset(seed=4)[0].tobytes()
    env.reset(seed=4)
    seen = set(starts(env, 4, seed=9)) | set(starts(env, 4, seed=10))
    assert len(seen) == 1
    assert (seen == {start}) == (goals != "held_out")


def test_fewer_goals_are_the_first_held_out_ones() -> None:
    five, two = (make("MetaWorldCustom-v2", n_goals=n) for n in (5, 2))
    for env in (five, two):
        env.reset(seed=4)
    assert goals_of(two) == goals_of(five)[:2]


@pytest.mark.parametrize("task_set_id", SETS)
@pytest.mark.parametrize("n_before", [0, 1, 4, 5, 6])
def test_states_come_back_on_a_walk(task_set_id: str, n_before: int) -> None:
    env, other = make(task_set_id), make(task_set_id)
    env.reset(seed=4)
    n = len(goals_of(env))
    # At the walk's beginning, at its end, and in the next one's beginning.
    if n_before > 1:
        n_before += n - 5
    starts(env, n_before + 1, seed=9)
    env.step(STILL)
    state = env.get_state()
    assert state["run"].shape == (n, len(goals_of(env)[0]) + 1)
    other.set_state(state)
    for key, value in state.items():
        assert np.array_equal(other.get_state()[key], value)
    ahead = starts(env, 2 * n)
    assert starts(other, 2 * n) == ahead
    with pytest.raises(ValueError, match="the state's goals have shape"):
        make(task_set_id, evaluation=False).set_state(state)


def test_goals_are_counted_once_a_round() -> None:
    goals = RunGoals(4, 1, evaluation_goals="train")
    random = np.random.default_rng(0)
    goals.begin_run(np.arange(4.0)[:, None])
    values = [float(goals.choose(random)[0]) for _ in range(8)]
    twin = np.random.default_rng(0)
    assert values == [*twin.permutation(4).tolist(), *twin.permutation(4).tolist()]


@pytest.mark.parametrize("task_set_id", ["MetaWorldMT10-v2", *SETS])
@pytest.mark.parametrize("goals", ["train", "train_at_random", "held_out"])
def test_the_card_says_which(task_set_id: str, goals: str) -> None:
    task_set = make_task_set(task_set_id, evaluation_goals=goals)
    assert task_set.protocol()["evaluation_goals"] == goals
    assert make_task_set(task_set_id).protocol()["evaluation_goals"] == "held_out"

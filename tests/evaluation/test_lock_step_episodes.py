"""Evaluation episodes against a plain loop over tasks and episodes."""

import math

import numpy as np
import pytest
from dowel import tabular

from learning.evaluation.evaluator import Evaluator
from learning.evaluation.lock_step_episodes import evaluate_episodes
from learning.samplers.vector_environment import VectorEnvironment
from tests.policies.counting_switch import make_counting_switch
from tests.samplers.fake_task_set import make_counting

N_TASKS, N_EPISODES = 3, 4
SEEDS = [11, 12, 13]


def make_environment(n_workers=0):
    environment = VectorEnvironment(
        "Counting-v0", {"n_tasks": N_TASKS}, n_workers=n_workers, task_set_factory=make_counting
    )
    environment.reset([1, 2, 3])
    return environment


def evaluate(policy, environment):
    return evaluate_episodes(
        policy,
        environment,
        n_episodes=N_EPISODES,
        seeds=SEEDS,
        random=np.random.default_rng(0),
    )


@pytest.mark.parametrize("own", [True, False])
def test_episodes_equal_a_plain_loop(own):
    switch = make_counting_switch()
    policy = switch.policies if own else switch
    with make_environment() as environment:
        episodes = evaluate(policy, environment)
    task_set = make_counting(n_tasks=N_TASKS)
    for task in range(N_TASKS):
        env = task_set.make(task)
        env.reset(seed=task + 1)
        observation, _ = env.reset(seed=SEEDS[task], options={"same_run": True})
        for episode in range(N_EPISODES):
            policy.reset()
            total, done, steps, success = 0.0, False, 0, 0.0
            while not done:
                row = np.r_[observation, np.eye(N_TASKS)[task]].astype(np.float32)
                action = policy.get_action(row)[1]["mean"]
                observation, reward, terminated, truncated, info = env.step(action)
                total, steps = total + reward, steps + 1
                success = max(success, info["success"])
                done = terminated or truncated
            assert episodes.returns[task, episode] == pytest.approx(total, rel=1e-4)
            assert episodes.lengths[task, episode] == steps == min(3 + 2 * task, 7)
            assert episodes.success[task, episode] == success
            observation, _ = env.reset()
    assert episodes.lengths.sum() == N_EPISODES * (3 + 5 + 7)


def test_worker_processes_and_repetition_change_nothing():
    switch = make_counting_switch()
    with make_environment() as environment:
        first = evaluate(switch, environment)
        again = evaluate(switch, environment)
    with make_environment(n_workers=2) as environment:
        elsewhere = evaluate(switch, environment)
    for episodes in (again, elsewhere):
        np.testing.assert_array_equal(first.returns, episodes.returns)


def test_the_policys_stream_and_held_choices_are_left_alone():
    switch, twin = make_counting_switch(), make_counting_switch()
    with make_environment() as environment:
        evaluate(switch, environment)
    observations = np.hstack((np.ones((N_TASKS, 3)), np.eye(N_TASKS))).astype(np.float32)
    np.testing.assert_array_equal(
        switch.get_actions(observations)[0], twin.get_actions(observations)[0]
    )


def test_when_and_what_the_evaluator_records():
    switch, seen = make_counting_switch(), []
    task_set = make_counting(n_tasks=N_TASKS)
    environment = make_environment()
    evaluator = Evaluator(
        task_set=task_set,
        environment=environment,
        run_seeds=[1, 2, 3],
        policies={"Evaluation": switch.policies, "EvaluationMixture": switch},
        n_episodes=2,
        frequency=3,
        n_epochs=8,
        seed=0,
    )
    evaluator.on_episodes = lambda epoch, prefix, episodes: seen.append((epoch, prefix))
    keys = set()
    tabular.clear()
    tabular.disable_warnings()
    for epoch in range(8):
        average = evaluator.evaluate(epoch)
        row = tabular.as_primitive_dict
        keys.add(frozenset(row))
        due = epoch in (2, 5, 7)
        assert math.isnan(row["Evaluation/SuccessRate"]) is not due
        if due:
            per_task = [row[f"Evaluation/{name}/AverageReturn"] for name in task_set.task_names]
            assert row["Evaluation/AverageReturn"] == pytest.approx(np.mean(per_task)) == average
        tabular.clear()
    evaluator.close()
    assert seen == [
        (epoch, prefix) for epoch in (2, 5, 7) for prefix in ("Evaluation", "EvaluationMixture")
    ]
    assert len(keys) == 1, "every row has every key"
    assert "Evaluation/AnySubgoalRate" not in next(iter(keys)), "these tasks have no sub-goals"

"""Evaluation episodes against a plain loop over tasks and episodes."""

import math
from pathlib import Path

import numpy as np
import pytest

from learning.algorithms.sac_options import SACOptions
from learning.algorithms.trainer import MultiTaskTrainer, TrainerParts
from learning.algorithms.trainer_options import TrainerOptions
from learning.evaluation.evaluation_options import EvaluationOptions
from learning.evaluation.evaluation_rows import evaluation_rows
from learning.evaluation.evaluator import Evaluator
from learning.evaluation.lock_step_episodes import evaluate_episodes
from learning.samplers.vector_environment import VectorEnvironment
from tests.policies.counting_switch import make_counting_switch
from tests.samplers.fake_task_set import make_counting
from tests.small_learner import make_sac

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


class Record:
    """In place of a run's outputs and snapshots."""

    def __init__(self):
        self.episodes = []

    def write_episodes(self, rows):
        self.episodes += rows


def make_evaluator(policies, task_set=None, n_episodes=2):
    return Evaluator(
        task_set=task_set or make_counting(n_tasks=N_TASKS),
        environment=make_environment(),
        run_seeds=[1, 2, 3],
        policies=policies,
        n_episodes=n_episodes,
        seed=0,
    )


def make_trainer(evaluator, record, *, n_epochs, frequency):
    """A trainer that only evaluates."""
    parts = TrainerParts(
        run_dir=Path("nowhere"),
        task_names=make_counting(n_tasks=N_TASKS).task_names,
        algorithm=make_sac(),
        evaluator=evaluator,
        learning=SACOptions(gradient_steps_per_itr=1, buffer_batch_size=1),
        evaluation=EvaluationOptions(
            num_evaluation_episodes=2 * N_TASKS, evaluation_frequency=frequency
        ),
        outputs=record,
        snapshots=None,
    )
    return MultiTaskTrainer(parts, TrainerOptions(n_epochs=n_epochs, batch_size=1))


def test_when_and_what_the_evaluator_records():
    switch, record = make_counting_switch(), Record()
    task_set = make_counting(n_tasks=N_TASKS)
    evaluator = make_evaluator({"Evaluation": switch.policies, "EvaluationMixture": switch})
    trainer = make_trainer(evaluator, record, n_epochs=8, frequency=3)
    keys = set()
    for epoch in range(8):
        evaluation = trainer.evaluate(epoch)
        row, average = evaluation.columns, evaluation.average_return
        keys.add(frozenset(row))
        due = epoch in (2, 5, 7)
        assert math.isnan(row["Evaluation/SuccessRate"]) is not due
        assert all(math.isnan(value) is not due for value in row.values())
        assert math.isnan(average) is not due
        if due:
            per_task = [row[f"Evaluation/{name}/AverageReturn"] for name in task_set.task_names]
            assert row["Evaluation/AverageReturn"] == pytest.approx(np.mean(per_task)) == average
    evaluator.close()
    seen = list(dict.fromkeys((each.epoch, each.policy) for each in record.episodes))
    assert seen == [(epoch, policy) for epoch in (2, 5, 7) for policy in ("own", "mixture")]
    assert len(record.episodes) == 3 * 2 * N_TASKS * 2
    assert len(keys) == 1, "every row has every key"
    assert "Evaluation/AnySubgoalRate" not in next(iter(keys)), "these tasks have no sub-goals"


def test_the_columns_are_means_of_the_episodes():
    """And eval.csv has the episodes themselves, a row each."""
    switch = make_counting_switch()
    task_set = make_counting(n_tasks=N_TASKS)
    task_set.has_subgoals = True
    evaluator = make_evaluator(
        {"Evaluation": switch.policies, "EvaluationMixture": switch}, task_set, n_episodes=3
    )
    evaluated = evaluator.evaluate(4)
    columns = evaluator.columns(evaluated)
    assert list(evaluated) == ["Evaluation", "EvaluationMixture"]
    measures = {
        "SuccessRate": "success",
        "AverageReturn": "returns",
        "AnySubgoalRate": "any_subgoal",
    }
    assert len(columns) == 2 * len(measures) * (1 + N_TASKS)
    for prefix, episodes in evaluated.items():
        alone = evaluator.run_episodes(switch if "Mix" in prefix else switch.policies, 4)
        np.testing.assert_array_equal(alone.returns, episodes.returns)
        for measure, field in measures.items():
            values = getattr(episodes, field)
            assert values.shape == (N_TASKS, 3)
            assert columns[f"{prefix}/{measure}"] == pytest.approx(np.mean(values))
            for task, name in enumerate(task_set.task_names):
                mean = np.mean(values[task])
                assert columns[f"{prefix}/{name}/{measure}"] == pytest.approx(mean)
    assert evaluator.columns({}).keys() == columns.keys()
    assert all(math.isnan(value) for value in evaluator.columns({}).values())
    evaluator.close()
    rows = list(
        evaluation_rows(evaluated, task_names=task_set.task_names, epoch=4, total_env_steps=99)
    )
    expected = [
        (policy, name, episode)
        for policy in ("own", "mixture")
        for name in task_set.task_names
        for episode in range(3)
    ]
    assert [(row.policy, row.task, row.episode) for row in rows] == expected
    assert {(row.epoch, row.total_env_steps) for row in rows} == {(4, 99)}
    for policy, episodes in zip(("own", "mixture"), evaluated.values(), strict=True):
        of_policy = [row for row in rows if row.policy == policy]
        assert [row.episode_return for row in of_policy] == episodes.returns.ravel().tolist()
        assert [row.success for row in of_policy] == episodes.success.ravel().tolist()
        assert [row.any_subgoal for row in of_policy] == episodes.any_subgoal.ravel().tolist()
        assert [row.length for row in of_policy] == episodes.lengths.ravel().tolist()

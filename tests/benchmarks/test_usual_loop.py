"""The comparison partner of the benchmark is right, so that beating it means something."""

import numpy as np
import pytest
import torch

from benchmarks.usual_loop import UsualLoop, run_usual_loop
from environments import make_task_set

SETTING = {"hidden_sizes": (16, 16), "buffer_batch_size": 8, "env_steps_per_iteration": 100}


@pytest.fixture(scope="module")
def task_set():
    return make_task_set("JacoReachMT5-v1")


@pytest.fixture
def loop(task_set):
    return UsualLoop(task_set, **SETTING, gradient_steps_per_task=2, mixture=True)


@pytest.mark.parametrize("mixture", [True, False])
def test_time_is_accounted_for(task_set, mixture):
    timings = run_usual_loop(
        task_set, **SETTING, gradient_steps_per_task=2, iterations=2, mixture=mixture
    )
    assert timings.env_steps == 200
    assert min(timings.environment, timings.policy, timings.update, timings.rest) > 0
    assert timings.env_steps_per_second == pytest.approx(200 / timings.seconds)


def test_mixture_acts_with_the_policy_of_the_highest_q1(loop, task_set):
    n_tasks, size = len(task_set.task_names), task_set.observation_space.shape[0]
    generator = np.random.default_rng(1)
    for task in range(n_tasks):
        observation = generator.normal(size=size).astype(np.float32)
        action, info = loop.mixture.get_action(
            np.append(observation, np.eye(n_tasks)[task]).astype(np.float32)
        )
        own = torch.from_numpy(observation)[None]
        means = [policy(own)[0].mean for policy in loop.policies]
        scores = [loop.critics[task](own, mean).item() for mean in means]
        best = int(np.argmax(scores))
        assert info["acting_policy"] == best
        assert np.array_equal(info["mean"], means[best][0].detach().numpy())
        assert action.shape == task_set.action_space.shape
        assert not np.array_equal(action, info["mean"])


def test_own_policy_acts_without_the_mixture(task_set):
    loop = UsualLoop(task_set, **SETTING, gradient_steps_per_task=2, mixture=False)
    n_tasks, size = len(task_set.task_names), task_set.observation_space.shape[0]
    for task in range(n_tasks):
        observation = np.append(np.zeros(size), np.eye(n_tasks)[task]).astype(np.float32)
        assert loop.mixture.get_action(observation)[1]["acting_policy"] == task


def test_each_task_fills_its_own_buffer_and_learns(loop):
    before = [parameter.clone() for p in loop.policies for parameter in p.parameters()]
    assert loop.collect() == 100
    assert [a.replay_buffer.n_transitions_stored for a in loop._algorithms] == [20] * 5
    loop.update(1)
    after = [parameter for p in loop.policies for parameter in p.parameters()]
    changed = [not torch.equal(a, b) for a, b in zip(before, after, strict=True)]
    # garage's init_std is a parameter that the two-headed module never uses.
    assert sum(changed) >= len(changed) - len(loop.policies)


def test_the_usual_loop_steps_meta_world_as_meta_world_does():
    from benchmarks.usual_loop import meta_worlds_own_step

    with meta_worlds_own_step():
        usual = make_task_set("MetaWorldCustom-v2", tasks="reach").make(0)
    ours = make_task_set("MetaWorldCustom-v2", tasks="reach").make(0)
    own, fast = (type(env.unwrapped.simulation) for env in (usual, ours))
    assert own.__module__.startswith("metaworld.")
    assert own is not fast
    assert issubclass(fast, own)

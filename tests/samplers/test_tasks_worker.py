"""What a worker of `--sampler ray` does, without Ray: the same as LocalTaskSampler, in parts."""

import cloudpickle
import numpy as np
import pytest
import torch

from environments import make_task_set
from learning.config.members import MEMBERS
from learning.config.methods import METHODS
from learning.config.resolving import resolve
from learning.experiment.networks import build_networks
from learning.garage_bridge.garage_compat import EpisodeBatch
from learning.samplers.acting_copies import draw_stream_seeds
from learning.samplers.local_sampler import LocalTaskSampler
from learning.samplers.task_environment_error import TaskStateError
from learning.samplers.tasks_worker import ActingUpdate, TasksWorker, WorkersTasks
from tests.policies.counting_switch import make_counting_switch
from tests.samplers.fake_task_set import HORIZON, make_counting

N_TASKS = 3
SEEDS = (31, 32, 33)
ENV = "JacoReachMT5-v1"
FIELDS = ("observations", "last_observations", "actions", "rewards", "lengths", "step_types")


def copied(thing):
    """As another process gets it."""
    return cloudpickle.loads(cloudpickle.dumps(thing))


def make_worker(tasks, policy=None, **options):
    worker = TasksWorker(seed=None, max_episode_length=HORIZON, worker_number=0)
    worker.update_env(
        WorkersTasks(
            task_set_id="Counting-v0",
            options={"n_tasks": N_TASKS, **options},
            factory=make_counting,
            task_names=tuple(f"count-{task}" for task in range(N_TASKS)),
            tasks=tasks,
            seeds=SEEDS,
            relabels=False,
        )
    )
    worker.update_agent(copied(policy or make_counting_switch()))
    return worker


def make_local(policy):
    return LocalTaskSampler(
        policy, "Counting-v0", {"n_tasks": N_TASKS}, seeds=SEEDS, task_set_factory=make_counting
    )


def move(policy, by):
    """Other weights."""
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.add_(by)


def assert_same_episodes(batch, other):
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(batch, field), getattr(other, field), err_msg=field)
    for infos in ("env_infos", "agent_infos"):
        ours, theirs = getattr(batch, infos), getattr(other, infos)
        assert ours.keys() == theirs.keys()
        for key, values in ours.items():
            np.testing.assert_array_equal(values, theirs[key], err_msg=key)


def test_workers_gather_what_the_local_sampler_does():
    policy, twin = make_counting_switch(), make_counting_switch()
    workers = [make_worker(range(1)), make_worker(range(1, 3))]
    local = make_local(policy)
    for change in (0.0, 0.3):
        for each in (policy, twin):
            move(each, change)
            each.acting_values["iteration"] += 1
        update = ActingUpdate(
            policy=None,
            parameters=copied(twin.get_param_values()),
            stream_seeds=draw_stream_seeds(twin, N_TASKS),
        )
        # A round of one episode each.
        expected = local.obtain_samples(0, 1, policy.get_param_values())
        for worker in workers:
            worker.update_agent(update)
        assert_same_episodes(EpisodeBatch.concatenate(*(w.rollout() for w in workers)), expected)
    assert policy.random.random() == twin.random.random()


def test_a_task_is_acted_for_alike_whoever_else_there_is():
    alone, together = make_worker(range(1, 2)), make_worker(range(3))
    for _ in range(2):
        update = ActingUpdate(policy=None, parameters=None, stream_seeds=(4, 5, 6))
        batches = []
        for worker in (alone, together):
            worker.update_agent(update)
            rounds = [worker.rollout() for _ in range(2)]
            batches.append([b.actions[b.env_infos["task_id"] == 1] for b in rounds])
        np.testing.assert_array_equal(*(np.concatenate(each) for each in batches))
        # The second round goes on with the stream.
        assert len(batches[0][0]) == len(batches[0][1])
        assert not np.array_equal(*batches[0])


def test_states_go_from_two_workers_to_one():
    two = [make_worker(range(1)), make_worker(range(1, 3))]
    for worker in two:
        worker.rollout()
    states = two[0].get_states() | two[1].get_states()
    one = make_worker(range(3))
    assert one.get_states() == {}
    one.set_states(states)
    update = ActingUpdate(policy=None, parameters=None, stream_seeds=(4, 5, 6))
    for worker in (*two, one):
        worker.update_agent(update)
    expected = EpisodeBatch.concatenate(*(worker.rollout() for worker in two))
    assert_same_episodes(one.rollout(), expected)
    del states["2/actions"]
    with pytest.raises(TaskStateError, match="count-2"):
        one.set_states(states)


def test_seconds_are_read_once():
    worker = make_worker(range(3))
    worker.rollout()
    in_environments, in_all = worker.read_seconds()
    assert 0 < in_environments < in_all
    assert worker.read_seconds() == (0.0, 0.0)


def test_an_error_names_the_task():
    worker = make_worker(range(3), fault="raise", faulty=1, fault_step=2)
    with pytest.raises(ArithmeticError, match="blew up") as caught:
        worker.rollout()
    assert caught.value.__notes__ == ["This was while gathering for count-1."]


ACTING_AXES = ("behaviour", "state_encoder", "policy_architecture", "q_architecture")
CHOICES = [(method, {}) for method in METHODS] + [
    ("train", {axis: member}) for axis in ACTING_AXES for member in MEMBERS[axis]
]
"""Each method, and each member of the axes that acting goes by."""


def perturb(policy):
    """Another policy of its kind: other weights, another place in training."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    for name in policy.acting_values:
        policy.acting_values[name] += 1
    if "success_ratios" in policy.acting_values:
        policy.acting_values["success_ratios"][...] = np.linspace(0.0, 0.9, policy.n_tasks)


@pytest.mark.parametrize(("method", "members"), CHOICES, ids=str)
def test_every_policy_acts_alike_in_another_process(method, members):
    """What its parameter values hold is all that it needs to act."""
    sizes = {"hidden_sizes": (8, 8), "buffer_batch_size": 5, "uniform_steps": 0}
    config = resolve(method, ENV, **sizes, **members)
    task_set = make_task_set(ENV)
    policy = build_networks(config, task_set, torch.device("cpu")).exploration_policy
    other = copied(policy)
    perturb(policy)
    other.set_param_values(copied(policy.get_param_values()))
    generator = np.random.default_rng(2)
    n_tasks, size = task_set.n_tasks, task_set.observation_space.shape[0]
    for each in (policy, other):
        each.random = np.random.default_rng(3)
        each.reset()
    for task in (0, n_tasks - 1):
        for _ in range(30):
            observation = np.r_[generator.normal(size=size), np.eye(n_tasks)[task]]
            (action, infos), (theirs, their_infos) = (
                each.get_action(observation.astype(np.float32)) for each in (policy, other)
            )
            np.testing.assert_array_equal(action, theirs)
            assert infos["acting_policy"] == their_infos["acting_policy"]

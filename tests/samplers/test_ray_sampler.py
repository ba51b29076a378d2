"""RayTaskSampler on real Ray: the episodes of LocalTaskSampler, whatever the number of workers."""

import contextlib
import os

import psutil
import pytest

from environments.plugin_files import load_module
from learning.errors import RayError
from learning.samplers.task_environment_error import TaskStateError
from tests.policies.counting_switch import make_counting_parts, make_counting_switch
from tests.samplers.fake_task_set import make_counting
from tests.samplers.scripted import ScriptedPolicy
from tests.samplers.test_tasks_worker import (
    N_TASKS,
    SEEDS,
    assert_same_episodes,
    make_local,
    move,
)
from tests.sweeps.small import wait_until

pytestmark = pytest.mark.ray

PLUGIN = """
from learning.policies.q_switch import QSwitch

class Worst(QSwitch):
    def choose(self, proposals):
        return super().choose(proposals) * 0 + worst()

def worst():
    return 2
"""


def children():
    names = {}
    for each in psutil.Process().children(recursive=True):
        # It may have ended by now.
        with contextlib.suppress(psutil.NoSuchProcess):
            names[each.pid] = " ".join(each.cmdline())
    return names


def sampler_processes():
    return [pid for pid, name in children().items() if "TasksWorkerProcess" in name]


@pytest.fixture(scope="module")
def ray():
    """Ray, started once for all tests here; processes and environment are put back."""
    from learning.garage_bridge import ray_sampler

    variables, before = dict(os.environ), children()
    assert ray_sampler.start_ray(6)
    yield ray_sampler.ray
    ray_sampler.ray.shutdown()
    os.environ.clear()
    os.environ.update(variables)
    assert children() == before


def make(policy=None, *, n_workers=1, seeds=SEEDS, **options):
    from learning.samplers.ray_sampler import RayTaskSampler

    return RayTaskSampler(
        policy or make_counting_switch(),
        "Counting-v0",
        {"n_tasks": N_TASKS, **options},
        seeds=seeds,
        n_workers=n_workers,
        task_set_factory=make_counting,
    )


@pytest.fixture(scope="module")
def samplers(ray):
    """Two that differ in their number of workers, made once, since processes are slow to start."""
    made = {n_workers: make(n_workers=n_workers) for n_workers in (1, 3)}
    assert len(sampler_processes()) == 4
    yield made
    for sampler in made.values():
        sampler.shutdown_worker()
        sampler.shutdown_worker()
    wait_until(lambda: not sampler_processes())
    assert ray.is_initialized(), "who has not started it must not end it"


@pytest.fixture
def begin(samplers):
    """Sets a sampler back to a beginning, with a policy."""
    beginnings = make_local(make_counting_switch())
    for environment in beginnings._environments:
        environment.reset()
    state = beginnings.get_state()

    def begin_sampler(kind, policy):
        sampler = make_local(policy) if kind == "local" else samplers[kind]
        sampler.set_state(state)
        if kind != "local":
            sampler._policy = None
            sampler.total_env_steps = 0
        return sampler

    return begin_sampler


@pytest.mark.parametrize("n_workers", [1, 3])
def test_gathers_what_the_local_sampler_does(begin, n_workers, capfd):
    policies = make_counting_switch(), make_counting_switch()
    both = [begin(kind, each) for kind, each in zip((n_workers, "local"), policies, strict=True)]
    updates = policies
    # A round is 15 steps, of the 21 that it could be.
    for size in (1, 43):
        batches = [
            each.obtain_samples(0, size, update) for each, update in zip(both, updates, strict=True)
        ]
        assert_same_episodes(*batches)
        for policy in policies:
            move(policy, 0.3)
        updates = [policy.get_param_values() for policy in policies]
    assert [each.total_env_steps for each in both] == [60, 60]
    assert_same_episodes(*(each.obtain_samples(0, 20, ScriptedPolicy()) for each in both))
    assert capfd.readouterr().out == ""


def test_going_on_from_a_state_with_other_workers(begin):
    policy = make_counting_switch()
    sampler = begin(3, policy)
    sampler.obtain_samples(0, 50, policy)
    state, acting = sampler.get_state(), policy.get_acting_state()
    expected = sampler.obtain_samples(0, 50, None)
    for kind in (1, "local"):
        policy = make_counting_switch()
        again = begin(kind, policy)
        policy.set_acting_state(acting)
        again.set_state(state)
        assert_same_episodes(again.obtain_samples(0, 50, policy), expected)
        with pytest.raises(ValueError, match="not the state of a"):
            again.set_state({})
    broken = {key: value for key, value in state.items() if key != "environments/2/actions"}
    with pytest.raises(TaskStateError, match="count-2"):
        sampler.set_state(broken)


def test_times_are_read_once(samplers):
    samplers[1].obtain_samples(0, 1, make_counting_switch())
    assert min(samplers[1].read_times().values()) > 0
    assert samplers[1].read_times() == {"time_environment": 0.0, "time_policy": 0.0}


def test_arguments_are_checked(samplers):
    with pytest.raises(ValueError, match="2 seeds for 3 tasks"):
        make(seeds=(1, 2))
    for n_workers in (0, 4):
        with pytest.raises(ValueError, match=f"n_workers must be 1 to 3 .*, not {n_workers}"):
            make(n_workers=n_workers)
    with pytest.raises(ValueError, match="at least 1"):
        samplers[1].obtain_samples(0, 0, None)
    with pytest.raises(ValueError, match="cannot be replaced"):
        samplers[1].obtain_samples(0, 1, None, 1)


def test_before_the_first_reset_there_is_no_state_and_what_fails_names_its_task(ray):
    sampler = make(fault="raise", faulty=1, fault_step=2)
    fresh = sampler.get_state()
    assert list(fresh) == ["started"]
    sampler.set_state(fresh)
    with pytest.raises(ArithmeticError, match=r"(?s)blew up.*while gathering for count-1"):
        sampler.obtain_samples(0, 20, None)
    sampler.shutdown_worker()


def test_what_cannot_be_made_leaves_no_process(ray):
    before = set(sampler_processes())
    with pytest.raises(ray.exceptions.RayActorError, match="this environment cannot be made"):
        make(fault="make")
    wait_until(lambda: set(sampler_processes()) <= before)


def test_a_worker_that_is_gone(ray):
    sampler = make(fault="exit", faulty=1, fault_step=2)
    with pytest.raises(RayError, match="a worker of Ray is gone"):
        sampler.obtain_samples(0, 20, None)
    sampler.shutdown_worker()


def test_the_policy_of_a_plugin(ray, tmp_path):
    (tmp_path / "worst.py").write_text(PLUGIN)
    module, _ = load_module(tmp_path / "worst.py")
    policy = module.Worst(make_counting_parts(), module.Worst.Options())
    (tmp_path / "worst.py").unlink()
    sampler = make(policy)
    batch = sampler.obtain_samples(0, 1, policy.get_param_values())
    sampler.shutdown_worker()
    assert set(batch.agent_infos["acting_policy"]) == {2}

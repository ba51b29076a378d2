"""What goes wrong in an environment arrives as an error that names its task."""

import os
import signal

import numpy as np
import psutil
import pytest

from learning.samplers.task_environment_error import TaskEnvironmentError
from learning.samplers.vector_environment import VectorEnvironment
from tests.samplers.fake_task_set import make_counting

N_TASKS = 4


def make(n_workers, fault, *, faulty=2, fault_step=5):
    options = {"n_tasks": N_TASKS, "fault": fault, "faulty": faulty, "fault_step": fault_step}
    return VectorEnvironment(
        "Counting-v0", options, n_workers=n_workers, task_set_factory=make_counting
    )


def run_until_error(environments):
    environments.reset([1, 2, 3, 4])
    for _ in range(20):
        environments.step(np.zeros((N_TASKS, 2), np.float32))


def assert_all_closed(environments):
    assert worker_processes() == []
    with pytest.raises(RuntimeError, match="has been closed"):
        environments.reset([1, 2, 3, 4])


def worker_processes():
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "run_worker" in " ".join(child.cmdline())
    ]


@pytest.mark.parametrize(("n_workers", "worker"), [(0, None), (2, 1)])
def test_an_exception_keeps_its_traceback(n_workers, worker):
    environments = make(n_workers, "raise")
    with pytest.raises(TaskEnvironmentError) as caught:
        run_until_error(environments)
    assert caught.value.task_names == ("count-2",)
    assert caught.value.worker == worker
    message = str(caught.value)
    assert "count-2" in message
    assert "ArithmeticError: the simulation blew up" in message
    assert "fake_task_set.py" in message  # where it was raised
    assert_all_closed(environments)


@pytest.mark.parametrize(("n_workers", "worker"), [(0, None), (2, 1)])
@pytest.mark.parametrize(
    ("fault", "task", "message"),
    [
        ("reward_nan", 2, "the reward is nan at step 5 of the episode"),
        ("observation_inf", 2, r"observation\[2\] is inf at step 5 of the episode"),
        ("reset_nan", 2, r"observation\[2\] after the reset is nan at step 7 of the episode"),
    ],
)
def test_numbers_that_are_not_finite(n_workers, worker, fault, task, message):
    environments = make(n_workers, fault, faulty=task)
    with pytest.raises(TaskEnvironmentError, match=message) as caught:
        run_until_error(environments)
    assert caught.value.task_names == (f"count-{task}",)
    assert caught.value.worker == worker
    assert_all_closed(environments)


@pytest.mark.parametrize("n_workers", [0, 2])
def test_an_action_that_is_not_finite_is_an_error_of_its_task(n_workers):
    environments = make(n_workers, "")
    environments.reset([1, 2, 3, 4])
    actions = np.zeros((N_TASKS, 2), np.float32)
    actions[3, 1] = np.nan
    with pytest.raises(TaskEnvironmentError, match=r"count-3[^$]*action is not finite"):
        environments.step(actions)
    assert_all_closed(environments)


@pytest.mark.parametrize("n_workers", [0, 2])
def test_an_environment_that_cannot_be_made(n_workers):
    with pytest.raises(TaskEnvironmentError, match=r"count-2[^$]*cannot be made"):
        make(n_workers, "make")
    assert worker_processes() == []


@pytest.mark.parametrize(
    ("fault", "cause"), [("exit", "exit code 3"), ("segfault", "signal SIGSEGV")]
)
def test_a_worker_that_dies_names_its_tasks(fault, cause):
    environments = make(2, fault)
    with pytest.raises(TaskEnvironmentError, match=cause) as caught:
        run_until_error(environments)
    assert caught.value.task_names == ("count-2", "count-3")
    assert caught.value.worker == 1
    assert_all_closed(environments)


def test_a_worker_that_is_killed_between_steps():
    environments = make(2, "")
    environments.reset([1, 2, 3, 4])
    victim = worker_processes()[0]
    os.kill(victim.pid, signal.SIGKILL)
    with pytest.raises(TaskEnvironmentError, match="signal SIGKILL"):
        for _ in range(20):
            environments.step(np.zeros((N_TASKS, 2), np.float32))
    assert_all_closed(environments)


def test_the_state_before_the_first_reset_is_an_error():
    environments = make(2, "")
    with pytest.raises(TaskEnvironmentError, match="before the first reset"):
        environments.get_state()
    assert_all_closed(environments)


def test_a_factory_that_fails_in_the_worker_names_all_its_tasks(monkeypatch):
    monkeypatch.setenv("SAMPLER_TEST_FACTORY", str(os.getpid()))
    from tests.samplers.fake_task_set import make_only_in

    with pytest.raises(TaskEnvironmentError, match="another process") as caught:
        VectorEnvironment("Counting-v0", {}, n_workers=2, task_set_factory=make_only_in)
    assert caught.value.task_names == ("count-0", "count-1")
    assert worker_processes() == []


def test_a_factory_that_workers_cannot_import_leaves_no_process():
    with pytest.raises(Exception, match=r"pickle|local object"):
        VectorEnvironment(
            "Counting-v0", {}, n_workers=2, task_set_factory=lambda _: make_counting()
        )
    assert worker_processes() == []

"""A plug-in's task set: other processes load its file, and no other content of it."""

import pickle

import numpy as np
import pytest

from environments import factory_of, registry
from environments.plugin_files import PluginError, load_module
from environments.registry import PluginTaskSets, register_task_set
from learning.samplers.garage_environment import GarageEnvironment
from learning.samplers.local_sampler import LocalTaskSampler
from learning.samplers.task_environment_error import TaskEnvironmentError
from learning.samplers.vector_environment import VectorEnvironment
from tests.samplers.scripted import ScriptedPolicy, column, slow_loop
from tests.samplers.test_vector_environment import N_STEPS, N_TASKS, SEEDS, run

PLUGIN = """
from environments import Option
from tests.samplers.fake_task_set import CountingTaskSet


class Plugged(CountingTaskSet):
    OPTIONS = {
        "n_tasks": Option(default=4),
        "fault": Option(default=""),
        "faulty": Option(default=1),
        "fault_step": Option(default=5),
    }


TASK_SETS = {"Plugged-v0": Plugged}
"""
OPTIONS = {"n_tasks": N_TASKS, "fault": "", "faulty": 1, "fault_step": 5}


@pytest.fixture
def plugin(tmp_path):
    """The file of a plug-in whose task set has joined the table."""
    path = tmp_path / "counting.py"
    path.write_text(PLUGIN)
    module, file = load_module(path)
    register_task_set(
        "Plugged-v0", module.TASK_SETS["Plugged-v0"], PluginTaskSets(str(path), file.sha256)
    )
    return path


def forget():
    """As in a process that has not loaded the file."""
    factory = factory_of("Plugged-v0")
    registry._TASK_SETS.pop("Plugged-v0")
    return pickle.loads(pickle.dumps(factory))


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize("n_workers", [0, 2])
def test_workers_make_it(n_workers):
    with VectorEnvironment("Plugged-v0", OPTIONS, n_workers=n_workers) as environments:
        environments.reset(SEEDS)
        record = run(environments, N_STEPS)
    for task, seed in enumerate(SEEDS):
        alone = slow_loop(task, seed, N_STEPS)
        for key, values in record.items():
            np.testing.assert_array_equal(values[:, task], column(alone, key), err_msg=key)


@pytest.mark.usefixtures("plugin")
def test_garages_environments_and_their_copies_make_it():
    environment = GarageEnvironment("Plugged-v0", OPTIONS, 1, seed=5)
    copied = pickle.dumps(environment)
    observation, _ = environment.reset()
    forget()
    np.testing.assert_array_equal(pickle.loads(copied).reset()[0], observation)


@pytest.mark.usefixtures("plugin")
def test_the_local_sampler_makes_it():
    sampler = LocalTaskSampler(ScriptedPolicy(), "Plugged-v0", OPTIONS, seeds=SEEDS)
    batch = sampler.obtain_samples(0, 22, None)
    sampler.shutdown_worker()
    for task, (seed, length) in enumerate(zip(SEEDS, (3, 5, 7, 7), strict=True)):
        of_task = batch.actions[batch.env_infos["task_id"] == task]
        np.testing.assert_array_equal(of_task, column(slow_loop(task, seed, length), "action"))


def test_another_process_takes_no_other_content(plugin):
    plugin.write_text(PLUGIN + "# another\n")
    with pytest.raises(TaskEnvironmentError, match=r"counting\.py has changed since it was loaded"):
        VectorEnvironment("Plugged-v0", OPTIONS, n_workers=2)
    factory = forget()
    with pytest.raises(PluginError, match="has changed"):
        factory("Plugged-v0", **OPTIONS)
    plugin.unlink()
    with pytest.raises(PluginError, match=r"counting\.py: No such file"):
        factory("Plugged-v0", **OPTIONS)


def test_in_another_process_it_joins_the_table_when_it_is_first_asked_for(plugin):
    factory = forget()
    task_set = factory("Plugged-v0", n_tasks=2)
    assert task_set.task_names == ("count-0", "count-1")
    plugin.unlink()
    # It is known by now, and the file is not needed any more.
    assert factory("Plugged-v0", **OPTIONS).n_tasks == 4
    assert factory_of("Plugged-v0") == factory

"""One thread, and tables that no test leaves changed."""

import os

# Before torch is imported, here and in the processes that tests start. On a busy machine the
# small products of the tests would wait for a second thread.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import gymnasium
import pytest

from environments import registry
from learning.config import plugins
from learning.config.members import MEMBERS
from learning.config.methods import METHODS
from learning.config.task_set_presets import TASK_SETS


@pytest.fixture(autouse=True)
def tables_as_before():
    """What a test's plug-ins add is gone after it."""
    others = (METHODS, TASK_SETS, plugins.LOADED, registry._TASK_SETS, registry._FACTORIES)
    tables = [*MEMBERS.values(), *others, gymnasium.registry]
    before = [dict(table) for table in tables]
    yield
    for table, entries in zip(tables, before, strict=True):
        table.clear()
        table.update(entries)

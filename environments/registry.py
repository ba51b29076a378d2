"""The table of task sets: a new one is a file of its own and one line here, or in a plug-in."""

from __future__ import annotations

import dataclasses
import importlib
import pathlib
from collections.abc import Callable

import gymnasium

from environments.options import Option, OptionValue
from environments.plugin_files import load_module
from environments.task_env import TaskEnv
from environments.task_set import TaskSet

_TASK_SETS: dict[str, str | type[TaskSet]] = {
    "JacoReachMT5-v1": "environments.jaco_reach.task_set:JacoReachMT5",
    "MetaWorldMT10-v2": "environments.metaworld_sets:MetaWorldMT10",
    "MetaWorldMT25-v2": "environments.metaworld_sets:MetaWorldMT25",
    "MetaWorldMT50-v2": "environments.metaworld_sets:MetaWorldMT50",
    "MetaWorldCustom-v2": "environments.metaworld_sets:MetaWorldCustom",
    "MazeLarge-10-v0": "environments.maze_large.task_set:MazeLarge10",
    "Walker2dMT4-v0": "environments.walker2d.task_set:Walker2dMT4",
    "KitchenMTEasy-v0": "environments.kitchen.task_set:KitchenMTEasy",
    "MetaWorldCDS-v1": "environments.metaworld_cds.task_set:MetaWorldCDS",
}
"""Id -> module:class, which is imported when asked for, or a plug-in's class."""

TaskSetFactory = Callable[..., TaskSet]
"""Makes a task set from its id and options."""

_FACTORIES: dict[str, TaskSetFactory] = {}
"""Id of a plug-in's task set -> what makes it in any process."""


def task_set_ids() -> tuple[str, ...]:
    """Return the ids that `make_task_set` takes."""
    return tuple(_TASK_SETS)


def task_set_options(task_set_id: str) -> dict[str, Option]:
    """Return a task set's own options: default, what is allowed, help.

    Raises:
        ValueError: Unknown id; the message names the allowed ones.
    """
    return dict(_task_set_class(task_set_id).OPTIONS)


def options_before(task_set_id: str) -> dict[str, OptionValue]:
    """Return what was done before the task set got those of its options that came later.

    That is what they are in a record that does not have them, which was written before they were.

    Args:
        task_set_id: One of `task_set_ids()`; of another (such as that of a plug-in that is not
            loaded) nothing is known, which gives {}.
    """
    if task_set_id not in _TASK_SETS:
        return {}
    return {
        name: option.before
        for name, option in task_set_options(task_set_id).items()
        if option.before is not None
    }


def make_task_set(task_set_id: str, **options: OptionValue) -> TaskSet:
    """Make a task set.

    Args:
        task_set_id: One of `task_set_ids()`.
        **options: See `task_set_options`; what is left out takes its default.

    Raises:
        ValueError: Unknown id, option or value; the message names the allowed ones.
    """
    table = task_set_options(task_set_id)
    unknown = sorted(set(options) - set(table))
    if unknown:
        allowed_names = ", ".join(sorted(table)) or "none"
        raise ValueError(
            f"{task_set_id} has no option {unknown[0]!r}; its options: {allowed_names}"
        )
    for name, value in options.items():
        if not table[name].admits(value):
            raise ValueError(
                f"{task_set_id}: {name}={value!r} is not allowed; allowed: {table[name]}"
            )
    resolved: dict[str, OptionValue] = {
        # An integer that stands for a float becomes one, so that cards are written alike.
        name: type(option.default)(options.get(name, option.default))
        for name, option in table.items()
    }
    return _task_set_class(task_set_id)(task_set_id, resolved)


def make_task(*, task_set_id: str, task: int = 0, **options: OptionValue) -> TaskEnv:
    """Make one task's environment; the entry point of `gymnasium.make(id, task=0)`."""
    return make_task_set(task_set_id, **options).make(task)


def register_task_set(
    task_set_id: str, task_set_class: type[TaskSet], factory: TaskSetFactory
) -> None:
    """Let a plug-in's task set join the table, and Gymnasium's.

    Args:
        task_set_id: Its id.
        task_set_class: Its class.
        factory: What makes it in another process, which has not loaded the plug-in yet.

    Raises:
        ValueError: The id is taken.
    """
    if task_set_id in _TASK_SETS:
        raise ValueError(f"there is a task set {task_set_id!r} already")
    _TASK_SETS[task_set_id] = task_set_class
    _FACTORIES[task_set_id] = factory
    register_with_gymnasium()


def factory_of(task_set_id: str) -> TaskSetFactory:
    """Return what makes a task set in any process; it can be pickled."""
    return _FACTORIES.get(task_set_id, make_task_set)


@dataclasses.dataclass(frozen=True)
class PluginTaskSets:
    """A plug-in's task sets, made in any process; the file must be the one that was loaded.

    Attributes:
        path: The file.
        sha256: SHA-256 of its content.
    """

    path: str
    sha256: str

    def __call__(self, task_set_id: str, **options: OptionValue) -> TaskSet:
        """Make a task set, with the file loaded first where it is not yet.

        Raises:
            PluginError: The file is missing or has changed.
        """
        if task_set_id not in _TASK_SETS:
            module, _ = load_module(pathlib.Path(self.path), self.sha256)
            register_task_set(task_set_id, vars(module)["TASK_SETS"][task_set_id], self)
        return make_task_set(task_set_id, **options)


def register_with_gymnasium() -> None:
    """Register every task set with Gymnasium: `gymnasium.make("JacoReachMT5-v1", task=0)`."""
    for task_set_id in _TASK_SETS:
        if task_set_id not in gymnasium.registry:
            gymnasium.register(
                task_set_id, "environments.registry:make_task", kwargs={"task_set_id": task_set_id}
            )


def _task_set_class(task_set_id: str) -> type[TaskSet]:
    if task_set_id not in _TASK_SETS:
        allowed = ", ".join(_TASK_SETS)
        raise ValueError(f"unknown environment {task_set_id!r}; allowed: {allowed}")
    entry = _TASK_SETS[task_set_id]
    if not isinstance(entry, str):
        return entry
    module_name, class_name = entry.split(":")
    task_set_class: type[TaskSet] = getattr(importlib.import_module(module_name), class_name)
    return task_set_class

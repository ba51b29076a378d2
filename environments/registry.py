"""The table of task sets: a new one is a file of its own and one line here."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import gymnasium

from environments.options import Option, OptionValue
from environments.task_env import TaskEnv
from environments.task_set import TaskSet

_TASK_SETS: Mapping[str, str] = {
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
"""Id -> module:class. Modules are imported when asked for."""


def task_set_ids() -> tuple[str, ...]:
    """Returns the ids that `make_task_set` takes."""
    return tuple(_TASK_SETS)


def task_set_options(task_set_id: str) -> dict[str, Option]:
    """Returns a task set's own options: default, what is allowed, help.

    Raises:
        ValueError: unknown id; the message names the allowed ones.
    """
    return dict(_task_set_class(task_set_id).OPTIONS)


def make_task_set(task_set_id: str, **options: OptionValue) -> TaskSet:
    """Makes a task set.

    Args:
        task_set_id: one of `task_set_ids()`.
        **options: see `task_set_options`; what is left out takes its default.

    Raises:
        ValueError: unknown id, option or value; the message names the allowed ones.
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
    """Makes one task's environment; the entry point of `gymnasium.make(id, task=0)`."""
    return make_task_set(task_set_id, **options).make(task)


def register_with_gymnasium() -> None:
    """Registers every task set with Gymnasium: `gymnasium.make("JacoReachMT5-v1", task=0)`."""
    for task_set_id in _TASK_SETS:
        if task_set_id not in gymnasium.registry:
            gymnasium.register(
                task_set_id, "environments.registry:make_task", kwargs={"task_set_id": task_set_id}
            )


def _task_set_class(task_set_id: str) -> type[TaskSet]:
    if task_set_id not in _TASK_SETS:
        allowed = ", ".join(_TASK_SETS)
        raise ValueError(f"unknown environment {task_set_id!r}; allowed: {allowed}")
    module_name, class_name = _TASK_SETS[task_set_id].split(":")
    task_set_class: type[TaskSet] = getattr(importlib.import_module(module_name), class_name)
    return task_set_class

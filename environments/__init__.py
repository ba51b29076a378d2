"""Task sets as plain Gymnasium environments; they know neither garage nor learning."""

from environments.options import Option, OptionValue
from environments.registry import (
    factory_of,
    make_task_set,
    options_before,
    register_with_gymnasium,
    task_set_ids,
    task_set_options,
)
from environments.resumable_env import ResumableEnv
from environments.task_env import INFO_KEYS, TaskEnv
from environments.task_knowledge import TaskKnowledge
from environments.task_set import TaskSet

__all__ = [
    "INFO_KEYS",
    "Option",
    "OptionValue",
    "ResumableEnv",
    "TaskEnv",
    "TaskKnowledge",
    "TaskSet",
    "factory_of",
    "make_task_set",
    "options_before",
    "task_set_ids",
    "task_set_options",
]

register_with_gymnasium()

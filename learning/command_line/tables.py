"""Plain tables for the terminal."""

import math
from collections.abc import Mapping

from learning.command_line.values import TaskSetOption
from learning.config import OptionValue

_PREFIXES = {"Evaluation/": "own policies", "EvaluationMixture/": "mixture"}


def task_set_text(protocol: Mapping[str, OptionValue], options: Mapping[str, TaskSetOption]) -> str:
    """A task set's card, for `run.py envs`.

    Args:
        protocol: what `TaskSet.protocol()` gives; `env` is its heading.
        options: the task set's own options.
    """
    shown = {name: str(value) for name, value in protocol.items() if name != "env"}
    for name, option in options.items():
        shown.pop(name, None)
        shown[f"--{name}"] = f"default {option.default}; {option}"
    width = max(map(len, shown))
    lines = [f"  {name:<{width}}  {value}" for name, value in shown.items()]
    return "\n".join([str(protocol["env"]), *lines, ""])


def columns_table(columns: Mapping[str, float]) -> str:
    """Evaluation columns as one table a policy, a row a task.

    Args:
        columns: names and values as in progress.csv, `Evaluation/<task>/SuccessRate` and so on;
            without a task: the mean over the tasks. Values that are not a number are left out.
    """
    tables = []
    for prefix, title in _PREFIXES.items():
        rows: dict[str, dict[str, float]] = {}
        for name, value in columns.items():
            if name.startswith(prefix) and not math.isnan(value):
                task, _, measure = name.removeprefix(prefix).rpartition("/")
                rows.setdefault(task or "mean over tasks", {})[measure] = value
        if rows:
            tables.append(_table(title, rows))
    return "\n\n".join(tables)


def _table(title: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    measures = list(dict.fromkeys(measure for row in rows.values() for measure in row))
    first = max(len(title), *map(len, rows))
    head = "  ".join([f"{title:<{first}}", *measures])
    lines = [
        "  ".join(
            [f"{task:<{first}}"]
            + [f"{row[m]:>{len(m)}.3f}" if m in row else " " * len(m) for m in measures]
        )
        for task, row in rows.items()
    ]
    return "\n".join([head, *lines])

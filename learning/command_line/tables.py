"""Plain tables for the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from environments import Option, OptionValue

if TYPE_CHECKING:
    from learning.evaluation.pair_results import Array, PairResults

_PREFIXES = {"Evaluation/": "own policies", "EvaluationMixture/": "mixture"}
_WIDEST_MATRIX = 12
"""Number of tasks up to which a T x T table fits a terminal."""


def task_set_text(protocol: Mapping[str, OptionValue], options: Mapping[str, Option]) -> str:
    """Return a task set's card, for `run.py envs`.

    Args:
        protocol: Entries that `TaskSet.protocol()` returns; `env` is the heading.
        options: Options of the task set itself.
    """
    shown = {name: str(value) for name, value in protocol.items() if name != "env"}
    for name, option in options.items():
        # A protocol has the options too; each is shown once, as an option.
        shown.pop(name, None)
        shown[f"--{name}"] = f"default {option.default}; {option}"
    width = max(map(len, shown))
    lines = [f"  {name:<{width}}  {value}" for name, value in shown.items()]
    return "\n".join([str(protocol["env"]), *lines, ""])


def columns_table(columns: Mapping[str, float]) -> str:
    """Return evaluation columns as one table a policy, a row a task.

    Args:
        columns: Names and values as in progress.csv, `Evaluation/<task>/SuccessRate` and so on;
            without a task: the mean over the tasks. Values that are not a number are left out.
    """
    tables = []
    for title, rows in _by_policy(columns).items():
        tables.append(_table(title, rows))
    return "\n\n".join(tables)


def evaluation_rows(columns: Mapping[str, float]) -> list[dict[str, str | float]]:
    """Return evaluation columns as a row a policy and task: `policy`, `task` and the measures.

    Args:
        columns: See `columns_table`.
    """
    return [
        {"policy": policy, "task": task, **measures}
        for policy, rows in _by_policy(columns).items()
        for task, measures in rows.items()
    ]


def _by_policy(columns: Mapping[str, float]) -> dict[str, dict[str, dict[str, float]]]:
    """Return evaluation columns as policy -> task -> measure -> value; NaN is left out."""
    policies: dict[str, dict[str, dict[str, float]]] = {}
    for prefix, title in _PREFIXES.items():
        for name, value in columns.items():
            if name.startswith(prefix) and not math.isnan(value):
                task, _, measure = name.removeprefix(prefix).rpartition("/")
                rows = policies.setdefault(title, {})
                rows.setdefault(task or "mean over tasks", {})[measure] = value
    return policies


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


def pairs_text(pairs: PairResults) -> str:
    """Return what every policy did on every task: matrices of successes and returns, and a list.

    The successes are left out where no two policies differ on a task.

    Args:
        pairs: Results to show; above 12 tasks the matrices are left out.
    """
    each = "1 episode" if pairs.n_episodes == 1 else f"{pairs.n_episodes} episodes"
    parts = [f"After epoch {pairs.epoch}, {each} of every policy on every task"]
    if len(pairs.task_names) <= _WIDEST_MATRIX:
        parts[0] += "; row: task, column: policy that acts, *: best in hindsight (mean return)"
        if np.ptp(pairs.success, axis=1).any():
            parts.append(_matrix("success", pairs, pairs.success))
        parts.append(_matrix("return", pairs, pairs.returns))
    parts.append(_best_table(pairs))
    return "\n\n".join(parts)


def _matrix(title: str, pairs: PairResults, values: Array) -> str:
    names = [f"{index} {name}" for index, name in enumerate(pairs.task_names)]
    marks = np.where(pairs.best(), "*", " ")
    cells = [
        [f"{value:.2f}{mark}" for value, mark in zip(row, row_marks, strict=True)]
        for row, row_marks in zip(values, marks, strict=True)
    ]
    # The blank after an index stands above the cells' marks.
    return _aligned(
        [title, *(f"{index} " for index in range(len(names)))],
        [[name, *row] for name, row in zip(names, cells, strict=True)],
    )


def _best_table(pairs: PairResults) -> str:
    """Return a row a task: own, best and mixture's return, and how often the mixture chose well."""
    head = ["task", "own return", "best return", "best policy"]
    best = [_names(pairs, row) for row in pairs.best()]
    columns = [[*pairs.task_names, "mean"]]
    columns += [_numbers(values) for values in (pairs.returns.diagonal(), pairs.returns.max(1))]
    columns.append([*best, ""])
    agreement = pairs.agreement()
    if agreement is not None and pairs.mixture is not None:
        head += ["mixture return", "mixture chose a best policy", "a uniform choice would"]
        columns.append(_numbers(pairs.mixture.returns))
        for share in (agreement, pairs.chance()):
            columns.append([f"{value:.1%}" for value in (*share, share.mean())])
    return _aligned(head, list(zip(*columns, strict=True)))


def _names(pairs: PairResults, best: npt.NDArray[np.bool_]) -> str:
    names = [name for name, is_best in zip(pairs.task_names, best, strict=True) if is_best]
    if len(names) > 2:
        return f"{len(names)} of {len(best)} tie"
    return ", ".join(names)


def _numbers(values: Array) -> list[str]:
    return [f"{value:.2f}" for value in (*values, values.mean())]


def _aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose first column is aligned to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join(
        "  ".join(
            f"{cell:<{width}}" if place == 0 else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    )

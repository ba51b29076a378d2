"""Which tasks are near to which: the neighbours that MT-Levy's jumps may take policies of.

A task's n nearest include itself, in place one. What the user gives wins over the task set's own.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
import numpy.typing as npt

from environments import TaskSet
from learning.errors import ConfigError
from learning.options import OptionGroup, option

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_CODE = "MT-Levy reference code"


@dataclasses.dataclass(frozen=True, kw_only=True)
class NeighborOptions(OptionGroup):
    """Whose policies a jump may take."""

    num_neighbors: int = option(
        5,
        at_least=1,
        source=_CODE,
        help="Nearest tasks whose policies a Levy jump may take, the task itself among them: n.",
    )
    neighbors: Literal["task_set", "all"] = option(
        "task_set",
        source="chosen by us",
        help="Which tasks are near: as the task set's embeddings say, or all. A file given as "
        "neighbor_embeddings or neighbor_order wins.",
    )
    neighbor_embeddings: tuple[float, ...] | None = option(
        None,
        from_file="T x d",
        source="the task set's",
        help="Embeddings of the tasks, a file (CSV, text or .npy) of T x d numbers; near is a "
        "small Euclidean distance.",
    )
    neighbor_order: tuple[float, ...] | None = option(
        None,
        from_file="T x T",
        source="the task set's",
        help="Order of nearness, a file of T x T task indices from 0, row i: task i, then its "
        "nearest. One of the two files may be given.",
    )
    levy_sharing: Literal["neighbors", "own"] = option(
        "neighbors",
        source=_CODE,
        help="Ablation of MT-Levy; own: jumps take the task's own policy only.",
    )


def near_tasks(options: NeighborOptions, task_set: TaskSet) -> Bools:
    """Return which tasks are near, [T, T], row i: those whose policies task i may take.

    Raises:
        ConfigError: Both files are given, an order is none, or nothing says what is near.
    """
    n_tasks = task_set.n_tasks
    if options.levy_sharing == "own":
        return np.eye(n_tasks, dtype=np.bool_)
    given = options.neighbor_order is not None or options.neighbor_embeddings is not None
    if options.neighbors == "all" and not given:
        return np.ones((n_tasks, n_tasks), dtype=np.bool_)
    order = _neighbor_order(options, task_set)
    near = np.zeros((n_tasks, n_tasks), dtype=np.bool_)
    np.put_along_axis(near, order[:, : options.num_neighbors], values=True, axis=1)
    return near


def nearest_first(distances: Floats) -> Ints:
    """Return the tasks by growing distance, [T, T], row i: task i, then its nearest.

    Args:
        distances: [T, T]; of equally far ones the first comes first.
    """
    distances = np.array(distances, dtype=np.float64)
    # Another task may have the same embedding, or the same distances after rounding.
    np.fill_diagonal(distances, -1.0)
    return np.argsort(distances, axis=1, kind="stable")


def _neighbor_order(options: NeighborOptions, task_set: TaskSet) -> Ints:
    n_tasks = task_set.n_tasks
    if options.neighbor_order is not None:
        if options.neighbor_embeddings is not None:
            raise ConfigError(
                "neighbor_order and neighbor_embeddings both say which tasks are near: give one"
            )
        return _checked_order(np.reshape(options.neighbor_order, (n_tasks, n_tasks)))
    if options.neighbor_embeddings is not None:
        embeddings = np.reshape(options.neighbor_embeddings, (n_tasks, -1))
        differences = embeddings[:, None, :] - embeddings[None, :, :]
        return nearest_first(np.linalg.norm(differences, axis=2))
    distances = task_set.task_distances()
    if distances is None:
        raise ConfigError(
            f"{task_set.id} does not say how near its tasks are: give --neighbor_embeddings FILE "
            f"({n_tasks} x d numbers) or --neighbor_order FILE ({n_tasks} x {n_tasks} task "
            "indices), or --neighbors all"
        )
    return nearest_first(distances)


def _checked_order(order: Floats) -> Ints:
    """Return an order as integers.

    Raises:
        ConfigError: A row is no order of the tasks, or another task is nearest to a task.
    """
    n_tasks = len(order)
    for task, row in enumerate(order):
        if not np.array_equal(np.sort(row), np.arange(n_tasks)) or row[0] != task:
            raise ConfigError(
                f"neighbor_order: row {task} is {row.tolist()}; allowed is each of 0 to "
                f"{n_tasks - 1} once, and {task} first: a task is nearest to itself"
            )
    return order.astype(np.int64)

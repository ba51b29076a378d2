"""Which tasks are near to which: the neighbours that MT-Levy's jumps may take policies of.

A task's n nearest include itself, in place one. What the user gives wins over the task set's own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from environments import TaskSet
from learning.errors import ConfigError
from learning.policies.levy.levy_options import NeighborOptions

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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

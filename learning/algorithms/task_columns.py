"""A number a task as columns of the log: their mean, and each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch

from learning.errors import DivergenceError


def columns_of(
    per_task: Mapping[str, torch.Tensor], task_names: tuple[str, ...], *, finite: bool
) -> dict[str, float]:
    """Return the columns of several such numbers; the arguments are as below, by key."""
    columns: dict[str, float] = {}
    for key, numbers in per_task.items():
        columns |= task_columns(key, numbers, task_names, finite=finite)
    return columns


def task_columns(
    key: str, per_task: torch.Tensor, task_names: tuple[str, ...], *, finite: bool
) -> dict[str, float]:
    """Return `<key>/mean` and `<key>/<task>`.

    Args:
        key: What the numbers are.
        per_task: Shape [T].
        task_names: The tasks' names.
        finite: Whether the numbers have to be finite.

    Raises:
        DivergenceError: One of them has to be finite and is not.
    """
    values = per_task.cpu().numpy().astype(np.float64)
    if finite and not np.isfinite(values).all():
        raise DivergenceError(_diverged(key, values, task_names))
    columns = {f"{key}/mean": float(values.mean())}
    for name, value in zip(task_names, values, strict=True):
        columns[f"{key}/{name}"] = float(value)
    return columns


def _diverged(key: str, values: npt.NDArray[np.float64], task_names: tuple[str, ...]) -> str:
    names = [name for name, value in zip(task_names, values, strict=True) if not np.isfinite(value)]
    return f"{key} is not finite for {', '.join(names)}: training has diverged."

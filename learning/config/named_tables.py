"""Numbers of each task that are given by the tasks' names: a JSON file, or a mapping in Python.

The names may end in a version, as Meta-World's do ("reach-v1"); the endings do not count, neither
here nor in the task set.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from learning.errors import ConfigError

_VERSION = re.compile(r"-v\d+$")


def rows_by_name(option: str, given: object, task_names: Sequence[str]) -> tuple[float, ...]:
    """Return the tasks' numbers, task after task in the order of the task set.

    Args:
        option: Name of the option, for the messages.
        given: Path of a JSON file, or a mapping: task name -> numbers. Further tasks may be in it.
        task_names: The tasks that are wanted.

    Raises:
        ConfigError: The file cannot be read, a task is missing or there twice, rows differ in
            length, or something in them is no finite number; it names the file and the task.
    """
    place = option
    if isinstance(given, str | os.PathLike):
        place = f"{option} = {os.fspath(given)}"
        given = _read(place, pathlib.Path(given))
    if not isinstance(given, Mapping):
        raise ConfigError(f"{place}: allowed is a mapping from task names to lists of numbers")
    names = {name: _VERSION.sub("", name) for name in given if isinstance(name, str)}
    rows: list[tuple[float, ...]] = []
    for task in task_names:
        same = [name for name, bare in names.items() if bare == _VERSION.sub("", task)]
        if len(same) != 1:
            problem = f"both {' and '.join(same)}" if same else "nothing of that name"
            raise ConfigError(f"{place}: one row for task {task!r} wanted, and there is {problem}")
        rows.append(_row(f"{place}: task {task!r}", given[same[0]]))
        if len(rows[-1]) != len(rows[0]):
            raise ConfigError(
                f"{place}: task {task!r} has {len(rows[-1])} numbers and {task_names[0]!r} has "
                f"{len(rows[0])}; allowed is the same for all"
            )
    return tuple(number for row in rows for number in row)


def _read(place: str, path: pathlib.Path) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        names = [name for name, _ in pairs]
        if len(table) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ConfigError(f"{place}: task {twice!r} is there twice")
        return table

    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=unique)
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{place}: no JSON file of task names and numbers: {error}") from error


def _row(place: str, given: object) -> tuple[float, ...]:
    """Return a task's numbers, checked."""
    # A NumPy array has them too.
    given = given.tolist() if hasattr(given, "tolist") else given
    if not isinstance(given, list | tuple) or not given:
        raise ConfigError(f"{place}: allowed is a list of one or more numbers")
    for number in given:
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if not is_number or not abs(number) <= sys.float_info.max:
            raise ConfigError(f"{place} has {number!r}: allowed are finite numbers")
    return tuple(float(number) for number in given)

"""A grid as a file: which methods, with which options, on which task sets, with which seeds.

    title = "QMP, maze"
    envs = ["MazeLarge-10-v0"]
    seeds = [1, 2, 3]

    [options]                 # of all runs
    precision = "bf16"

    [[runs]]
    method = "mtsac"

    [[runs]]
    method = "qmp_sac"
    name = "floor"
    label = "QMP with a floor"
    own_policy_floor = 0.5
    seeds = [1]               # this one's own

What stands in ``[options]`` and beside a run's method are options of the command line.
"""

from __future__ import annotations

import dataclasses
import pathlib
import tomllib
from collections.abc import Mapping
from typing import Any

from learning.analysis.measures import MEASURES
from learning.errors import ConfigError
from learning.sweeps.toml_lines import Place, TomlLines

_TOP = ("title", "metric", "envs", "seeds", "options", "runs", "claims")
_OWN = ("method", "label", "envs", "seeds")
_NO_OPTIONS: Mapping[str, str] = {
    "env": "write envs = [...]",
    "seed": "write seeds = [...]",
    "log_dir": "`run.py sweep` chooses the folders; see --out",
    "dry_run": "it belongs to the command line",
    "stop_after": "`run.py reproduce --budget` ends runs early",
    "env_options": "write the task set's options by their names",
    "plugins": "give --plugin FILE on the command line",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class GridEntry:
    """A method with its options, on some task sets, with some seeds.

    Attributes:
        index: Which of the file's ``[[runs]]`` it is, from 0.
        method: Row of the method table.
        label: What tables and figures call it; None: the method's name, or the run's.
        envs: Ids of task sets.
        seeds: Seeds.
        options: Option -> value as the file has it, those of all runs included.
        own: What stands beside its method itself, lists and options.
    """

    index: int
    method: str
    label: str | None
    envs: tuple[str, ...]
    seeds: tuple[int, ...]
    options: Mapping[str, Any]
    own: frozenset[str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grid:
    """What a grid's file says, not resolved yet.

    Attributes:
        path: The file.
        title: Its title.
        metric: What its tables and its page look at first; None: nothing is said.
        entries: Its runs, a method with its options each.
        claims: What its paper claims, as the file has it; see `claim_tables`.
        lines: Where in the file everything stands.
    """

    path: pathlib.Path
    title: str
    metric: str | None
    entries: tuple[GridEntry, ...]
    claims: tuple[Mapping[str, Any], ...]
    lines: TomlLines

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    def error(self, message: str, *place: str | int) -> ConfigError:
        """Return an error that names the file and the line of `place`."""
        return grid_error(self.path, self.lines, message, *place)

    def option_place(self, entry: GridEntry, name: str) -> Place:
        """Return where an entry's option stands: beside its method, or among those of all runs."""
        if name in entry.own:
            return ("runs", entry.index, name)
        return ("options", name)

    def list_place(self, entry: GridEntry, key: str) -> Place:
        """Return where an entry's `envs` or `seeds` stand: beside its method, or for all runs."""
        return ("runs", entry.index, key) if key in entry.own else (key,)


def grid_error(
    path: pathlib.Path, lines: TomlLines, message: str, *place: str | int
) -> ConfigError:
    """Return an error that names a file and the line of `place`."""
    return ConfigError(f"{path}, line {lines.line(*place)}: {message}")


def read_grid(path: pathlib.Path) -> Grid:
    """Read a grid's file.

    Raises:
        ConfigError: It is missing, no TOML, or has a key or a kind of value that is not allowed
            there; the message names the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: no grid can be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    reader = _Reader(path, TomlLines(text))
    return reader.grid(content)


@dataclasses.dataclass(frozen=True)
class _Reader:
    """Checks what a file holds, table by table."""

    path: pathlib.Path
    lines: TomlLines

    def grid(self, content: Mapping[str, Any]) -> Grid:
        for key in content:
            if key not in _TOP:
                raise self.error(f"{key!r} is no key of a grid: allowed is {_any_of(_TOP)}", key)
        title = content.get("title", self.path.stem)
        if not isinstance(title, str):
            raise self.error(f"title = {title!r}: allowed is a text", "title")
        metric = content.get("metric")
        if metric is not None and metric not in MEASURES:
            raise self.error(
                f"metric = {metric!r}: allowed is {_any_of(tuple(MEASURES))}", "metric"
            )
        options, runs = content.get("options", {}), content.get("runs", [])
        if not isinstance(options, Mapping):
            raise self.error("options: allowed is a table, [options]", "options")
        if not isinstance(runs, list) or not runs or not isinstance(runs[0], Mapping):
            raise self.error("a grid has one or more tables [[runs]], each with a method", "runs")
        for name in options:
            self.check_option(name, "options", name)
        claims = content.get("claims", [])
        if not isinstance(claims, list) or not all(isinstance(each, Mapping) for each in claims):
            raise self.error("claims: allowed are tables, [[claims]]", "claims")
        return Grid(
            path=self.path,
            title=title,
            metric=metric,
            entries=tuple(self.entry(index, run, content) for index, run in enumerate(runs)),
            claims=tuple(claims),
            lines=self.lines,
        )

    def entry(self, index: int, run: Mapping[str, Any], content: Mapping[str, Any]) -> GridEntry:
        place = ("runs", index)
        for name in run:
            if name not in _OWN:
                self.check_option(name, *place, name)
        method, label = run.get("method"), run.get("label")
        if not isinstance(method, str):
            raise self.error('a run names its method: method = "mtsac"', *place, "method")
        if label is not None and (not isinstance(label, str) or not label.strip()):
            raise self.error(f"label = {label!r}: allowed is a text", *place, "label")
        own = {name: value for name, value in run.items() if name not in _OWN}
        return GridEntry(
            index=index,
            method=method,
            label=label,
            envs=self.several("envs", str, place, run, content),
            seeds=self.several("seeds", int, place, run, content),
            options={**content.get("options", {}), **own},
            own=frozenset(run),
        )

    def check_option(self, name: str, *place: str | int) -> None:
        if name in _NO_OPTIONS:
            raise self.error(f"{name!r} is no option of a grid: {_NO_OPTIONS[name]}", *place)

    def several(
        self,
        key: str,
        kind: type,
        place: Place,
        run: Mapping[str, Any],
        content: Mapping[str, Any],
    ) -> tuple[Any, ...]:
        """Return a run's own list, or else that of all runs."""
        if key in run:
            place, values = (*place, key), run[key]
        elif key in content:
            place, values = (key,), content[key]
        else:
            raise self.error(f"neither the run nor the grid has {key} = [...]", *place)
        if not isinstance(values, list) or not values:
            raise self.error(f"{key} = {values!r}: allowed is a list of one or more", *place)
        for value in values:
            if type(value) is not kind:
                noun = "texts" if kind is str else "integers"
                raise self.error(f"{key}: {value!r}: allowed are {noun}", *place)
        return tuple(values)

    def error(self, message: str, *place: str | int) -> ConfigError:
        return grid_error(self.path, self.lines, message, *place)


def _any_of(names: tuple[str, ...]) -> str:
    return f"one of {', '.join(names)}"

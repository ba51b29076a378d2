"""The runs of a grid: each resolved as its command line would be, before the first one begins."""

from __future__ import annotations

import collections
import dataclasses
import pathlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from environments import make_task_set, task_set_ids, task_set_options
from environments.options import Option
from learning.config.env_steps import env_steps_after
from learning.config.experiment_config import ExperimentConfig
from learning.config.members import all_options
from learning.config.methods import AXES, METHODS
from learning.errors import ConfigError
from learning.experiment.matching import resolve
from learning.sweeps.grid_file import Grid, GridEntry
from learning.sweeps.words import flag_words, given_value, option_words

OUT = pathlib.Path("runs")
"""Where runs go by default: that of single runs, so that what is there is not run again."""

ONE_THREAD: Mapping[str, int] = {"torch_threads": 1, "n_workers": 0}
"""What a grid's runs have where it does not say otherwise: runs side by side use all cores, and do
more together than one run with as many threads; neither changes a number of a run."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class GridRun:
    """A run of a grid.

    Attributes:
        label: What tables and figures call its method.
        config: Its config.
        given: The options that the grid gives it.
        words: Its command line, from the method on.
        line: The line of its `[[runs]]`.
        n_tasks: T.
        until: Epochs after which it is enough; its config may have more, for another time.
    """

    label: str
    config: ExperimentConfig
    given: frozenset[str]
    words: tuple[str, ...]
    line: int
    n_tasks: int
    until: int

    @property
    def folder(self) -> pathlib.Path:
        """Where its record is."""
        return pathlib.Path(self.config.log_dir)

    @property
    def name(self) -> str:
        """Say which run it is: `mtsac MazeLarge-10-v0 run_1`, as its folder does."""
        return " ".join(self.folder.parts[-3:])

    @property
    def kind(self) -> tuple[str, ...]:
        """Return what it has in common with the same run with another seed."""
        return (*self.folder.parts[-3:-1], self.config.name)

    @property
    def stops_early(self) -> bool:
        """Whether it is to end before its config says so."""
        n_epochs: int = self.config.n_epochs
        return self.until < n_epochs

    def env_steps(self, epochs: int) -> int:
        """Return the environment steps of so many epochs, in total over the tasks."""
        return env_steps_after(self.config, n_tasks=self.n_tasks, epochs=epochs)


def grid_runs(grid: Grid, out: pathlib.Path = OUT) -> tuple[GridRun, ...]:
    """Resolve all runs of a grid.

    Args:
        grid: The grid.
        out: The folder below which each has `<method>/<env>/<name>_<seed>`.

    Raises:
        ConfigError: What the command line would refuse, or two runs that would share a folder; the
            message names the file and the line.
    """
    runs = [run for entry in grid.entries for run in _runs_of(grid, entry, out)]
    by_folder = collections.defaultdict(list)
    for run in runs:
        by_folder[run.folder].append(run.line)
    for folder, lines in by_folder.items():
        if len(lines) > 1:
            others = " and ".join(f"line {line}" for line in lines[:-1])
            raise ConfigError(
                f"{grid.path}, line {lines[-1]}: two runs would share the folder {folder}; the "
                f"other is of {others}. Give one a `name` of its own, or each seed and "
                "task set once"
            )
    return tuple(runs)


def _runs_of(grid: Grid, entry: GridEntry, out: pathlib.Path) -> Iterator[GridRun]:
    if entry.method not in METHODS:
        raise grid.error(
            f"method = {entry.method!r}: allowed is one of {', '.join(METHODS)}",
            *("runs", entry.index, "method"),
        )
    for env in entry.envs:
        if env not in task_set_ids():
            raise grid.error(
                f"envs: {env!r}: allowed is one of {', '.join(task_set_ids())}",
                *grid.list_place(entry, "envs"),
            )
        given, words = _given(grid, entry, env)
        for seed in entry.seeds:
            yield _run(grid, entry, env=env, seed=seed, given=given, words=words, out=out)


def _given(grid: Grid, entry: GridEntry, env: str) -> tuple[dict[str, Any], list[str]]:
    """Return what `resolve` gets, and the same as words of a command line."""
    given: dict[str, Any] = {}
    words: list[str] = []
    declared, own = all_options(), task_set_options(env)
    folder = grid.path.parent
    for name, value in {**ONE_THREAD, **entry.options}.items():
        option = _NAMES.get(name) or own.get(name)
        option = option or (declared[name].option if name in declared else None)
        if option is None:
            raise grid.error(
                f"{entry.method} on {env} has no option {name!r}; `python run.py {entry.method} "
                f"--env={env} --help` lists what it has",
                *grid.option_place(entry, name),
            )
        try:
            given[name] = given_value(option, value, folder)
        except ValueError as error:
            place = grid.option_place(entry, name)
            raise grid.error(f"{name} = {error}", *place) from error
        is_flag = option.kind is bool and name not in own
        words += flag_words(name, value) if is_flag else option_words(name, option, value, folder)
    return given, words


_NAMES: Mapping[str, Option] = {
    **{axis: Option(kind=str) for axis in AXES},
    "protocol": Option(kind=str),
    "base": Option(kind=str),
    "updates_per_vector_step": Option(kind=float),
    "match_parameters": Option(kind=str),
}
"""What the command line takes beside options."""


def _run(
    grid: Grid,
    entry: GridEntry,
    *,
    env: str,
    seed: int,
    given: Mapping[str, Any],
    words: list[str],
    out: pathlib.Path,
) -> GridRun:
    try:
        config = resolve(entry.method, env, seed=seed, **given)
        n_tasks = make_task_set(env, **dict(config.env_options)).n_tasks
    except ConfigError as error:
        raise grid.error(str(error), *_place_of(grid, entry, str(error))) from error
    folder = out / config.label / env / f"{config.name}_{seed}"
    return GridRun(
        label=entry.label or (config.label if config.name == "run" else config.name),
        config=config.replace(log_dir=str(folder)),
        given=frozenset(entry.options),
        words=(entry.method, f"--env={env}", f"--seed={seed}", *words, f"--log_dir={folder}"),
        line=grid.lines.line("runs", entry.index),
        n_tasks=n_tasks,
        until=config.n_epochs,
    )


def _place_of(grid: Grid, entry: GridEntry, message: str) -> tuple[str | int, ...]:
    """Return where the option stands that a message speaks of first; else where the run does."""
    found = {
        name: match.start()
        for name in entry.options
        if (match := re.search(rf"\b{re.escape(name)}\b", message)) is not None
    }
    if found:
        return grid.option_place(entry, min(found, key=found.__getitem__))
    if re.match(r"seed\b", message):
        return grid.list_place(entry, "seeds")
    return ("runs", entry.index)

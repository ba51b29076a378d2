"""From a word on the command line to a value that the config's annotation admits."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

import click

from learning.config.constraints import Kind, check
from learning.config.experiment_config import OptionValue
from learning.errors import ConfigError


class KindType(click.ParamType[Any]):
    """A click type for a `Kind`; several numbers are separated by commas, `none` is None."""

    def __init__(self, kind: Kind) -> None:
        """Takes what is allowed."""
        self.kind = kind
        self.name = kind.base.__name__

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """What stands behind the option in the help: the choices, or the type."""
        if self.kind.choices:
            return "|".join(self.kind.choices)
        if self.kind.from_file:
            return "FILE"
        names = {int: "N", float: "X", str: "TEXT", bool: "BOOL"}
        return names[self.kind.base] + (" ..." if self.kind.many else "")

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> OptionValue | tuple[OptionValue, ...] | None:
        """Reads a word.

        Raises:
            click.BadParameter: it is not allowed; the message says what is.
        """
        if self.kind.optional and value.lower() == "none":
            return None
        if self.kind.from_file:
            return self._numbers_in(value, param, ctx)
        words = value.split(",") if self.kind.many else [value]
        try:
            numbers = tuple(self.kind.base(word) for word in words)
            result = numbers if self.kind.many else numbers[0]
            check("", result, self.kind)
        except (ValueError, ConfigError):
            self.fail(f"{value!r}: allowed is {self.kind}", param, ctx)
        return result

    def _numbers_in(
        self, path: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Reads a table of numbers, separated by commas or blanks, or an .npy file, row by row."""
        import numpy as np  # noqa: PLC0415 (only where a file is given)

        try:
            if path.endswith(".npy"):
                table = np.load(path, allow_pickle=False)
            else:
                with open(path, encoding="utf-8") as file:
                    table = np.loadtxt(file.read().replace(",", " ").splitlines(), ndmin=2)
            numbers = tuple(float(number) for number in table.ravel())
            check("", numbers, self.kind)
        except (OSError, ValueError, ConfigError) as error:
            self.fail(f"{path!r}: no table of finite numbers: {error}", param, ctx)
        return numbers


class TaskSetOption(Protocol):
    """What the command line asks of a task set's own option; `str` says what is allowed."""

    @property
    def default(self) -> OptionValue:
        """The value where none is given."""

    @property
    def help(self) -> str:
        """What the option does."""

    def parse(self, word: str) -> OptionValue:
        """Reads a word; raises ValueError, saying what is allowed."""


class TaskSetOptionType(click.ParamType[OptionValue]):
    """A click type for a task set's own option."""

    def __init__(self, option: TaskSetOption) -> None:
        """Takes the option."""
        self.option = option
        self.name = type(option.default).__name__

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> OptionValue:
        """Reads a word.

        Raises:
            click.BadParameter: it is not allowed; the message says what is.
        """
        try:
            return self.option.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def join_values(args: Sequence[str], options: Collection[str]) -> list[str]:
    """Joins several values after one option: `--sizes 256 256` becomes `--sizes=256,256`.

    Args:
        args: the command line after the sub-command.
        options: names with dashes of the options that take several values.
    """
    joined: list[str] = []
    waiting: list[str] | None = None
    for word in args:
        if waiting is not None and not word.startswith("-"):
            waiting.append(word)
            continue
        if waiting:
            joined[-1] += "=" + ",".join(waiting)
        waiting = [] if word in options else None
        joined.append(word)
    if waiting:
        joined[-1] += "=" + ",".join(waiting)
    return joined

"""From a word on the command line to a value that an option admits."""

from __future__ import annotations

import pathlib
from collections.abc import Collection, Sequence
from typing import Any

import click

from environments.options import Option
from learning.options.number_tables import read_numbers


class OptionType(click.ParamType[Any]):
    """A click type for an option; several numbers are separated by commas, `none` is None."""

    def __init__(self, option: Option) -> None:
        """Take the option."""
        self.option = option
        assert option.kind is not None
        self.name = option.kind.__name__

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands behind the option in the help: the choices, or the type."""
        if self.option.allowed:
            return "|".join(map(str, self.option.allowed))
        if self.option.from_file:
            return "FILE"
        names: dict[type | None, str] = {int: "N", float: "X", str: "TEXT", bool: "BOOL"}
        return names[self.option.kind] + (" ..." if self.option.several else "")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a word.

        Raises:
            click.BadParameter: It is not allowed; the message says what is.
        """
        if not isinstance(value, str):  # the value of a flag that stands alone
            return value
        if self.option.from_file and not (self.option.optional and value.lower() == "none"):
            if self.option.from_file == "name: d":
                # Read where the tasks' names are known.
                return pathlib.Path(value)
            return self._numbers_in(value, param, ctx)
        try:
            return self.option.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def _numbers_in(
        self, path: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        try:
            numbers = read_numbers(path)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not self.option.admits(numbers):
            self.fail(f"{path!r}: no table of finite numbers", param, ctx)
        return numbers


def join_values(args: Sequence[str], options: Collection[str]) -> list[str]:
    """Join several values after one option: `--sizes 256 256` becomes `--sizes=256,256`.

    Args:
        args: The command line after the sub-command.
        options: Names with dashes of the options that take several values.
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

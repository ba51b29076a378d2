"""From a word on the command line to a value that the config's annotation admits."""

from collections.abc import Collection, Sequence
from typing import Any

import click

from learning.config import OptionValue
from learning.constraints import Kind, check
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
        words = value.split(",") if self.kind.many else [value]
        try:
            numbers = tuple(self.kind.base(word) for word in words)
            result = numbers if self.kind.many else numbers[0]
            check("", result, self.kind)
        except (ValueError, ConfigError):
            self.fail(f"{value!r}: allowed is {self.kind}", param, ctx)
        return result


class TaskSetOptionType(click.ParamType[OptionValue]):
    """A click type for a task set's own option.

    Args:
        default: the option's default; its type is the values' type.
        allowed: the values allowed; empty: the task set checks them itself.
    """

    def __init__(self, default: OptionValue, allowed: Collection[OptionValue]) -> None:
        """See the class."""
        self.base = type(default)
        self.allowed = {str(each).lower(): each for each in allowed}
        self.name = self.base.__name__

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> OptionValue:
        """Reads a word.

        Raises:
            click.BadParameter: it is not allowed; the message says what is.
        """
        by_text = self.allowed
        if self.base is bool:
            by_text = by_text or {"true": True, "false": False}
        if by_text:
            if value.lower() not in by_text:
                self.fail(f"{value!r}: allowed is one of {', '.join(by_text)}", param, ctx)
            return by_text[value.lower()]
        try:
            return self.base(value)
        except ValueError:
            self.fail(f"{value!r}: allowed is a value of type {self.name}", param, ctx)


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

"""Which values an annotation admits: the one place for checks and for saying what is allowed.

The annotations of `learning.config.experiment_config.ExperimentConfig` are the only statement of the allowed values;
the config's own checks, reading a `config.json` and the command line all come here. Known
annotations: `int`, `float`, `str`, `bool`, `Literal[...]` of strings, `tuple[X, ...]` (at least
one), `X | None`, `Annotated[X, Range(...)]` around a number, and `Annotated[X, FROM_FILE]` around
several numbers that the command line takes as the name of a file.
"""

import dataclasses
import math
import types
import typing
from typing import Any

from learning.errors import ConfigError

FROM_FILE = "from file"
"""Marks several numbers that are given as a file."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Range:
    """Bounds of a number; None: unbounded on that side."""

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None

    def admits(self, value: float) -> bool:
        """Whether `value` lies within all bounds."""
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
        )

    def __str__(self) -> str:
        """The bounds in words, such as "at least 1"."""
        bounds = (("at least", self.at_least), ("above", self.above), ("at most", self.at_most))
        return " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """An annotation taken apart.

    Attributes:
        base: `int`, `float`, `str` or `bool`.
        many: a tuple of `base`, at least one.
        optional: None is allowed too.
        range: the bounds of (each) number.
        choices: the allowed strings; empty: any.
        from_file: the command line takes the name of a file with the numbers.
    """

    base: type
    many: bool = False
    optional: bool = False
    range: Range | None = None
    choices: tuple[str, ...] = ()
    from_file: bool = False

    def __str__(self) -> str:
        """What is allowed, in words, such as "an integer, at least 1"."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        nouns = {int: "integer", float: "number", str: "text", bool: "true or false"}
        words = nouns[self.base]
        if self.many:
            words = f"one or more {words}s"
        elif self.base in (int, float):
            words = ("an " if self.base is int else "a ") + words
        if self.range is not None:
            words += f"{', each' if self.many else ','} {self.range}"
        return words + (" (or none)" if self.optional else "")


def kind_of(annotation: Any) -> Kind:
    """Takes an annotation apart.

    Args:
        annotation: one of the forms in this file's docstring.

    Raises:
        TypeError: the annotation has another form.
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in (int, float, str, bool):
        return Kind(base=annotation)
    if origin is typing.Annotated:
        (extra,) = arguments[1:]
        inner = kind_of(arguments[0])
        if extra == FROM_FILE:
            return dataclasses.replace(inner, from_file=True)
        return dataclasses.replace(inner, range=extra)
    if origin is typing.Literal:
        return Kind(base=str, choices=arguments)
    if origin is tuple and arguments[1:] == (...,):
        return dataclasses.replace(kind_of(arguments[0]), many=True)
    if origin in (typing.Union, types.UnionType) and len(arguments) == 2:
        (some,) = [argument for argument in arguments if argument is not type(None)]
        return dataclasses.replace(kind_of(some), optional=True)
    raise TypeError(f"no rule for the annotation {annotation!r}")


def check(name: str, value: object, kind: Kind) -> None:
    """Raises unless `kind` admits `value`.

    Args:
        name: the option's name, for the message.
        value: what was given.
        kind: what is allowed. A float field takes an integer too; no number field takes a bool.

    Raises:
        ConfigError: naming the option, the value and what is allowed.
    """
    if value is None and kind.optional:
        return
    values = value if kind.many and isinstance(value, tuple) else (value,)
    if (kind.many and not isinstance(value, tuple)) or not values:
        raise ConfigError(f"{name} = {value!r}: allowed is {kind}")
    if not all(_admits(kind, each) for each in values):
        raise ConfigError(f"{name} = {value!r}: allowed is {kind}")


def _admits(kind: Kind, value: object) -> bool:
    if kind.base is float:
        right_type = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        right_type = type(value) is kind.base
    if not right_type:
        return False
    if kind.choices:
        return value in kind.choices
    if isinstance(value, (int, float)):
        return math.isfinite(value) and (kind.range is None or kind.range.admits(value))
    return True

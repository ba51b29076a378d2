"""Options: what each may be, checked, read from a word and said in one place.

The one grammar of options: a task set's own stand in its `OPTIONS`; those of all that learns are
declared beside the class that uses them (`learning.options`). Command line, config, documentation
and error messages are made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

OptionValue: TypeAlias = str | int | float | bool
"""The value of a task set's own option."""

TableShape: TypeAlias = Literal["", "T x T", "T x d", "name: d"]
"""Shape of a table of numbers that is given as a file, T tasks and any d; "name: d": a JSON file of
d numbers for each task's name; "": no table."""

_LARGEST: Mapping[type, float] = {int: 2**63 - 1, float: 3.4028234663852886e38}
"""Largest numbers that counters (int64) and networks (float32) hold."""

_NOUNS: Mapping[type, str] = {int: "integer", float: "number", str: "text"}


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option's default, what else it may be, and its help."""

    default: Any = None
    """The value where none is given."""
    kind: type | None = None
    """`int`, `float`, `str` or `bool`; None: the type of the default. An integer may stand for a
    float; true and false are no numbers here."""
    allowed: tuple[OptionValue, ...] = ()
    """The allowed values; empty: all of the kind, within the bounds."""
    at_least: float | None = None
    """Lower bound of a number, itself allowed."""
    above: float | None = None
    """Lower bound of a number, itself not allowed."""
    at_most: float | None = None
    """Upper bound of a number, itself allowed."""
    several: bool = False
    """Values are tuples of one or more; the command line separates them by commas or blanks."""
    optional: bool = False
    """None is allowed too; the command line calls it `none`."""
    from_file: TableShape = ""
    """Several numbers that the command line takes as a file's name: a table of this shape."""
    help: str = "Option of the task set."
    """What it does, a sentence."""
    source: str = ""
    """Where the default comes from."""
    before: OptionValue | None = None
    """For an option that a task set got later: what was done before, which is its value in a record
    that does not have it. None: all records have it."""

    def __post_init__(self) -> None:
        """Take the kind from the default where it is not given."""
        if self.kind is None:
            object.__setattr__(self, "kind", type(self.default))

    def admits(self, value: object) -> bool:
        """Tell whether `value` is allowed. What only the task set can judge counts as allowed."""
        if value is None:
            return self.optional
        if not self.several:
            return self._admits_one(value)
        return (
            isinstance(value, tuple)
            and len(value) > 0
            and all(self._admits_one(each) for each in value)
        )

    def _admits_one(self, value: object) -> bool:
        if isinstance(value, bool) or self.kind is bool:
            right_kind = isinstance(value, bool) and self.kind is bool
        elif self.kind is float:
            right_kind = isinstance(value, float | int)
        else:
            right_kind = type(value) is self.kind
        if not right_kind:
            return False
        if self.allowed and value not in self.allowed:
            return False
        if isinstance(value, bool) or not isinstance(value, int | float):
            return True
        return (
            # Of an integer of any length, which `math.isfinite` would not take.
            abs(value) <= _LARGEST[float if isinstance(value, float) else int]
            and (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
        )

    def refusal(self, value: object) -> str:
        """Say what is allowed instead of a value that is not."""
        for number in value if isinstance(value, tuple) else (value,):
            largest = _LARGEST.get(type(number))
            if largest is not None and abs(number) > largest:
                return f"allowed is {self}, of at most {largest:.3g}"
        return f"allowed is {self}"

    def parse(self, word: str) -> Any:
        """Read a word of a command line; case does not count.

        Raises:
            ValueError: It is not allowed; the message says what is.
        """
        if self.optional and word.lower() == "none":
            return None
        values: Any = None
        try:
            parts = word.split(",") if self.several else [word]
            values = tuple(self._parse_one(part) for part in parts)
        except (KeyError, ValueError):
            pass
        read = values if self.several or values is None else values[0]
        if read is None or not self.admits(read):
            shown = word if len(word) <= 200 else f"{word[:200]}..."
            raise ValueError(f"{shown!r}: {self.refusal(read)}")
        return read

    def _parse_one(self, word: str) -> object:
        values = (False, True) if self.kind is bool else self.allowed
        named = {str(value).lower(): value for value in values}
        if named:
            return named[word.lower()]
        assert self.kind is not None
        return self.kind(word)

    def __str__(self) -> str:
        """Say what is allowed, such as "an integer from 1 to 500"."""
        return self._words() + (" (or none)" if self.optional else "")

    def _words(self) -> str:
        if self.allowed:
            return f"one of {', '.join(map(str, self.allowed))}"
        if self.kind is bool:
            return "true or false"
        assert self.kind is not None
        noun = _NOUNS[self.kind]
        if self.several:
            noun = f"one or more {noun}s"
        else:
            noun = f"{'an' if self.kind is int else 'a'} {noun}"
        bounds = self._bounds()
        if not bounds:
            return noun
        if self.several:
            return f"{noun}, each {bounds}"
        return f"{noun} {bounds}" if bounds.startswith("from") else f"{noun}, {bounds}"

    def _bounds(self) -> str:
        if self.at_least is not None and self.at_most is not None:
            return f"from {self.at_least:g} to {self.at_most:g}"
        bounds = (("at least", self.at_least), ("above", self.above), ("at most", self.at_most))
        return " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)


OptionTable: TypeAlias = Mapping[str, Option]
"""Options by name."""

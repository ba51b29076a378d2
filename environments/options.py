"""A task set's own options: what each may be, checked, read from a word and said in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

OptionValue: TypeAlias = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option's default, what else it may be, and its help."""

    default: OptionValue
    """Its type is the type of all values, but an integer may stand for a float; true and false
    are no numbers here."""
    allowed: tuple[OptionValue, ...] = ()
    """The allowed values; empty: all of the type, within the bounds."""
    at_least: float | None = None
    """Lower bound of a number."""
    at_most: float | None = None
    """Upper bound of a number."""
    help: str = "Option of the task set."
    """What it does, a sentence."""

    def admits(self, value: object) -> bool:
        """Whether `value` is allowed. What only the task set can judge counts as allowed."""
        kind = type(self.default)
        if type(value) is not kind and not (kind is float and type(value) is int):
            return False
        if self.allowed and value not in self.allowed:
            return False
        if isinstance(value, bool) or not isinstance(value, int | float):
            return True
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)

    def parse(self, word: str) -> OptionValue:
        """Reads a word of a command line; case does not count.

        Raises:
            ValueError: it is not allowed; the message says what is.
        """
        values = (False, True) if isinstance(self.default, bool) else self.allowed
        named = {str(value).lower(): value for value in values}
        try:
            read = named[word.lower()] if named else type(self.default)(word)
        except (KeyError, ValueError):
            read = None
        if read is None or not self.admits(read):
            raise ValueError(f"{word!r}: allowed is {self}")
        return read

    def __str__(self) -> str:
        """What is allowed, in words, such as "an integer from 1 to 500"."""
        if self.allowed:
            return f"one of {', '.join(map(str, self.allowed))}"
        if isinstance(self.default, bool):
            return "true or false"
        if isinstance(self.default, str):
            return "a text"
        noun = "an integer" if isinstance(self.default, int) else "a number"
        if self.at_least is not None and self.at_most is not None:
            return f"{noun} from {self.at_least:g} to {self.at_most:g}"
        if self.at_least is not None:
            return f"{noun}, at least {self.at_least:g}"
        return noun if self.at_most is None else f"{noun}, at most {self.at_most:g}"


OptionTable: TypeAlias = Mapping[str, Option]
"""Options by name."""

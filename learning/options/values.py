"""Numbers that are taken when the user gives none, each with its source."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True)
class Value:
    """A number and its source."""

    value: Any
    source: str

    def resolve(self, n_tasks: int) -> Any:
        """Return the number, whatever the number of tasks."""
        del n_tasks
        return self.value

    def __str__(self) -> str:
        """Write the value as the command line would have it."""
        if isinstance(self.value, tuple):
            return " ".join(str(each) for each in self.value)
        return str(self.value).lower() if self.value in (None, True, False) else str(self.value)


@dataclasses.dataclass(frozen=True)
class Rule:
    """A number that depends on the number of tasks T or on the machine; resolved at start.

    Attributes:
        rule: From T to the value.
        text: The rule in words, for `--help`.
        source: Where it comes from.
    """

    rule: Callable[[int], Any]
    text: str
    source: str

    def resolve(self, n_tasks: int) -> Any:
        """Return the number for T tasks on this machine."""
        return self.rule(n_tasks)

    def __str__(self) -> str:
        """Say the rule in words."""
        return self.text

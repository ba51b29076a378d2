"""A member of an axis of sharing: what it reads, and where the class is that does it."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

from learning.options.option_group import OptionGroup


@dataclasses.dataclass(frozen=True)
class Member:
    """One line of an axis' table.

    The class is named and not imported, since it brings torch with it, for which the command line's
    help need not wait; its options stand in a file beside it that imports nothing heavy.

    Attributes:
        place: "module:Class", or the class itself where a plug-in brings it; None: there is nothing
            to build, the axis leaves everything as it is.
        options: What it reads, which is also the class's `Options`.
    """

    place: str | type | None
    options: type[OptionGroup] = OptionGroup

    def load(self) -> Any:
        """Return the class; None where there is nothing to build."""
        if not isinstance(self.place, str):
            return self.place
        module, name = self.place.split(":")
        return getattr(importlib.import_module(module), name)

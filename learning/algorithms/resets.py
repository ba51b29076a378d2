"""The rows of policies and critics that are set anew in the updates; most networks have none."""

from __future__ import annotations

import dataclasses

import torch

from learning.architectures.row_resets import RowResets
from learning.objectives.objective import Part


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Watched:
    rows: RowResets
    optimizer: torch.optim.Optimizer
    target: RowResets | None


class Resets:
    """What :class:`RowResets` there are, with what they need.

    Args:
        random: The stream that they draw from, on the networks' device.

    Attributes:
        random: As given.
    """

    def __init__(self, random: torch.Generator) -> None:
        self.random = random
        self._watched: dict[Part, _Watched] = {}

    def __bool__(self) -> bool:
        """Whether anything is watched."""
        return bool(self._watched)

    def watch(
        self,
        part: Part,
        rows: RowResets | None,
        optimizer: torch.optim.Optimizer,
        target: RowResets | None = None,
    ) -> None:
        """Watch the rows of a network; None: it has none that are set anew."""
        if rows is not None:
            self._watched[part] = _Watched(rows=rows, optimizer=optimizer, target=target)

    def heed(self, part: Part, losses: torch.Tensor) -> torch.Tensor:
        """See :meth:`RowResets.heed`; losses of what is not watched are returned as they are."""
        return self._watched[part].rows.heed(losses) if part in self._watched else losses

    def end_step(self, part: Part) -> None:
        """See :meth:`RowResets.end_step`; nothing where nothing is watched."""
        if part in self._watched:
            each = self._watched[part]
            each.rows.end_step(each.optimizer, self.random, each.target)

    def read_counts(self) -> dict[str, torch.Tensor]:
        """Return how many rows of each task were set anew since the last call: column -> [T]."""
        names: dict[Part, str] = {"policy": "Policy/Resets", "critics": "QF/Resets"}
        return {names[part]: each.rows.read_counts() for part, each in self._watched.items()}

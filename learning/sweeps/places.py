"""Places to read runs from; what makes them of grids is `grid_places`, which needs torch."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from learning.analysis.labelled_runs import Place
from learning.analysis.papers import PaperNumber

if TYPE_CHECKING:
    from learning.sweeps.study import Study


@dataclasses.dataclass(frozen=True, kw_only=True)
class Places:
    """Places to read runs from, and what is known of the grids among them.

    Attributes:
        places: What `read_runs` takes.
        studies: The grids, with what stands in and beside them.
    """

    places: tuple[Place, ...]
    studies: tuple[Study, ...] = ()

    @property
    def metric(self) -> str:
        """What is looked at first: what the grids agree on, else `success`."""
        metrics = {study.metric for study in self.studies}
        return metrics.pop() if len(metrics) == 1 else "success"

    @property
    def papers(self) -> tuple[PaperNumber, ...]:
        """All their papers' numbers."""
        return tuple(number for study in self.studies for number in study.papers)

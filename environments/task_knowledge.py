"""What is known of a task set's tasks beforehand, for who wants to tell them apart or alike."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class TaskKnowledge:
    """Names, and where the task set has them, descriptions and embeddings.

    Attributes:
        names: One name a task, in the order of the task axis.
        descriptions: One sentence a task; None where the task set has none.
        embeddings: One vector a task, [T, d]; None where the task set has none.
    """

    names: tuple[str, ...]
    descriptions: tuple[str, ...] | None = None
    embeddings: npt.NDArray[np.float32] | None = None

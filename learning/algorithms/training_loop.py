"""What the algorithm's loop asks of the trainer; `learning.algorithms.trainer` is one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Protocol

from learning.garage_bridge.garage_compat import EpisodeBatch
from learning.logging.phase_clock import PhaseClock


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What the evaluation of an epoch gave.

    Attributes:
        columns: For the epoch's row; NaN where the epoch was not evaluated.
        average_return: Of the own policies; NaN where the epoch was not evaluated.
    """

    columns: dict[str, float]
    average_return: float


class TrainingLoop(Protocol):
    """Steps through the epochs, gathers data, evaluates and keeps the record."""

    clock: PhaseClock
    """Where the time goes."""

    def step_epochs(self) -> Iterator[int]:
        """Step through the epochs that are left to train."""

    def obtain_episodes(self, itr: int, batch_size: int | None = None) -> EpisodeBatch:
        """Gather data with the exploration policy.

        Args:
            itr: The epoch.
            batch_size: Environment steps in total over tasks; None: the trainer's own.
        """

    def evaluate(self, epoch: int) -> Evaluation:
        """Evaluate, if the epoch is due."""

    def record(self, epoch: int, columns: dict[str, float]) -> None:
        """Write the epoch's row: these columns, and what the trainer knows itself."""

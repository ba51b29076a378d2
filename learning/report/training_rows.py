"""What only the rows between evaluations say: where the time went, and who acted for whom."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from learning.analysis.run_record import Array, RunRecord, read_columns
from learning.logging.columns import TOTAL_ENV_STEPS, behaviour_column
from learning.logging.run_folder import PROGRESS_FILE
from learning.plotting.shares import Shares

PHASES = ("Collect", "Update", "Evaluate", "Rest")
"""Phases of an epoch; together its wall-clock time (`docs/record.md`)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Timing:
    """Where a run's time went.

    Attributes:
        seconds: Wall-clock time of its epochs.
        env_steps: Environment steps, in total over the tasks.
        shares: Phase -> its share of the time.
    """

    seconds: float
    env_steps: int
    shares: Mapping[str, float]

    @property
    def rate(self) -> float:
        """Environment steps a second."""
        return self.env_steps / self.seconds


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingRows:
    """What the rows of one run say.

    Attributes:
        timing: Where the time went; None where it is not recorded.
        shares: Who acted for whom, of every row; None where it is not recorded.
    """

    timing: Timing | None
    shares: Shares | None


def read_training_rows(run: RunRecord) -> TrainingRows:
    """Read the rows of a run, those without an evaluation too.

    Raises:
        RecordError: The file is damaged.
    """
    path = run.source if run.source.is_file() else run.source / PROGRESS_FILE
    columns = read_columns(path)
    return TrainingRows(timing=_timing(columns), shares=_shares(columns, len(run.tasks)))


def _timing(columns: Mapping[str, Array]) -> Timing | None:
    seconds = {phase: columns.get(f"Time/{phase}", np.zeros(1)).sum() for phase in PHASES}
    total = float(sum(seconds.values()))
    if not total > 0:
        return None
    return Timing(
        seconds=total,
        env_steps=int(columns[TOTAL_ENV_STEPS][-1]),
        shares={phase: float(each) / total for phase, each in seconds.items()},
    )


def _shares(columns: Mapping[str, Array], n_tasks: int) -> Shares | None:
    names = [behaviour_column(*pair) for pair in np.ndindex(n_tasks, n_tasks)]
    if not all(name in columns for name in names):
        return None
    steps = columns[TOTAL_ENV_STEPS]
    matrices = np.stack([columns[name] for name in names], axis=1)
    return Shares(steps=steps, matrices=matrices.reshape(len(steps), n_tasks, n_tasks))

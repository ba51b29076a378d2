"""eval.csv: every evaluation episode, a row each."""

import dataclasses
import pathlib
from collections.abc import Iterable
from typing import Literal

from learning.logging.tables import Table, truncate_rows


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvaluationRow:
    """One evaluation episode.

    Attributes:
        epoch: Epoch after which it was evaluated.
        total_env_steps: Environment steps of training until then, in total over the tasks.
        policy: Policy that acted, the task's own or the mixture.
        task: Name of the task.
        episode: Index of the episode among the task's of this evaluation.
        episode_return: Undiscounted sum of the raw rewards.
        success: Whether the task was accomplished at any step, 1 or 0.
        any_subgoal: Whether some sub-goal was reached at any step, 1 or 0.
        length: Number of steps.
    """

    epoch: int
    total_env_steps: int
    policy: Literal["own", "mixture"]
    task: str
    episode: int
    episode_return: float
    success: int
    any_subgoal: int
    length: int


class EvaluationCsv:
    """Writer of eval.csv.

    Args:
        path: CSV file; rows are appended.
        resume_after: When resuming, the epoch of the snapshot: later rows are taken back.
    """

    def __init__(self, path: pathlib.Path, *, resume_after: int | None = None) -> None:
        """See the class."""
        if resume_after is not None:
            truncate_rows(path, "epoch", resume_after)
        self._table = Table(path)

    def append(self, rows: Iterable[EvaluationRow]) -> None:
        """Write the episodes of an evaluation."""
        for row in rows:
            values = dataclasses.asdict(row)
            # The column is called by the word that readers expect, which Python reserves.
            self._table.append(
                {("return" if name == "episode_return" else name): values[name] for name in values}
            )

    def close(self) -> None:
        """Close the file."""
        self._table.close()

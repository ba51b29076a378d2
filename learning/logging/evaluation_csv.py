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
        epoch: epoch after which it was evaluated.
        total_env_steps: training's environment steps until then, total over the tasks.
        policy: who acted: the task's own policy or the mixture.
        task: name of the task.
        episode: index of the episode among the task's of this evaluation.
        episode_return: undiscounted sum of the raw rewards.
        success: 1 when the task was accomplished at any step, else 0.
        any_subgoal: 1 when some sub-goal was reached at any step, else 0.
        length: steps.
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
    """Appends to eval.csv.

    Args:
        path: the file.
        resume_after: when resuming, the epoch of the snapshot: later rows are taken back.
    """

    def __init__(self, path: pathlib.Path, *, resume_after: int | None = None) -> None:
        """See the class."""
        if resume_after is not None:
            truncate_rows(path, "epoch", resume_after)
        self._table = Table(path)

    def append(self, rows: Iterable[EvaluationRow]) -> None:
        """Writes the episodes of an evaluation."""
        for row in rows:
            values = dataclasses.asdict(row)
            # The column is called by the word that readers expect, which Python reserves.
            self._table.append(
                {("return" if name == "episode_return" else name): values[name] for name in values}
            )

    def close(self) -> None:
        """Closes the file."""
        self._table.close()

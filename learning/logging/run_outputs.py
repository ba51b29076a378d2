"""All outputs of a run, for a start and for a resumption."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Mapping

from dowel import Logger, LogOutput, TabularInput

from learning.logging.evaluation_csv import EvaluationCsv, EvaluationRow
from learning.logging.outputs import StrictCsvOutput, TensorBoardOutput
from learning.logging.progress import ProgressOutput
from learning.logging.run_folder import EVALUATION_FILE, PROGRESS_FILE


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResumePoint:
    """Where a run goes on.

    Attributes:
        epoch: Last epoch that the snapshot holds; -1 before the first.
        total_env_steps: TotalEnvSteps of that epoch.
    """

    epoch: int
    total_env_steps: int


class RunOutputs:
    """Tables, TensorBoard events and the progress on the terminal of one run.

    Rows go through a dowel logger of the run's own, so that dowel's global one stays the caller's.

    Args:
        run_dir: The run's folder.
        n_epochs: Epochs of the whole run.
        total_env_steps: Environment steps of the whole run, in total over the tasks.
        resume: Where the run goes on, which takes back the rows after it; None: it starts.
        more: Further outputs for rows, which this closes.

    Raises:
        RecordError: A table of the run is damaged before its last line.
    """

    def __init__(
        self,
        run_dir: pathlib.Path,
        *,
        n_epochs: int,
        total_env_steps: int,
        resume: ResumePoint | None = None,
        more: Iterable[LogOutput] = (),
    ) -> None:
        after = None if resume is None else resume.epoch
        steps = None if resume is None else resume.total_env_steps
        self._progress = ProgressOutput(
            n_epochs=n_epochs, total_env_steps=total_env_steps, start_env_steps=steps or 0
        )
        self._outputs = (
            StrictCsvOutput(run_dir / PROGRESS_FILE, resume_after=after),
            TensorBoardOutput(run_dir, purge_after=steps),
            self._progress,
            *more,
        )
        self._evaluation_csv = EvaluationCsv(run_dir / EVALUATION_FILE, resume_after=after)
        self._logger = Logger()
        for output in self._outputs:
            self._logger.add_output(output)

    def write_row(self, row: Mapping[str, float]) -> None:
        """Write an epoch's row everywhere."""
        tabular = TabularInput()
        for column, value in row.items():
            tabular.record(column, value)
        self._logger.log(tabular)
        self._logger.dump_all()

    def write_episodes(self, rows: Iterable[EvaluationRow]) -> None:
        """Write the episodes of an evaluation."""
        self._evaluation_csv.append(rows)

    def advance(self, env_steps: int) -> None:
        """Show how far the run is between two epochs."""
        self._progress.advance(env_steps)

    def close(self) -> None:
        """Close everything."""
        for output in self._outputs:
            output.close()
        self._evaluation_csv.close()

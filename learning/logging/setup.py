"""All outputs of a run, for a start and for a resumption."""

import dataclasses
import pathlib

from dowel import LogOutput

from learning.config.experiment_config import ExperimentConfig
from learning.logging.evaluation_csv import EvaluationCsv
from learning.logging.outputs import StrictCsvOutput, TensorBoardOutput, TextLogOutput
from learning.logging.progress import ProgressOutput
from learning.logging.run_folder import EVALUATION_FILE, LOG_FILE, PROGRESS_FILE
from learning.logging.wandb_output import WandbOutput


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResumePoint:
    """Where a run goes on.

    Attributes:
        epoch: last epoch that the snapshot holds.
        total_env_steps: TotalEnvSteps of that epoch.
    """

    epoch: int
    total_env_steps: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outputs:
    """A run's outputs.

    Attributes:
        logger_outputs: what to add to dowel's logger, all of them.
        progress: the one of them that also wants to know the steps between two epochs.
        evaluation_csv: eval.csv, which takes episodes and not rows of the logger.
    """

    logger_outputs: tuple[LogOutput, ...]
    progress: ProgressOutput
    evaluation_csv: EvaluationCsv

    def close(self) -> None:
        """Closes everything."""
        for output in self.logger_outputs:
            output.close()
        self.evaluation_csv.close()


def open_outputs(
    run_dir: pathlib.Path,
    config: ExperimentConfig,
    *,
    total_env_steps: int,
    resume: ResumePoint | None = None,
) -> Outputs:
    """Opens a run's outputs; when resuming, first takes back the rows after the snapshot.

    Args:
        run_dir: the run's folder.
        config: the run's config.
        total_env_steps: environment steps of the whole run, total over the tasks.
        resume: where the run goes on; None: it starts.

    Raises:
        UserError: `config.wandb` without Weights & Biases.
        RecordError: a table of the run is damaged before its last line.
    """
    after = None if resume is None else resume.epoch
    steps = None if resume is None else resume.total_env_steps
    # First what may fail for want of a package, so that nothing is left open.
    wandb = (WandbOutput(run_dir, config),) if config.wandb else ()
    progress = ProgressOutput(
        n_epochs=config.n_epochs, total_env_steps=total_env_steps, start_env_steps=steps or 0
    )
    return Outputs(
        logger_outputs=(
            StrictCsvOutput(run_dir / PROGRESS_FILE, resume_after=after),
            TensorBoardOutput(run_dir, purge_after=steps),
            TextLogOutput(run_dir / LOG_FILE),
            progress,
            *wandb,
        ),
        progress=progress,
        evaluation_csv=EvaluationCsv(run_dir / EVALUATION_FILE, resume_after=after),
    )

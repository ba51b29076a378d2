"""garage's Trainer with this project's record: rows first, then snapshots without pickle.

garage's own loop writes its (pickled) snapshot before the epoch's row; a run killed between the two
would lose the row. Here a snapshot is taken after the row, so the row of every snapshot's epoch is
on the disk.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from learning.algorithms.multi_task_sac import MultiTaskSAC
from learning.algorithms.sac_options import SACOptions
from learning.algorithms.trainer_options import TrainerOptions
from learning.algorithms.training_loop import Evaluation
from learning.errors import DivergenceError
from learning.evaluation.evaluation_options import EvaluationOptions
from learning.evaluation.evaluation_rows import evaluation_rows
from learning.evaluation.evaluator import Evaluator
from learning.garage_bridge.garage_compat import EpisodeBatch, SnapshotConfig, TrainArgs, Trainer
from learning.logging.columns import EPOCH, OWN, TOTAL_ENV_STEPS
from learning.logging.phase_clock import PhaseClock
from learning.logging.run_outputs import RunOutputs
from learning.logging.training_statistics import TrainingStatistics

OnEpoch = Callable[[dict[str, float]], bool | None]
"""Takes an epoch's row; a true answer ends the run after it."""


class Snapshots(Protocol):
    """Keeps what a run needs to go on."""

    def save(self, epoch: int, total_env_steps: int) -> None:
        """Write a snapshot of the state after an epoch."""

    def newest(self) -> str | None:
        """Return the name of the newest snapshot; None: there is none."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class TrainerParts:
    """What the trainer is made of, beside its options.

    Attributes:
        run_dir: The run's folder.
        task_names: The tasks' names.
        algorithm: What learns.
        learning: Its options.
        evaluator: What evaluates it.
        evaluation: When it is evaluated.
        outputs: The run's tables and its progress on the terminal.
        snapshots: What keeps snapshots.
        on_epoch: Called with each row once it is written; None: nobody is.
    """

    run_dir: Path
    task_names: tuple[str, ...]
    algorithm: MultiTaskSAC
    learning: SACOptions
    evaluator: Evaluator
    evaluation: EvaluationOptions
    outputs: RunOutputs
    snapshots: Snapshots
    on_epoch: OnEpoch | None = None


class MultiTaskTrainer(Trainer):
    """Runs the epochs of an algorithm, counts what is gathered, writes rows and snapshots.

    Args:
        parts: What it is made of.
        options: Its own `Options`.

    Attributes:
        clock: Where the time goes.
        last_row: The last row written; empty before the first.
        stopped: Whether `on_epoch` ended the run early.
    """

    Options: ClassVar[type[TrainerOptions]] = TrainerOptions

    def __init__(self, parts: TrainerParts, options: TrainerOptions) -> None:
        super().__init__(
            SnapshotConfig(snapshot_dir=str(parts.run_dir), snapshot_mode="none", snapshot_gap=1)
        )
        self._parts = parts
        self._options = options
        algorithm = parts.algorithm
        self.clock = PhaseClock(algorithm.policy.device)
        self._statistics = TrainingStatistics(
            parts.task_names, log_behaviour=algorithm.exploration_policy is not algorithm.policy
        )
        self.last_row: dict[str, float] = {}
        self.stopped = False
        self.setup(algorithm, None)

    def train_from(self, *, start_epoch: int, total_env_steps: int) -> None:
        """Run the epochs from ``start_epoch`` on.

        Args:
            start_epoch: Epochs already done.
            total_env_steps: Environment steps already taken.
        """
        # Not by garage's `train`, which writes a file of its own and shuts the sampler down.
        self._train_args = TrainArgs(
            n_epochs=self._options.n_epochs,
            batch_size=self._options.batch_size,
            plot=False,
            store_episodes=False,
            pause_for_plot=False,
            start_epoch=start_epoch,
        )
        self._stats.total_env_steps = total_env_steps
        if start_epoch >= self._options.n_epochs:
            return
        try:
            self._algo.train(self)
        except DivergenceError as error:
            raise DivergenceError(f"{error} {self._about_divergence()}") from error

    def _about_divergence(self) -> str:
        """Say since when numbers are not finite, what is left, and what to change."""
        # A row is written once its numbers were seen to be finite.
        epoch = int(self.last_row.get(EPOCH, self._train_args.start_epoch - 1)) + 1
        newest = self._parts.snapshots.newest()
        options = self._parts.learning
        lower = [f"--lr (now {options.lr:g})", f"--reward_scale (now {options.reward_scale:g})"]
        lower.append(f"--initial_alpha (now {options.initial_alpha:g})")
        exact = " or train with --precision float32" if options.precision != "float32" else ""
        return (
            f"First seen in epoch {epoch + 1}, after {self._algo.n_updates:,} updates. "
            + (f"The newest snapshot, {newest}, is from before." if newest else "No snapshot yet.")
            + f" It would come out so again: lower {', '.join(lower)}{exact}, and start anew."
        )

    def step_epochs(self) -> Iterator[int]:
        """Step through the epochs; a snapshot follows the row of one, where it is due."""
        n_epochs = self._options.n_epochs
        for epoch in range(self._train_args.start_epoch, n_epochs):
            yield epoch
            # The loop is back for the next epoch: the row is written, so no statistics need saving.
            due = (epoch + 1) % self._options.snapshot_frequency == 0 or epoch + 1 == n_epochs
            if due or self.stopped:
                self._parts.snapshots.save(epoch, int(self.total_env_steps))
            if self.stopped:
                return

    def obtain_episodes(
        self,
        itr: int,
        batch_size: int | None = None,
        agent_update: Any = None,
        env_update: Any = None,
    ) -> EpisodeBatch:
        """Gather as garage does, and count what was gathered."""
        episodes = super().obtain_episodes(itr, batch_size, agent_update, env_update)
        self._statistics.observe(episodes)
        self._parts.outputs.advance(int(self.total_env_steps))
        return episodes

    def evaluate(self, epoch: int) -> Evaluation:
        """Evaluate where the epoch is due, and write the episodes to eval.csv."""
        evaluator = self._parts.evaluator
        if not self._parts.evaluation.is_due(epoch, self._options.n_epochs):
            return Evaluation(columns=evaluator.columns({}), average_return=np.nan)
        evaluated = evaluator.evaluate(epoch)
        self._parts.outputs.write_episodes(
            evaluation_rows(
                evaluated,
                task_names=self._parts.task_names,
                epoch=epoch,
                total_env_steps=int(self.total_env_steps),
            )
        )
        return Evaluation(
            columns=evaluator.columns(evaluated),
            average_return=float(evaluated[OWN].returns.mean()),
        )

    def record(self, epoch: int, columns: dict[str, float]) -> None:
        """Write the epoch's row, and ask whether to go on."""
        row = dict(columns)
        row[TOTAL_ENV_STEPS] = int(self.total_env_steps)
        row |= self._statistics.read()
        row[EPOCH] = epoch
        row |= self._algo.exploration_policy.read_statistics(self._parts.task_names)
        times = self._sampler.read_times()
        row |= {"Time/Environment": times["time_environment"], "Time/Policy": times["time_policy"]}
        row |= {f"Time/{phase}": each for phase, each in self.clock.read().items()}
        self._parts.outputs.write_row(row)
        self.last_row = row
        on_epoch = self._parts.on_epoch
        stops = on_epoch is not None and bool(on_epoch(dict(row)))
        # After the last epoch there is nothing left to stop.
        self.stopped = stops and epoch + 1 < self._options.n_epochs

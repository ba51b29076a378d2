"""garage's Trainer with this project's record: rows first, then snapshots without pickle.

garage's own loop writes its (pickled) snapshot before the epoch's row; a run killed between the two
would lose the row. Here a snapshot is taken after the row, so the row of every snapshot's epoch is
on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dowel import logger, tabular

from learning.garage_bridge.garage_compat import EpisodeBatch, SnapshotConfig, TrainArgs, Trainer
from learning.logging.phase_clock import PhaseClock
from learning.logging.training_statistics import TrainingStatistics


class MultiTaskTrainer(Trainer):
    """Runs the epochs of an algorithm, counts what is gathered, writes rows and snapshots.

    Args:
        run_dir: The run's folder.
        clock: Adds up the seconds of each phase.
        statistics: Counts what is gathered.
        on_collected: Called with each collection.
        log_row: Records what else belongs into an epoch's row, given the epoch.
        save: Writes a snapshot, given the epoch.
        snapshot_frequency: Epochs from one snapshot to the next; the last epoch always has one.

    Attributes:
        clock: Where the time goes.
    """

    def __init__(
        self,
        *,
        run_dir: str,
        clock: PhaseClock,
        statistics: TrainingStatistics,
        on_collected: Callable[[EpisodeBatch], None],
        log_row: Callable[[int], None],
        save: Callable[[int], None],
        snapshot_frequency: int,
    ) -> None:
        super().__init__(SnapshotConfig(snapshot_dir=run_dir, snapshot_mode="none", snapshot_gap=1))
        self.clock = clock
        self._statistics = statistics
        self._on_collected = on_collected
        self._log_row = log_row
        self._save_snapshot = save
        self._snapshot_frequency = snapshot_frequency

    def train_from(
        self, *, start_epoch: int, total_env_steps: int, n_epochs: int, batch_size: int
    ) -> None:
        """Run the epochs from ``start_epoch`` on.

        Args:
            start_epoch: Epochs already done.
            total_env_steps: Environment steps already taken.
            n_epochs: Epochs of the whole run.
            batch_size: Environment steps of one collection, in total over tasks.
        """
        self._train_args = TrainArgs(
            n_epochs=n_epochs,
            batch_size=batch_size,
            plot=False,
            store_episodes=False,
            pause_for_plot=False,
            start_epoch=start_epoch,
        )
        self._stats.total_env_steps = total_env_steps
        # garage's SAC counts one iteration an epoch.
        self._stats.total_itr = start_epoch
        if start_epoch < n_epochs:
            self._algo.train(self)

    def obtain_episodes(
        self,
        itr: int,
        batch_size: int | None = None,
        agent_update: Any = None,
        env_update: Any = None,
    ) -> EpisodeBatch:
        """Collect as garage does; the time and what was gathered are counted."""
        self.clock.enter("Collect")
        episodes = super().obtain_episodes(itr, batch_size, agent_update, env_update)
        self._statistics.observe(episodes)
        self._on_collected(episodes)
        self.clock.enter("Update")
        return episodes

    def step_epochs(self) -> Iterator[int]:
        """Step through the epochs; after each one its row and, where due, a snapshot."""
        n_epochs = self._train_args.n_epochs
        self.step_itr = self._stats.total_itr
        for epoch in range(self._train_args.start_epoch, n_epochs):
            yield epoch
            self._stats.total_epoch = epoch
            self._stats.total_itr = self.step_itr
            self._statistics.record()
            self._log_row(epoch)
            for phase, seconds in self.clock.read().items():
                tabular.record(f"Time/{phase}", seconds)
            logger.log(tabular)
            logger.dump_all(self.step_itr)
            tabular.clear()
            if (epoch + 1) % self._snapshot_frequency == 0 or epoch + 1 == n_epochs:
                self._save_snapshot(epoch)

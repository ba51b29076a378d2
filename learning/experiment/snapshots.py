"""A run's snapshots: where they are, and what goes into and comes out of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from environments import TaskSet
from learning.config.experiment_config import CONFIG_VERSION, ExperimentConfig
from learning.errors import ConfigError
from learning.experiment.learner import Learner
from learning.experiment.needs import needs_of
from learning.experiment.networks import Networks, build_networks
from learning.experiment.version_2 import adapted
from learning.logging.run_description import parse_config
from learning.logging.run_folder import CONFIG_FILE, SNAPSHOTS_FOLDER, read_file
from learning.logging.run_outputs import ResumePoint
from learning.snapshots.snapshot_store import SnapshotStore
from learning.snapshots.state import State


def snapshot_store(run_dir: Path) -> SnapshotStore:
    """Return the store of a run's snapshots, which refuses those of another config.

    Snapshots hold the config as config.json has it, in a record of before without later options.

    Raises:
        RecordError: The folder holds no run.
        ConfigError: Its config.json is damaged, or of a version that is not read here.
    """
    values = parse_config(read_file(run_dir, CONFIG_FILE))
    return SnapshotStore(run_dir / SNAPSHOTS_FOLDER, values)


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunSnapshots:
    """Writes a learner's state into a run's snapshots, and puts it back.

    Attributes:
        learner: What learns.
        store: Where its snapshots are.
    """

    learner: Learner
    store: SnapshotStore

    def save(self, epoch: int, total_env_steps: int) -> None:
        """Write a snapshot of the state after an epoch."""
        state = self.learner.get_state()
        progress = {"epoch": epoch, "total_env_steps": total_env_steps}
        state.put("progress", State(values=progress))
        self.store.save(epoch, state, self.learner.replay_buffer)

    def newest(self) -> str | None:
        """Return the name of the newest snapshot; None: there is none."""
        names = self.store.names()
        return names[-1] if names else None

    def restore(self, name: str) -> ResumePoint:
        """Put a snapshot's state back; return where it was taken.

        Raises:
            SnapshotError: It is damaged or foreign, or does not fit.
        """
        state = self.store.load(name, self.learner.replay_buffer)
        self.learner.set_state(state)
        progress = state.part("progress")
        return ResumePoint(
            epoch=int(progress.value("epoch")),
            total_env_steps=int(progress.value("total_env_steps")),
        )


def load_networks(
    config: ExperimentConfig,
    run_dir: Path,
    task_set: TaskSet,
    device: torch.device,
    snapshot: str | None,
) -> tuple[Networks, int]:
    """Return a snapshot's networks, to act only, and its epoch; the newest, if none is named.

    Raises:
        SnapshotError: There is none, or it is damaged or foreign.
    """
    state = snapshot_store(run_dir).load(snapshot)
    if config.version == 2:
        state = adapted(state)
    # Of a config that somebody else wrote: nothing is built that memory cannot hold.
    needs_of(config, task_set).require_memory()
    networks = build_networks(config, task_set, device)
    networks.set_state(state)
    return networks, int(state.part("progress").value("epoch"))


def require_resumable(config: ExperimentConfig, run_dir: Path) -> None:
    """Refuse to train on with a run of version 2.

    Raises:
        ConfigError: Saying why, and what can be done with it.
    """
    if config.version == 2:
        raise ConfigError(
            f"{run_dir} was made with config_version {config.version}, whose snapshots hold other "
            f"numbers of the acting policies than version {CONFIG_VERSION} goes on from: it can be "
            "evaluated and drawn, but not resumed; to go on with it, use the program that wrote it "
            "(its revision: versions.json)"
        )

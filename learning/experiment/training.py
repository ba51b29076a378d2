"""Trains a run: builds everything, puts a snapshot's state in place, and goes on to the end."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import Any, Literal

from dowel import LogOutput

from environments import TaskSet
from learning.algorithms.device import prepare_torch
from learning.algorithms.device_options import DeviceOptions
from learning.algorithms.sac_options import SACOptions
from learning.algorithms.trainer import MultiTaskTrainer, OnEpoch, TrainerParts
from learning.algorithms.trainer_options import TrainerOptions
from learning.config.env_steps import env_steps_after
from learning.config.experiment_config import ExperimentConfig
from learning.config.plugins import loaded_plugins
from learning.evaluation.evaluation_options import EvaluationOptions
from learning.experiment.changes import changed_config, changes
from learning.experiment.evaluation import build_evaluator, task_set_of
from learning.experiment.learner import build_learner
from learning.experiment.networks import build_networks
from learning.experiment.preflight import check_machine
from learning.experiment.reading import read_config
from learning.experiment.snapshots import RunSnapshots, require_resumable, snapshot_store
from learning.logging.files import write_text
from learning.logging.gaps import gaps_of, require_whole
from learning.logging.record import protocol_card, write_record, write_versions
from learning.logging.run_folder import CONFIG_FILE, PROGRESS_FILE, RunOptions, check_run_folder
from learning.logging.run_lock import held
from learning.logging.run_outputs import ResumePoint, RunOutputs
from learning.logging.tables import read_rows
from learning.logging.wandb_output import WandbOutput
from learning.snapshots.snapshot_store import snapshot_name


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunResult:
    """What became of a run.

    Attributes:
        folder: Its folder.
        last_row: The last row of its progress.csv, column -> number.
        ended: "finished" after its last epoch, "stopped" where `on_epoch` said so, "had finished"
            where nothing was left to train.
    """

    folder: Path
    last_row: dict[str, float]
    ended: Literal["finished", "stopped", "had finished"]


def train_run(
    config: ExperimentConfig,
    run_dir: Path,
    *,
    resuming: bool,
    snapshot: str | None = None,
    accept_gaps: bool = False,
    before: ExperimentConfig | None = None,
    on_epoch: OnEpoch | None = None,
) -> RunResult:
    """Train to the end.

    Without a snapshot the record begins once all is built: what cannot be built leaves none.

    Args:
        config: The run's config.
        run_dir: Its folder.
        resuming: Whether there is a record already, which is gone on with.
        snapshot: What to go on from; None: from the beginning.
        accept_gaps: Whether to go on with a record that lacks rows which the snapshot counts.
        before: The run's config until now, where it goes on with another; None: with the same.
        on_epoch: Called with each epoch's row; True ends the run after it.

    Raises:
        UserError: Something that the user can mend; what was saved until then stays.
    """
    device = prepare_torch(config.options(DeviceOptions), config.seed)
    task_set = task_set_of(config)
    evaluation = config.options(EvaluationOptions)
    with contextlib.ExitStack() as stack:
        networks = build_networks(config, task_set, device)
        n_episodes = evaluation.num_evaluation_episodes
        evaluator = stack.enter_context(
            contextlib.closing(
                build_evaluator(config, task_set, networks, n_episodes=n_episodes, seed=config.seed)
            )
        )
        learner = build_learner(config, task_set, networks, device)
        stack.callback(learner.sampler.shutdown_worker)
        stack.enter_context(held(run_dir))
        if not resuming:
            # Another process may have begun here while this one was building.
            check_run_folder(run_dir)
        if snapshot is None:
            card = protocol_card(task_set.protocol(), num_evaluation_episodes=n_episodes)
            write_record(run_dir, config=config.to_json(), protocol=card)
        changed = {} if before is None else changes(before, config)
        if changed and snapshot is not None:
            write_text(run_dir / CONFIG_FILE, config.to_json())
        snapshots = RunSnapshots(learner=learner, store=snapshot_store(run_dir))
        point = ResumePoint(epoch=-1, total_env_steps=0)
        if snapshot is not None:
            point = snapshots.restore(snapshot)
            per_policy = 1 if networks.mixture is None else 2
            gaps = gaps_of(
                run_dir,
                last=point.epoch,
                evaluated=evaluation.epochs(point.epoch, config.n_epochs),
                episodes=n_episodes * per_policy,
            )
            require_whole(run_dir, gaps, snapshot=snapshot, accept=accept_gaps)
        write_versions(
            run_dir,
            gpu=config.gpu,
            plugins=loaded_plugins(),
            resumed_after=None if snapshot is None else point.epoch,
            changed=changed,
        )
        outputs = stack.enter_context(
            contextlib.closing(
                # Resuming without a snapshot takes back every row, those after epoch -1.
                _open_outputs(config, run_dir, task_set, point if resuming else None)
            )
        )
        trainer = MultiTaskTrainer(
            TrainerParts(
                run_dir=run_dir,
                task_names=task_set.task_names,
                algorithm=learner.algorithm,
                learning=config.options(SACOptions),
                evaluator=evaluator,
                evaluation=evaluation,
                outputs=outputs,
                snapshots=snapshots,
                on_epoch=on_epoch,
            ),
            config.options(TrainerOptions),
        )
        trainer.train_from(start_epoch=point.epoch + 1, total_env_steps=point.total_env_steps)
    return RunResult(
        folder=run_dir,
        last_row=trainer.last_row or _last_row(run_dir),
        ended="stopped" if trainer.stopped else "finished",
    )


def resume_run(
    run_dir: Path,
    *,
    snapshot: str | None,
    accept_gaps: bool,
    on_epoch: OnEpoch | None,
    changed_plugin: bool,
    changed: dict[str, Any],
) -> RunResult:
    """Train on from a snapshot, None: the newest; a run without one begins anew.

    Arguments and errors are those of `train_run` and `read_config`; `changed` are options that get
    another value, see `changed_config`. A run that has finished is left as it is.
    """
    before = read_config(run_dir, command="resume", changed_plugin=changed_plugin)
    require_resumable(before, run_dir)
    config = changed_config(before, changed)
    check_machine(config)
    names = snapshot_store(run_dir).names()
    if snapshot is None and names:
        snapshot = names[-1]
        if snapshot == snapshot_name(config.n_epochs - 1):
            return RunResult(folder=run_dir, last_row=_last_row(run_dir), ended="had finished")
    return train_run(
        config,
        run_dir,
        resuming=True,
        snapshot=snapshot,
        accept_gaps=accept_gaps,
        before=before,
        on_epoch=on_epoch,
    )


def _open_outputs(
    config: ExperimentConfig, run_dir: Path, task_set: TaskSet, point: ResumePoint | None
) -> RunOutputs:
    more: list[LogOutput] = []
    if config.options(RunOptions).wandb:
        name = f"{config.label}-{config.env}-{config.name}_{config.seed}"
        more.append(WandbOutput(run_dir, name=name, config=json.loads(config.to_json())))
    return RunOutputs(
        run_dir,
        n_epochs=config.n_epochs,
        total_env_steps=env_steps_after(config, n_tasks=task_set.n_tasks, epochs=config.n_epochs),
        resume=point,
        more=more,
    )


def _last_row(run_dir: Path) -> dict[str, float]:
    """Return the last row of a run that had nothing left to train."""
    columns, rows = read_rows(run_dir / PROGRESS_FILE)
    return dict(zip(columns, map(float, rows[-1]), strict=True)) if rows else {}

"""Builds an experiment from its config, and runs it: train, resume, evaluate.

The one place where task sets, learning and the record of a run meet.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from dowel import logger, tabular

from environments import TaskSet, make_task_set
from learning.command_line.rendering import RenderOptions
from learning.config.experiment_config import ExperimentConfig
from learning.config.methods import config_label
from learning.errors import ConfigError
from learning.evaluation.all_pairs import evaluate_pairs
from learning.evaluation.evaluator import OnEpisodes
from learning.evaluation.lock_step_episodes import EvaluatedEpisodes
from learning.evaluation.pair_results import PairResults
from learning.experiment.learner import Learner, build_learner, build_networks
from learning.experiment.parts import (
    build_evaluator,
    evaluator_of_snapshot,
    load_networks,
    prepare_torch,
    snapshot_store,
    task_set_of,
)
from learning.experiment.trainer import MultiTaskTrainer
from learning.garage_bridge.garage_compat import EpisodeBatch
from learning.logging.columns import EPOCH, MIXTURE
from learning.logging.evaluation_csv import EvaluationRow
from learning.logging.phase_clock import PhaseClock
from learning.logging.run_folder import read_config, write_record, write_versions
from learning.logging.setup import Outputs, ResumePoint, open_outputs
from learning.logging.training_statistics import TrainingStatistics
from learning.rendering.actors import Actor, PolicyActor, SmoothRandomActor
from learning.rendering.render import Request, chosen_tasks
from learning.rendering.render import render as render_task_set
from learning.samplers.garage_environment import REWARDS_OF_ALL_TASKS
from learning.snapshots.snapshot_store import SnapshotStore
from learning.snapshots.state import State


def train(config: ExperimentConfig, run_dir: Path) -> None:
    """Train from the start; the record goes into ``run_dir``, which is empty.

    Raises:
        UserError: Something that the user can mend; what was saved until then stays.
    """
    _run(config, run_dir, resuming=False)


def resume(run_dir: Path, *, snapshot: str | None = None) -> None:
    """Go on with a run from its last snapshot, or from the one that is named.

    A run that was stopped before its first snapshot begins anew.

    Raises:
        UserError: The folder is no run, or its snapshot is damaged or foreign.
    """
    config = read_config(run_dir)
    store = snapshot_store(config, run_dir)
    if snapshot is None and store.names():
        snapshot = store.names()[-1]
    _run(config, run_dir, resuming=True, snapshot=snapshot)


def evaluate(
    run_dir: Path,
    *,
    snapshot: str | None = None,
    num_evaluation_episodes: int | None = None,
    seed: int | None = None,
) -> dict[str, float]:
    """Evaluate a snapshot.

    Args:
        run_dir: The run's folder.
        snapshot: Which one; the last if not given.
        num_evaluation_episodes: Episodes of each policy, in total over tasks; the run's if None.
        seed: Seed of the evaluation's streams; the run's if None.

    With the run's own episodes and seed this repeats what the run logged at the snapshot's epoch.

    Returns:
        The columns ``Evaluation/...`` and, for a mixture, ``EvaluationMixture/...``.

    Raises:
        UserError: The folder is no run, the snapshot is damaged or foreign, or the number of
            episodes is not a multiple of the number of tasks.
    """
    tabular.clear()
    with evaluator_of_snapshot(run_dir, snapshot, num_evaluation_episodes, seed) as loaded:
        loaded.evaluator.evaluate(loaded.epoch, due=True)
    columns = {key: float(value) for key, value in tabular.as_primitive_dict.items()}
    tabular.disable_warnings()
    tabular.clear()
    return columns


def evaluate_all_pairs(
    run_dir: Path,
    *,
    snapshot: str | None = None,
    num_evaluation_episodes: int | None = None,
    seed: int | None = None,
    on_round: Callable[[int, int], None] = lambda done, total: None,
) -> PairResults:
    """Evaluate every policy of a snapshot on every task: T times the episodes of `evaluate`.

    Arguments and errors are those of `evaluate`, and so is each policy's result on its own task;
    `on_round` is called after each of the T rounds, with the rounds done and T.
    """
    with evaluator_of_snapshot(run_dir, snapshot, num_evaluation_episodes, seed) as loaded:
        return evaluate_pairs(
            loaded.networks,
            loaded.evaluator,
            task_names=loaded.task_set.task_names,
            epoch=loaded.epoch,
            on_round=on_round,
        )


def render(options: RenderOptions) -> list[Path]:
    """Write a video and a contact sheet of a task set, with random actions or a run's snapshot.

    Returns:
        The files.

    Raises:
        UserError: No task of that name, a folder that is no run or is of another task set, a
            damaged snapshot, or nothing to draw with.
    """
    if options.policy is None:
        assert options.env is not None
        task_set = make_task_set(options.env, **options.env_options)
        run_seed = options.seed
        actor: Actor = SmoothRandomActor(task_set.action_space.shape[0], options.seed)
        actor_text = f"random actions, seed {options.seed}"
    else:
        config = read_config(options.policy)
        device = prepare_torch(dataclasses.replace(config, gpu=None))
        _check_same_task_set(config, options)
        task_set = task_set_of(config)
        run_seed = config.seed
        networks, epoch = load_networks(config, options.policy, task_set, device, options.snapshot)
        if options.mixture and networks.mixture is None:
            raise ConfigError(f"--mixture: {config.method} has no mixture, only own policies")
        policy = networks.mixture if options.mixture else networks.policies
        assert policy is not None
        actor = PolicyActor(policy, options.seed)
        who = "mixture" if options.mixture else "own policies"
        actor_text = f"{config_label(config)}, {who} after epoch {epoch}, seed {options.seed}"
    return render_task_set(
        Request(
            task_set=task_set,
            tasks=chosen_tasks(task_set, options.tasks),
            actor=actor,
            actor_text=actor_text,
            run_seed=run_seed,
            seed=options.seed,
            max_steps=options.steps,
            out=options.out,
            sheet_only=options.sheet_only,
        )
    )


def _check_same_task_set(config: ExperimentConfig, options: RenderOptions) -> None:
    """Refuse another task set than the run's.

    Raises:
        ConfigError: What was given differs from the run's config.
    """
    ours = {"env": config.env, **dict(config.env_options)}
    given = dict(options.env_options)
    if options.env is not None:
        given["env"] = options.env
    for name, value in given.items():
        if ours.get(name) != value:
            raise ConfigError(
                f"--{name}={value}: the run in {options.policy} has {name} = {ours.get(name)}; "
                f"leave --{name} out"
            )


def _run(
    config: ExperimentConfig,
    run_dir: Path,
    *,
    resuming: bool,
    snapshot: str | None = None,
) -> None:
    """Build everything, put the snapshot's state in place, and train to the end.

    Without a snapshot the record begins once all is built: what cannot be built leaves none.
    """
    device = prepare_torch(config)
    task_set = task_set_of(config)
    store = snapshot_store(config, run_dir)
    with contextlib.ExitStack() as stack:
        networks = build_networks(config, task_set, device)
        evaluator = stack.enter_context(
            contextlib.closing(
                build_evaluator(
                    config,
                    task_set,
                    networks,
                    n_episodes=config.num_evaluation_episodes // task_set.n_tasks,
                    seed=config.seed,
                )
            )
        )
        learner = build_learner(config, task_set, networks, evaluator, device)
        stack.callback(learner.sampler.shutdown_worker)
        point = ResumePoint(epoch=-1, total_env_steps=0)
        if snapshot is None:
            write_record(run_dir, config, task_set.protocol())
        else:
            point = _restore(learner, store, snapshot)
            write_versions(run_dir, config, resumed_after=point.epoch)
        outputs = stack.enter_context(
            _open_outputs(config, task_set, run_dir, point if resuming else None)
        )
        trainer = _build_trainer(
            config, task_set, learner, store=store, outputs=outputs, run_dir=run_dir
        )
        evaluator.on_episodes = _episodes_writer(task_set, outputs, trainer)
        evaluator.clock = trainer.clock
        trainer.setup(learner.algorithm, None)
        trainer.train_from(
            start_epoch=point.epoch + 1,
            total_env_steps=point.total_env_steps,
            n_epochs=config.n_epochs,
            batch_size=config.batch_size,
        )


def _restore(learner: Learner, store: SnapshotStore, snapshot: str) -> ResumePoint:
    state = store.load(snapshot, learner.replay_buffer)
    learner.set_state(state)
    progress = state.part("progress")
    return ResumePoint(
        epoch=int(progress.value("epoch")), total_env_steps=int(progress.value("total_env_steps"))
    )


@contextlib.contextmanager
def _open_outputs(
    config: ExperimentConfig, task_set: TaskSet, run_dir: Path, point: ResumePoint | None
) -> Iterator[Outputs]:
    """Open the record's tables and put them behind garage's logger."""
    n_steps = config.n_epochs * config.steps_per_epoch
    first = config.min_buffer_size * task_set.n_tasks or config.batch_size
    total = first + (n_steps - 1) * config.batch_size
    outputs = open_outputs(run_dir, config, total_env_steps=total, resume=point)
    try:
        tabular.clear()
        for output in outputs.logger_outputs:
            logger.add_output(output)
        yield outputs
    finally:
        logger.remove_all()
        outputs.close()


def _build_trainer(
    config: ExperimentConfig,
    task_set: TaskSet,
    learner: Learner,
    *,
    store: SnapshotStore,
    outputs: Outputs,
    run_dir: Path,
) -> MultiTaskTrainer:
    exploration_policy = learner.networks.exploration_policy

    def collected(episodes: EpisodeBatch) -> None:
        exploration_policy.observe(episodes)
        # garage's SAC adds these episodes next, in this order and without their env_infos.
        if REWARDS_OF_ALL_TASKS in episodes.env_infos:
            learner.replay_buffer.announce_rewards(episodes.env_infos[REWARDS_OF_ALL_TASKS])
        steps_a_task = trainer.total_env_steps // task_set.n_tasks
        exploration_policy.acts_uniformly.fill_(steps_a_task < config.uniform_steps)
        outputs.progress.advance(trainer.total_env_steps)

    def log_row(epoch: int) -> None:
        tabular.record(EPOCH, epoch)
        for column, value in exploration_policy.read_statistics(task_set.task_names).items():
            tabular.record(column, value)
        times = learner.sampler.read_times()
        tabular.record("Time/Environment", times["time_environment"])
        tabular.record("Time/Policy", times["time_policy"])

    def save(epoch: int) -> None:
        state = learner.get_state()
        progress = {"epoch": epoch, "total_env_steps": int(trainer.total_env_steps)}
        state.put("progress", State(values=progress))
        store.save(epoch, state, learner.replay_buffer)

    trainer = MultiTaskTrainer(
        run_dir=str(run_dir),
        clock=PhaseClock(learner.networks.policies.device),
        statistics=TrainingStatistics(
            task_set.task_names, log_behaviour=learner.networks.mixture is not None
        ),
        on_collected=collected,
        log_row=log_row,
        save=save,
        snapshot_frequency=config.snapshot_frequency,
    )
    return trainer


def _episodes_writer(task_set: TaskSet, outputs: Outputs, trainer: MultiTaskTrainer) -> OnEpisodes:
    def write(epoch: int, prefix: str, episodes: EvaluatedEpisodes) -> None:
        outputs.evaluation_csv.append(
            EvaluationRow(
                epoch=epoch,
                total_env_steps=int(trainer.total_env_steps),
                policy="mixture" if prefix == MIXTURE else "own",
                task=task_set.task_names[task],
                episode=episode,
                episode_return=float(episodes.returns[task, episode]),
                success=int(episodes.success[task, episode]),
                any_subgoal=int(episodes.any_subgoal[task, episode]),
                length=int(episodes.lengths[task, episode]),
            )
            for task, episode in np.ndindex(episodes.returns.shape)
        )

    return write

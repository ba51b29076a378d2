"""What evaluates a run: while it trains, and from its snapshots."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import torch

from environments import TaskSet, make_task_set
from learning.algorithms.device import prepare_torch
from learning.algorithms.device_options import DeviceOptions
from learning.config.experiment_config import ExperimentConfig
from learning.errors import ConfigError
from learning.evaluation.evaluation_options import EvaluationOptions
from learning.evaluation.evaluator import Evaluator
from learning.evaluation.task_actor import TaskActor
from learning.experiment.isolation import undisturbed
from learning.experiment.learner import environment_seeds
from learning.experiment.networks import Networks
from learning.experiment.reading import read_config
from learning.experiment.snapshots import load_networks
from learning.logging.columns import MIXTURE, OWN
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.samplers.sampler_options import SamplerOptions
from learning.samplers.vector_environment import VectorEnvironment


def task_set_of(config: ExperimentConfig) -> TaskSet:
    """Return the run's task set."""
    return make_task_set(config.env, **dict(config.env_options))


def build_evaluator(
    config: ExperimentConfig, task_set: TaskSet, networks: Networks, *, n_episodes: int, seed: int
) -> Evaluator:
    """Return what evaluates a run's networks, in environments of its own.

    Args:
        config: The run's config.
        task_set: Its task set.
        networks: Own policies and, where there is one, the mixture.
        n_episodes: Episodes of one policy, in total over the tasks.
        seed: Seed of the evaluation's streams.

    Raises:
        ConfigError: The episodes are not a multiple of the number of tasks.
    """
    if n_episodes % task_set.n_tasks:
        raise ConfigError(
            f"num_evaluation_episodes = {n_episodes}: must be a multiple of the {task_set.n_tasks} "
            f"tasks of {task_set.id}"
        )
    policies: dict[str, TaskBatchedPolicy] = {OWN: networks.policies}
    if networks.mixture is not None:
        policies[MIXTURE] = networks.mixture
    n_workers = config.options(SamplerOptions).n_workers
    return Evaluator(
        task_set=task_set,
        environment=VectorEnvironment(
            task_set.id, task_set.options, n_workers=n_workers, evaluation=True
        ),
        run_seeds=environment_seeds(config.seed, task_set),
        policies=policies,
        n_episodes=n_episodes // task_set.n_tasks,
        seed=seed,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoadedSnapshot:
    """A snapshot's networks and epoch, and what evaluates them."""

    task_set: TaskSet
    networks: Networks
    epoch: int
    evaluator: Evaluator


@contextlib.contextmanager
def evaluator_of_snapshot(
    run_dir: Path,
    *,
    snapshot: str | None,
    num_evaluation_episodes: int | None,
    seed: int | None,
    changed_plugin: bool,
) -> Iterator[LoadedSnapshot]:
    """Load a snapshot to evaluate it, and leave the process as it was.

    Args:
        run_dir: The run's folder.
        snapshot: Which snapshot; None: the newest.
        num_evaluation_episodes: Episodes of one policy, over the tasks; None: the run's.
        seed: Seed of the evaluation; None: the run's.
        changed_plugin: Whether a plug-in may have another content than when the run began.

    Raises:
        UserError: The folder is no run, the snapshot is damaged or foreign, a plug-in has not been
            loaded, or the episodes do not suit the tasks.
    """
    config = read_config(run_dir, command="eval", changed_plugin=changed_plugin)
    task_set = task_set_of(config)
    episodes = num_evaluation_episodes
    if episodes is None:
        episodes = config.options(EvaluationOptions).num_evaluation_episodes
    with undisturbed():
        device = prepare_torch(config.options(DeviceOptions), config.seed)
        networks, epoch = load_networks(config, run_dir, task_set, device, snapshot)
        with contextlib.closing(
            build_evaluator(
                config,
                task_set,
                networks,
                n_episodes=episodes,
                seed=config.seed if seed is None else seed,
            )
        ) as evaluator:
            yield LoadedSnapshot(
                task_set=task_set, networks=networks, epoch=epoch, evaluator=evaluator
            )


def load_policy(
    run_dir: Path | str,
    *,
    snapshot: str | None = None,
    mixture: bool = False,
    seed: int = 0,
    changed_plugin: bool = False,
) -> TaskActor:
    """Return what a run has learned, to act with it on the CPU in any Gymnasium loop.

    Args:
        run_dir: The run's folder.
        snapshot: Which snapshot; None: the newest.
        mixture: Whether its mixture acts, instead of each task's own policy.
        seed: Seed of what a mixture draws.
        changed_plugin: Whether a plug-in may have another content than when the run began.

    Raises:
        UserError: The folder is no run, the snapshot is damaged or foreign, a plug-in has not been
            loaded, or a mixture was asked for and there is none.
    """
    run_dir = Path(run_dir)
    config = read_config(run_dir, command="eval", changed_plugin=changed_plugin)
    task_set = task_set_of(config)
    networks, epoch = load_networks(config, run_dir, task_set, torch.device("cpu"), snapshot)
    if mixture and networks.mixture is None:
        raise ConfigError(f"{config.method} has no mixture, only own policies")
    policy = networks.mixture if mixture else networks.policies
    assert policy is not None
    return TaskActor(policy, task_set.task_names, epoch=epoch, seed=seed)

"""What training, resuming, evaluating and rendering build alike from a run's config."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import torch

from environments import TaskSet, make_task_set
from learning.config.experiment_config import ExperimentConfig
from learning.errors import ConfigError
from learning.evaluation.evaluator import Evaluator
from learning.experiment.learner import Networks, build_networks, environment_seeds
from learning.garage_bridge.garage_compat import set_gpu_mode, set_seed
from learning.logging.columns import MIXTURE, OWN
from learning.logging.run_folder import SNAPSHOTS_FOLDER, read_config
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.samplers.vector_environment import VectorEnvironment
from learning.snapshots.snapshot_store import SnapshotStore


def prepare_torch(config: ExperimentConfig) -> torch.device:
    """Set threads, seeds and device.

    Raises:
        ConfigError: The GPU is not there.
    """
    torch.set_num_threads(config.torch_threads)
    # Our own parts draw from named streams; this is for whatever else draws.
    set_seed(config.seed)
    if config.gpu is None:
        set_gpu_mode(False)
        return torch.device("cpu")
    n_devices = torch.cuda.device_count()
    if config.gpu >= n_devices:
        raise ConfigError(
            f"gpu = {config.gpu}: this torch sees {n_devices} CUDA devices; leave --gpu out for "
            "the CPU, or run `python run.py doctor`"
        )
    set_gpu_mode(True, gpu_id=config.gpu)
    return torch.device("cuda", config.gpu)


def task_set_of(config: ExperimentConfig) -> TaskSet:
    """Return the run's task set."""
    return make_task_set(config.env, **dict(config.env_options))


def snapshot_store(config: ExperimentConfig, run_dir: Path) -> SnapshotStore:
    """Return the store of a run's snapshots, which refuses those of another config."""
    return SnapshotStore(run_dir / SNAPSHOTS_FOLDER, json.loads(config.to_json()))


def build_evaluator(
    config: ExperimentConfig, task_set: TaskSet, networks: Networks, *, n_episodes: int, seed: int
) -> Evaluator:
    """Return what evaluates a run's networks, in environments of its own.

    Args:
        config: The run's config.
        task_set: Its task set.
        networks: Own policies and, where there is one, the mixture.
        n_episodes: Episodes a task and policy.
        seed: Seed of the evaluation's streams.
    """
    policies: dict[str, TaskBatchedPolicy] = {OWN: networks.policies}
    if networks.mixture is not None:
        policies[MIXTURE] = networks.mixture
    return Evaluator(
        task_set=task_set,
        environment=VectorEnvironment(task_set.id, task_set.options, n_workers=config.n_workers),
        run_seeds=environment_seeds(config, task_set),
        policies=policies,
        n_episodes=n_episodes,
        frequency=config.evaluation_frequency,
        n_epochs=config.n_epochs,
        seed=seed,
    )


def load_networks(
    config: ExperimentConfig,
    run_dir: Path,
    task_set: TaskSet,
    device: torch.device,
    snapshot: str | None,
) -> tuple[Networks, int]:
    """Return a snapshot's networks, to act only, and its epoch."""
    state = snapshot_store(config, run_dir).load(snapshot)
    networks = build_networks(config, task_set, device)
    networks.set_state(state)
    return networks, int(state.part("progress").value("epoch"))


@dataclasses.dataclass(frozen=True, kw_only=True)
class LoadedSnapshot:
    """A snapshot's networks and epoch, and what evaluates them."""

    task_set: TaskSet
    networks: Networks
    epoch: int
    evaluator: Evaluator


@contextlib.contextmanager
def evaluator_of_snapshot(
    run_dir: Path, snapshot: str | None, num_evaluation_episodes: int | None, seed: int | None
) -> Iterator[LoadedSnapshot]:
    """Load a snapshot to evaluate it; arguments and errors are those of `evaluate`."""
    config = read_config(run_dir)
    device = prepare_torch(config)
    task_set = task_set_of(config)
    episodes = num_evaluation_episodes or config.num_evaluation_episodes
    if episodes % task_set.n_tasks:
        raise ConfigError(
            f"num_evaluation_episodes = {episodes}: must be a multiple of the {task_set.n_tasks} "
            f"tasks of {task_set.id}"
        )
    networks, epoch = load_networks(config, run_dir, task_set, device, snapshot)
    with contextlib.closing(
        build_evaluator(
            config,
            task_set,
            networks,
            n_episodes=episodes // task_set.n_tasks,
            seed=config.seed if seed is None else seed,
        )
    ) as evaluator:
        yield LoadedSnapshot(task_set=task_set, networks=networks, epoch=epoch, evaluator=evaluator)

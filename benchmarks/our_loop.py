"""This project's loop, timed as `benchmarks.usual_loop` is: no logging, evaluation or snapshots."""

import contextlib
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import torch

from benchmarks.timed_loop import TimedLoop
from benchmarks.timings import LoopTimings
from environments import TaskSet, make_task_set
from learning.config.experiment_config import ExperimentConfig
from learning.config.resolving import resolve
from learning.experiment.learner import Learner, build_learner
from learning.experiment.networks import build_networks

BUFFER_SIZE = 100_000


class OurLoop(TimedLoop):
    """Loop of the parts that `run.py` trains with.

    Args:
        learner: Parts to train with.
        env_steps: Number of env steps between updates, in total over the tasks.
        gradient_steps: Number of gradient steps an iteration, of each task.
    """

    def __init__(self, learner: Learner, *, env_steps: int, gradient_steps: int) -> None:
        """See the class."""
        super().__init__(gradient_steps)
        self._learner = learner
        self._env_steps = env_steps
        self._seconds = np.zeros(2)

    def collect(self) -> int:
        """Collect into the buffer as the training loop does."""
        learner = self._learner
        update = learner.networks.exploration_policy.get_param_values()
        batch = learner.sampler.obtain_samples(0, self._env_steps, update)
        learner.replay_buffer.add_episodes(batch)
        learner.algorithm.return_scale.observe(batch)
        return int(batch.lengths.sum())

    def update(self, gradient_steps: int) -> None:
        """Take so many batched gradient steps, each one of every task."""
        for _ in range(gradient_steps):
            self._learner.algorithm.train_once()

    def read_seconds(self) -> tuple[float, float]:
        """Return the seconds so far in environments and in choosing actions."""
        # The sampler counts from one reading to the next.
        times = self._learner.sampler.read_times()
        self._seconds += (times["time_environment"], times["time_policy"])
        return float(self._seconds[0]), float(self._seconds[1])


def run_our_loop(
    task_set: TaskSet,
    *,
    hidden_sizes: tuple[int, ...],
    buffer_batch_size: int,
    env_steps_per_iteration: int,
    gradient_steps_per_task: int,
    iterations: int,
    mixture: bool,
    precision: Literal["float32", "bf16"],
    n_workers: int,
    sampler: str = "lockstep",
) -> LoopTimings:
    """Train with this project's parts and return where the time goes.

    Args:
        task_set: Task set to train on.
        hidden_sizes: Number of units of each hidden layer, of policies and critics.
        buffer_batch_size: Number of transitions in a gradient step's batch, of each task.
        env_steps_per_iteration: Number of env steps between updates, in total over the tasks.
        gradient_steps_per_task: Number of gradient steps an iteration, of each task.
        iterations: Number of iterations that are timed, after one that is not.
        mixture: Whether the Q-switch acts, or each task's own policy.
        precision: Precision of the matrix products in the updates.
        n_workers: Number of processes that step the environments.
        sampler: See `SamplerOptions`.
    """
    # The usual mixture has no floor either.
    options: dict[str, Any] = {"own_policy_floor": 0.0} if mixture else {}
    config = resolve(
        "qmp_dnc" if mixture else "dnc_sac",
        task_set.id,
        env_options=dict(task_set.options),
        seed=1,
        hidden_sizes=hidden_sizes,
        buffer_batch_size=buffer_batch_size,
        min_buffer_size=1,
        replay_buffer_size=BUFFER_SIZE,
        precision=precision,
        n_workers=n_workers,
        sampler=sampler,
        torch_threads=torch.get_num_threads(),
        **options,
    )
    with our_loop(
        config, env_steps=env_steps_per_iteration, gradient_steps=gradient_steps_per_task
    ) as loop:
        return loop.run(iterations)


@contextlib.contextmanager
def our_loop(config: ExperimentConfig, *, env_steps: int, gradient_steps: int) -> Iterator[OurLoop]:
    """Build the parts of a run, of any method; its environments are closed at the end.

    Args:
        config: Config of the run.
        env_steps: Number of env steps between updates, in total over the tasks.
        gradient_steps: Number of gradient steps an iteration, of each task.
    """
    task_set = make_task_set(config.env, **dict(config.env_options))
    device = torch.device("cpu")
    networks = build_networks(config, task_set, device)
    learner = build_learner(config, task_set, networks, device)
    try:
        yield OurLoop(learner, env_steps=env_steps, gradient_steps=gradient_steps)
    finally:
        learner.sampler.shutdown_worker()

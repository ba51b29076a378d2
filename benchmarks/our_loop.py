"""This project's loop, timed as `benchmarks.usual_loop` is: no logging, evaluation or snapshots."""

import time
from typing import Literal

import numpy as np
import torch

from benchmarks.timings import LoopTimings
from environments.task_set import TaskSet
from learning.evaluation.evaluator import Evaluator
from learning.garage_compat import StepType
from learning.learner import Learner, build_learner, build_networks
from learning.resolving import resolve

BUFFER_SIZE = 100_000


class OurLoop:
    """The parts that `run.py` trains with."""

    def __init__(self, learner: Learner, *, env_steps: int, gradient_steps: int) -> None:
        """Take the parts; env steps of an iteration in total, gradient steps a task."""
        self._learner = learner
        self._env_steps = env_steps
        self._gradient_steps = gradient_steps

    def collect(self) -> int:
        """Collect into the buffer as garage's SAC does.

        Returns:
            Env steps, in total over the tasks.
        """
        learner = self._learner
        update = learner.networks.exploration_policy.get_param_values()
        batch = learner.sampler.obtain_samples(0, self._env_steps, update)
        for path in batch.to_list():
            terminal = [step_type == StepType.TERMINAL for step_type in path["step_types"]]
            learner.replay_buffer.add_path(
                {
                    "observation": path["observations"],
                    "action": path["actions"],
                    "reward": path["rewards"].reshape(-1, 1),
                    "next_observation": path["next_observations"],
                    "terminal": np.array(terminal).reshape(-1, 1),
                }
            )
        return int(batch.lengths.sum())

    def update(self, gradient_steps: int) -> None:
        """Take so many batched gradient steps, each one of every task."""
        for _ in range(gradient_steps):
            self._learner.algorithm.train_once()

    def run(self, iterations: int) -> LoopTimings:
        """Collect and update, after a warm-up that fills the buffers.

        Args:
            iterations: How many to time.
        """
        self.collect()
        self.update(min(self._gradient_steps, 3))
        self._learner.sampler.read_times()
        env_steps, update = 0, 0.0
        begin = time.perf_counter()
        for _ in range(iterations):
            env_steps += self.collect()
            before = time.perf_counter()
            self.update(self._gradient_steps)
            update += time.perf_counter() - before
        total = time.perf_counter() - begin
        times = self._learner.sampler.read_times()
        environment, policy = times["time_environment"], times["time_policy"]
        return LoopTimings(
            env_steps=env_steps,
            environment=environment,
            policy=policy,
            update=update,
            rest=total - environment - policy - update,
        )


class _NoEvaluation(Evaluator):
    """Stands where the algorithm wants an evaluator; the loop never evaluates."""

    def __init__(self) -> None:
        """Make no environments."""


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
) -> LoopTimings:
    """Train with this project's parts and tell where the time goes.

    Args:
        task_set: T tasks.
        hidden_sizes: Units of each hidden layer, of policies and critics.
        buffer_batch_size: Transitions in a gradient step's batch, of each task.
        env_steps_per_iteration: Env steps between updates, in total over the tasks.
        gradient_steps_per_task: Gradient steps an iteration, of each task.
        iterations: Iterations that are timed, after one that is not.
        mixture: Whether the Q-switch acts, or each task's own policy.
        precision: Of the matrix products in the updates.
        n_workers: Processes that step the environments.
    """
    options = {"own_policy_floor": 0.0} if mixture else {}
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
        torch_threads=torch.get_num_threads(),
        **options,
    )
    device = torch.device("cpu")
    networks = build_networks(config, task_set, device)
    learner = build_learner(config, task_set, networks, _NoEvaluation(), device)
    loop = OurLoop(
        learner, env_steps=env_steps_per_iteration, gradient_steps=gradient_steps_per_task
    )
    try:
        return loop.run(iterations)
    finally:
        learner.sampler.shutdown_worker()

"""The comparison partner: the multi-task loop that a competent user makes of garage's own parts.

garage's LocalSampler with a DefaultWorker a task, `UsualMixture` as the agent, and one garage SAC
with a PathBuffer a task, optimised one after another. Two habits of garage that would slow it down
are left out: the agent's parameters are not copied into it before sampling (it holds the networks
that learn), and no logging or evaluation takes place. Meta-World's environments step as Meta-World
steps them, without this project's faster step.
"""

import contextlib
import math
import unittest.mock
from collections.abc import Iterator

import numpy as np

from benchmarks.timed_loop import TimedLoop, transitions_of
from benchmarks.timings import LoopTimings
from benchmarks.usual_mixture import UsualMixture
from environments import metaworld_env
from environments.task_set import TaskSet
from learning.garage_bridge.garage_compat import (
    SAC,
    ContinuousMLPQFunction,
    DefaultWorker,
    EnvSpec,
    LocalSampler,
    PathBuffer,
    TanhGaussianMLPPolicy,
    akro,
)
from learning.samplers.garage_environment import GarageEnvironment

BUFFER_SIZE = 100_000


@contextlib.contextmanager
def meta_worlds_own_step() -> Iterator[None]:
    """Make Meta-World's environments inside without this project's faster step."""
    with unittest.mock.patch.object(metaworld_env, "fast_class", lambda env_class: env_class):
        yield


class UsualLoop(TimedLoop):
    """Networks, sampler and T SACs of a task set."""

    def __init__(
        self,
        task_set: TaskSet,
        *,
        hidden_sizes: tuple[int, ...],
        buffer_batch_size: int,
        env_steps_per_iteration: int,
        gradient_steps_per_task: int,
        mixture: bool,
    ) -> None:
        """Build everything; the parameters are those of `run_usual_loop`."""
        n_tasks = len(task_set.task_names)
        steps_per_task = env_steps_per_iteration // n_tasks
        episode_length = min(task_set.max_episode_steps, steps_per_task)
        self._episodes_per_task = math.ceil(steps_per_task / episode_length)
        self._batch_size = buffer_batch_size
        super().__init__(gradient_steps_per_task)
        size = task_set.observation_space.shape[0]
        spec = EnvSpec(
            akro.Box(low=-np.inf, high=np.inf, shape=(size,), dtype=np.float32),
            akro.Box(low=-1, high=1, shape=task_set.action_space.shape, dtype=np.float32),
            max_episode_length=task_set.max_episode_steps,
        )
        self.policies = [
            TanhGaussianMLPPolicy(env_spec=spec, hidden_sizes=list(hidden_sizes))
            for _ in range(n_tasks)
        ]
        self.critics, twins = (
            [
                ContinuousMLPQFunction(env_spec=spec, hidden_sizes=list(hidden_sizes))
                for _ in range(n_tasks)
            ]
            for _ in range(2)
        )
        self.mixture = UsualMixture(self.policies, self.critics, mixture=mixture)
        with meta_worlds_own_step():
            self._sampler = LocalSampler(
                self.mixture,
                [
                    GarageEnvironment(task_set.id, task_set.options, task, seed=task)
                    for task in range(n_tasks)
                ],
                max_episode_length=episode_length,
                seed=1,
                n_workers=n_tasks,
                worker_class=DefaultWorker,
            )
        self._algorithms = [
            SAC(
                env_spec=spec,
                policy=policy,
                qf1=critic,
                qf2=twin,
                replay_buffer=PathBuffer(BUFFER_SIZE),
                sampler=self._sampler,
                gradient_steps_per_itr=gradient_steps_per_task,
                min_buffer_size=buffer_batch_size,
                buffer_batch_size=buffer_batch_size,
            )
            for policy, critic, twin in zip(self.policies, self.critics, twins, strict=True)
        ]

    def collect(self) -> int:
        """Collect whole episodes, as many of each task, into the buffers.

        Returns:
            Number of env steps, in total over the tasks.
        """
        batch = self._sampler.obtain_exact_episodes(self._episodes_per_task, agent_update=None)
        n_tasks = len(self._algorithms)
        for path in batch.to_list():
            transitions = transitions_of(path)
            # A task's own SAC has no use for the one-hot; its networks do not take it.
            for key in ("observation", "next_observation"):
                transitions[key] = transitions[key][:, :-n_tasks]
            task = path["env_infos"]["task_id"][0]
            self._algorithms[task].replay_buffer.add_path(transitions)
        return int(batch.lengths.sum())

    def update(self, gradient_steps: int) -> None:
        """Take the gradient steps of each task, one task after another."""
        for algorithm in self._algorithms:
            for _ in range(gradient_steps):
                algorithm.train_once()

    def read_seconds(self) -> tuple[float, float]:
        """Return the seconds so far in environments and in choosing actions."""
        # LocalSampler has copied the environments that it was given.
        environment = sum(worker.env.seconds for worker in self._sampler._workers)
        return environment, self.mixture.seconds

    def close(self) -> None:
        """Close the environments."""
        self._sampler.shutdown_worker()


def run_usual_loop(
    task_set: TaskSet,
    *,
    hidden_sizes: tuple[int, ...],
    buffer_batch_size: int,
    env_steps_per_iteration: int,
    gradient_steps_per_task: int,
    iterations: int,
    mixture: bool,
) -> LoopTimings:
    """Train with the usual loop and return where the time goes.

    Args:
        task_set: Task set to train on, of T tasks.
        hidden_sizes: Number of units of each hidden layer, of policies and critics.
        buffer_batch_size: Number of transitions in a gradient step's batch, of each task.
        env_steps_per_iteration: Number of env steps between updates, in total over the tasks: a
            multiple of T. Episodes are cut where that is less than T episodes.
        gradient_steps_per_task: Number of gradient steps an iteration, of each task.
        iterations: Number of iterations that are timed, after one that is not.
        mixture: Whether the Q-switch acts, or each task's own policy.
    """
    loop = UsualLoop(
        task_set,
        hidden_sizes=hidden_sizes,
        buffer_batch_size=buffer_batch_size,
        env_steps_per_iteration=env_steps_per_iteration,
        gradient_steps_per_task=gradient_steps_per_task,
        mixture=mixture,
    )
    with contextlib.closing(loop):
        return loop.run(iterations)

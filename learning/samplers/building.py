"""The sampler that a run's options describe."""

from __future__ import annotations

from collections.abc import Sequence

from environments import TaskSet
from learning.garage_bridge.garage_compat import Policy
from learning.samplers.garage_environment import make_env_spec
from learning.samplers.local_sampler import LocalTaskSampler
from learning.samplers.lock_step_sampler import LockStepSampler
from learning.samplers.sampler_options import SamplerOptions
from learning.samplers.vector_environment import VectorEnvironment

TaskSampler = LockStepSampler | LocalTaskSampler


def build_sampler(
    options: SamplerOptions,
    policy: Policy,
    task_set: TaskSet,
    *,
    seeds: Sequence[int],
    relabels: bool,
) -> TaskSampler:
    """Build the sampler; the environments' processes start here.

    Args:
        options: How data is gathered.
        policy: Who acts.
        task_set: The tasks.
        seeds: One a task, of the first episodes.
        relabels: Whether steps also give the reward by every task's rule.
    """
    if options.sampler == "local":
        return LocalTaskSampler(
            policy, task_set.id, task_set.options, seeds=seeds, relabels=relabels
        )
    environments = VectorEnvironment(
        task_set.id, task_set.options, n_workers=options.n_workers, relabels=relabels
    )
    return LockStepSampler(policy, environments, env_spec=make_env_spec(task_set), seeds=seeds)

"""The sampler that a run's options describe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy.typing as npt

from environments import TaskSet
from learning.garage_bridge.garage_compat import EpisodeBatch, Policy
from learning.samplers.agent_update import AgentUpdate
from learning.samplers.garage_environment import make_env_spec
from learning.samplers.local_sampler import LocalTaskSampler
from learning.samplers.lock_step_sampler import LockStepSampler
from learning.samplers.sampler_options import SamplerOptions
from learning.samplers.vector_environment import VectorEnvironment


class TaskSampler(Protocol):
    """A garage Sampler whose state can be kept, and that says where its time goes."""

    def obtain_samples(
        self, itr: int, num_samples: int, agent_update: AgentUpdate, env_update: None = None
    ) -> EpisodeBatch:
        """Gather at least so many steps, in total over the tasks."""

    def read_times(self) -> dict[str, float]:
        """Return the seconds in environments and policy since the last call."""

    def get_state(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything needed to go on exactly from here, but for the policy."""

    def set_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go back to where `get_state` was called."""

    def shutdown_worker(self) -> None:
        """Close the environments and end all processes."""


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

    Raises:
        RayError: Ray was asked for and cannot be used.
    """
    if options.sampler == "ray":
        from learning.samplers.ray_sampler import RayTaskSampler  # noqa: PLC0415  (imports Ray)

        return RayTaskSampler(
            policy,
            task_set.id,
            task_set.options,
            seeds=seeds,
            # 0 is what task sets of cheap steps have.
            n_workers=max(options.n_workers, 1),
            relabels=relabels,
        )
    if options.sampler == "local":
        return LocalTaskSampler(
            policy, task_set.id, task_set.options, seeds=seeds, relabels=relabels
        )
    environments = VectorEnvironment(
        task_set.id, task_set.options, n_workers=options.n_workers, relabels=relabels
    )
    return LockStepSampler(policy, environments, env_spec=make_env_spec(task_set), seeds=seeds)

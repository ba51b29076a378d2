"""How data is gathered: the options of it, and the sampler that they describe."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Literal

from environments import TaskSet
from learning.garage_bridge.garage_compat import Policy
from learning.options import OptionGroup, option
from learning.options.machine import usable_cores
from learning.samplers.garage_environment import make_env_spec
from learning.samplers.local_sampler import LocalTaskSampler
from learning.samplers.lock_step_sampler import LockStepSampler
from learning.samplers.vector_environment import VectorEnvironment

TaskSampler = LockStepSampler | LocalTaskSampler

_OURS = "chosen by us"


@dataclasses.dataclass(frozen=True, kw_only=True)
class SamplerOptions(OptionGroup):
    """How data is gathered."""

    sampler: Literal["lockstep", "local"] = option(
        "lockstep",
        source=_OURS,
        help="How data is collected: all tasks in lock step, or by garage's LocalSampler, one "
        "environment after another, with the same results in distribution.",
    )
    n_workers: int = option(
        "physical cores",
        rule=lambda tasks: min(usable_cores(), tasks),
        at_least=0,
        source=_OURS,
        help="Processes that step the environments, several tasks each; 0: this process steps "
        "them.",
    )


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

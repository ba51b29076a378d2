"""What :class:`~learning.algorithms.multi_task_sac.MultiTaskSAC` is made of."""

from __future__ import annotations

import dataclasses

import torch

from learning.algorithms.network_resets import NetworkResets
from learning.algorithms.return_scale import ReturnScale
from learning.garage_bridge.garage_compat import EnvSpec, Sampler
from learning.objectives.objective import Objective
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.q_functions.twin_critics import TwinCritics
from learning.replay.data_sharing import DataSharing
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class SACParts:
    """What the algorithm is made of, beside its options.

    Attributes:
        env_spec: garage's description of observations (with task one-hot) and actions.
        task_names: The tasks' names, for the log.
        policy: The tasks' own policies.
        exploration_policy: Who gathers data: the own policies or a mixture of them.
        critics: The tasks' twin critics.
        replay_buffer: All tasks' transitions.
        data_sharing: Whose transitions a task's update sees.
        objective: How the tasks' losses and gradients meet.
        sampler: A garage sampler.
        return_scale: What the tasks' rewards are multiplied by in a batch.
        network_resets: When and with what the networks begin anew.
        noise: The random stream of the sampled actions in the losses.
        reset_noise: The random stream of what is set anew where a loss explodes.
        device: Where the networks live.
    """

    env_spec: EnvSpec
    task_names: tuple[str, ...]
    policy: TanhGaussianPolicies
    exploration_policy: TaskBatchedPolicy
    critics: TwinCritics
    replay_buffer: MultiTaskReplayBuffer
    data_sharing: DataSharing
    objective: Objective
    sampler: Sampler
    return_scale: ReturnScale
    network_resets: NetworkResets
    noise: torch.Generator
    reset_noise: torch.Generator
    device: torch.device

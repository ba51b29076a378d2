"""The tasks' own policies: squashed Gaussians over a task-batched architecture."""

from __future__ import annotations

import numpy as np
import torch

from learning.architectures.architecture import Architecture
from learning.garage_bridge.garage_compat import EnvSpec
from learning.policies.policy_options import PolicyOptions
from learning.policies.tanh_gaussian import split_mean_log_std
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.policies.task_rows import TaskRows


class TanhGaussianPolicies(TaskBatchedPolicy):
    """T policies in one network; each task acts with its own.

    Args:
        env_spec: garage's description of observations (with one-hot) and actions.
        architecture: One group of T rows, observation -> mean and log standard deviation.
        options: How the Gaussians are bounded; None: the defaults.
        random: The stream that acting draws from.
        uniform_steps: See :class:`TaskBatchedPolicy`.
    """

    def __init__(
        self,
        env_spec: EnvSpec,
        architecture: Architecture,
        options: PolicyOptions | None = None,
        *,
        random: np.random.Generator,
        uniform_steps: int = 0,
    ) -> None:
        super().__init__(
            env_spec, n_tasks=architecture.n_tasks, random=random, uniform_steps=uniform_steps
        )
        self.architecture = architecture
        self._options = options or PolicyOptions()

    def forward(self, observations: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return each task's distribution before the tanh.

        Args:
            observations: Shape [T, B, O].

        Returns:
            Mean and log standard deviation, shape [T, B, A] each.
        """
        return self.split(self.architecture(observations))

    def split(self, outputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Split a network's outputs [..., 2A] into mean and bounded log standard deviation."""
        options = self._options
        return split_mean_log_std(outputs, options.log_std_bound, options.log_std_min)

    def ask_all(self, observations: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Ask every policy about the same observations.

        Args:
            observations: Shape [N, O].

        Returns:
            Mean and log standard deviation before the tanh, shape [P, N, A] each.
        """
        return self.split(self.architecture.ask_all(observations))

    def propose(self, observations: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Ask every policy about every task's observations.

        Args:
            observations: Shape [T, B, O].

        Returns:
            Mean and log standard deviation before the tanh, shape [P, T, B, A] each: entry [j, i]
            is policy j's at task i's observations.
        """
        n_tasks, batch_size, _ = observations.shape
        everywhere = observations.reshape(n_tasks * batch_size, -1)
        mean, log_std = self.ask_all(everywhere)
        shape = (n_tasks, n_tasks, batch_size, -1)
        return mean.view(shape), log_std.view(shape)

    def _act(self, rows: TaskRows) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        mean, log_std = self(rows.observations(self.device))
        actions = torch.tanh(mean + log_std.exp() * self._noise(mean.shape))
        return actions, {"mean": torch.tanh(mean), "acting_policy": self._own(rows.batch_size)}

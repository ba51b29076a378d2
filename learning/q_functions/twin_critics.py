"""Both critics of all tasks in one network.

Soft actor-critic learns two Q-functions and trusts the smaller (Fujimoto et al. 2018, Haarnoja et
al. 2018). Here they are two groups of rows of one architecture: one batched matrix product a layer
computes Q1 and Q2 of every task.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from learning.architectures.architecture import Architecture
from learning.q_functions.critic_options import CriticOptions


class TwinCritics(torch.nn.Module):
    """Q1 and Q2 of T tasks.

    Args:
        architecture: Two groups of T rows, [observation, action] -> as many numbers as the options
            say.
        options: What they end in: a sigmoid for values in (0, 1), as MT-Levy (arXiv 2509.20766)
            has them for sparse rewards.
    """

    def __init__(self, architecture: Architecture, options: CriticOptions) -> None:
        super().__init__()
        if architecture.n_groups != 2 or architecture.output_sizes != (options.output_size,):
            raise ValueError(
                f"twin critics need an architecture of two groups with outputs "
                f"({options.output_size},), not {architecture.n_groups} groups with outputs "
                f"{architecture.output_sizes}"
            )
        self.architecture = architecture
        self._sigmoid = options.q_output == "sigmoid"

    def forward(self, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """Return both values, shape [2, T, B].

        Args:
            observations: Shape [T, B, O].
            actions: Shape [T, B, A].
        """
        return self.values(self.inputs(observations, actions))

    def inputs(self, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """Return what both critics are asked, shape [2, T, B, O + A]; arguments as above.

        Observations are copied once; :meth:`with_actions` asks about others without a copy.
        """
        return torch.cat(
            (observations.expand(2, *observations.shape), actions.expand(2, *actions.shape)), dim=-1
        )

    @staticmethod
    def with_actions(inputs: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """Return ``inputs`` with other actions [T, B, A], in the same memory.

        What was computed from ``inputs`` must have been differentiated by then.
        """
        # Detached: else the tensor that `inputs` may be a part of would join the actions' graph.
        asked = inputs.detach()
        asked[..., -actions.shape[-1] :] = actions
        return asked

    def values(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return both values, shape [2, T, B], of what :meth:`inputs` returned."""
        return self._values(inputs.flatten(0, 1)).view(inputs.shape[:-1])

    def first(self, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """Return Q1 alone, shape [T, B]; the arguments are those of :meth:`forward`."""
        return self._values(torch.cat((observations, actions), dim=-1)).squeeze(-1)

    def trusted(self, values: torch.Tensor) -> torch.Tensor:
        """Return what both critics together say: the smaller of their values [2, ...]."""
        return values.amin(dim=0)

    def ahead(self, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """Return what a target bootstraps from, shape [T, B]; the arguments are as above."""
        return self.trusted(self(observations, actions))

    def targets(
        self,
        ahead: torch.Tensor,
        penalty: torch.Tensor,
        rewards: torch.Tensor,
        factor: torch.Tensor,
    ) -> torch.Tensor:
        """Return what both critics are to learn, shape [T, B]: ``r + factor (ahead - penalty)``.

        Args:
            ahead: What the target critics' :meth:`ahead` returned for the next state and action.
            penalty: alpha log pi of that action, shape [T, B].
            rewards: Shape [T, B].
            factor: The discount, 0 where the task ended, shape [T, B].
        """
        return rewards + factor * (ahead - penalty)

    def errors(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the loss of each critic on each transition, squared errors [2, T, B].

        Args:
            inputs: What :meth:`inputs` returned.
            targets: What :meth:`targets` returned.
        """
        return (self.values(inputs) - targets).square()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside, spare the gradient with respect to the critics' own weights."""
        learning = [each for each in self.parameters() if each.requires_grad]
        for parameter in learning:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in learning:
                parameter.requires_grad_(True)

    def _values(self, rows: torch.Tensor) -> torch.Tensor:
        values: torch.Tensor = self.architecture(rows)
        return torch.sigmoid(values) if self._sigmoid else values

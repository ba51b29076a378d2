"""Both critics of all tasks in one network.

Soft actor-critic learns two Q-functions and trusts the smaller (Fujimoto et al. 2018, Haarnoja et
al. 2018). Here they are two groups of rows of one architecture: one batched matrix product a layer
computes Q1 and Q2 of every task.
"""

from __future__ import annotations

import torch

from learning.architectures import Architecture


class TwinCritics(torch.nn.Module):
    """Q1 and Q2 of T tasks.

    Args:
        architecture: Two groups of T rows, [observation, action] -> 1.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        if architecture.n_groups != 2 or architecture.output_sizes != (1,):
            raise ValueError(
                "twin critics need an architecture of two groups with one output, not "
                f"{architecture.n_groups} groups with outputs {architecture.output_sizes}"
            )
        self.architecture = architecture

    def forward(self, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """Return both values, shape [2, T, B].

        Args:
            observations: Shape [T, B, O].
            actions: Shape [T, B, A].
        """
        inputs = torch.cat((observations, actions), dim=-1)
        rows = inputs.expand(2, *inputs.shape).reshape(-1, *inputs.shape[1:])
        values: torch.Tensor = self.architecture(rows)
        return values.view(2, *inputs.shape[:-1])

    def first(self, observations: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """Return Q1 alone, shape [T, B]; the arguments are those of :meth:`forward`."""
        values: torch.Tensor = self.architecture(torch.cat((observations, actions), dim=-1))
        return values.squeeze(-1)

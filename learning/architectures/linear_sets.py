"""K linear layers a group that all of its tasks share: experts, modules, sets to compose of."""

from __future__ import annotations

from typing import Protocol

import torch

from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.batched_linear import BatchedLinear
from learning.architectures.initializers import Initializer
from learning.architectures.shared_linear import SharedLinear


class SetsSpec(Protocol):
    """What is read of a spec, an architecture's or a state encoder's."""

    @property
    def n_groups(self) -> int:
        """Groups G."""

    @property
    def n_tasks(self) -> int:
        """Tasks T of a group."""

    @property
    def initializer(self) -> Initializer:
        """How the weights are drawn."""


class LinearSets(SharedLinear):
    """K linear layers a group, asked side by side or summed up for each task.

    It is a :class:`SharedLinear`, so that its gradients, too, can be had a task each.

    Args:
        spec: That of the architecture or state encoder.
        n_sets: Layers K of a group.
        input_size: Inputs of a layer.
        output_sizes: Outputs of a layer, head after head; see :class:`BatchedLinear`.
        generator: The random stream that the weights are drawn from.

    Attributes:
        weight: Shape [G, K, in, out].
        bias: Shape [G, K, 1, out].
    """

    def __init__(
        self,
        spec: SetsSpec,
        *,
        n_sets: int,
        input_size: int,
        output_sizes: tuple[int, ...],
        generator: torch.Generator,
    ) -> None:
        super().__init__(
            n_groups=spec.n_groups * n_sets,
            n_tasks=spec.n_tasks,
            input_size=input_size,
            output_sizes=output_sizes,
            initializer=spec.initializer,
            generator=generator,
        )
        # A shared parameter's first axis is the groups alone.
        sizes = (spec.n_groups, n_sets)
        self.weight = torch.nn.Parameter(self.weight.detach().view(*sizes, input_size, -1))
        self.bias = torch.nn.Parameter(self.bias.detach().view(*sizes, 1, -1))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Ask the layers side by side.

        Args:
            inputs: Shape [g, K, T * B, in], task after task, or [g, 1, ...] for all layers the
                same; where no gradients are taken by task, any number in place of T * B.

        Returns:
            Shape [g, K, T * B, out].
        """
        n_groups, _, n_inputs, size = inputs.shape
        weight, bias = self._sets(n_groups)
        n_rows, n_sets = weight.shape[:2]
        # Rows are the groups, or group after group the tasks; then the layers.
        rows = inputs.expand(-1, n_sets, -1, -1)
        rows = rows.reshape(n_groups, n_sets, n_rows // n_groups, -1, size).transpose(1, 2)
        rows = rows.reshape(n_rows * n_sets, -1, size)
        outputs = torch.baddbmm(bias.flatten(0, 1), rows, weight.flatten(0, 1))
        by_row = outputs.view(n_groups, -1, n_sets, *outputs.shape[1:])
        return by_row.transpose(1, 2).reshape(n_groups, n_sets, n_inputs, -1)

    def compose(self, shares: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Sum up the layers for each task.

        Args:
            shares: What the task takes of each layer, shape [g * T, K].

        Returns:
            Weights [g * T, in, out] and biases [g * T, 1, out], each task's own layer.
        """
        n_rows, n_sets = shares.shape
        weight, bias = (
            torch.bmm(shares.view(len(sets), -1, n_sets), sets.flatten(2)).view(
                n_rows, *sets.shape[2:]
            )
            for sets in self._sets(n_rows // self._n_tasks)
        )
        return weight, bias

    def join(self, shares: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Make one layer a task of all layers' inputs side by side; it sums up what they say.

        Args:
            shares: What the task takes of each layer, shape [g * T, K].

        Returns:
            Weights [g * T, K * in, out] and biases [g * T, 1, out].
        """
        n_rows, n_sets = shares.shape
        weight, bias = self._sets(n_rows // self._n_tasks)
        by_set = shares.view(len(weight), -1, n_sets)
        joined = by_set[..., None, None] * weight.unsqueeze(1)
        biases = torch.bmm(by_set, bias.flatten(2))
        return joined.view(n_rows, -1, weight.shape[-1]), biases.view(n_rows, 1, -1)

    def _sets(self, n_groups: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return weights and biases, [g, K, ...], inside by_task a copy a task, [g * T, K, ...]."""
        if self._copies and torch.is_grad_enabled():
            weight, bias = (copies[: n_groups * self._n_tasks] for copies in self._copies)
            return weight, bias
        return self.weight[:n_groups], self.bias[:n_groups]


def draw_shares(
    spec: ArchitectureSpec, n_sets: int, generator: torch.Generator
) -> torch.nn.Parameter:
    """Draw what each task takes of each set, shape [G * T, K].

    They are the weights of a linear layer T -> K of the task's one-hot, and are drawn as such.

    Args:
        spec: That of the architecture.
        n_sets: Sets K.
        generator: The random stream that the numbers are drawn from.
    """
    layer = BatchedLinear(
        n_rows=spec.n_groups,
        input_size=spec.n_tasks,
        output_sizes=(n_sets,),
        initializer=spec.initializer,
        generator=generator,
    )
    return torch.nn.Parameter(layer.weight.detach().view(spec.n_rows, n_sets))

"""One linear layer a group, shared by the group's tasks; its gradient can be had a task each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from learning.architectures.batched_linear import BatchedLinear, multiply
from learning.architectures.initializers import Initializer
from learning.architectures.layer_norm import SharedLayerNorm


class SharedLinear(BatchedLinear):
    """``x[g] @ weight[g] + bias[g]`` for the inputs of all tasks of group g.

    Args:
        n_groups: Groups G.
        n_tasks: Tasks T of a group.
        input_size: Inputs.
        output_sizes: Outputs, head after head; see :class:`BatchedLinear`.
        initializer: See :class:`BatchedLinear`.
        generator: The random stream that the weights are drawn from.
        bias: Whether there are biases.
    """

    def __init__(
        self,
        *,
        n_groups: int,
        n_tasks: int,
        input_size: int,
        output_sizes: tuple[int, ...],
        initializer: Initializer,
        generator: torch.Generator,
        bias: bool = True,
    ) -> None:
        super().__init__(
            n_rows=n_groups,
            input_size=input_size,
            output_sizes=output_sizes,
            initializer=initializer,
            generator=generator,
            bias=bias,
        )
        self._n_tasks = n_tasks
        self._copies: list[torch.Tensor] = []

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [g, T * B, in], task after task, to [g, T * B, out]; or [g, N, in] to [g, N, out]."""
        if not self._copies or not torch.is_grad_enabled():
            return super().forward(inputs)
        n_rows = inputs.shape[0] * self._n_tasks
        weight, *bias = (copies[:n_rows] for copies in self._copies)
        rows = inputs.reshape(n_rows, -1, inputs.shape[2])
        return multiply(rows, weight, *bias).view(*inputs.shape[:2], -1)

    @contextlib.contextmanager
    def by_task(self) -> Iterator[None]:
        """Inside, passes and a backward pass leave each task's gradient in :meth:`task_gradients`.

        However often the layer is passed, a task's gradients add up in its own copy of the
        parameters. The parameters themselves get none there.
        """
        # A leaf a task: one backward pass leaves each task's own gradient in it.
        # Row g * T + i is group g's copy for task i.
        self._copies = [
            parameter.detach().repeat_interleave(self._n_tasks, dim=0).requires_grad_()
            for parameter in self.parameters(recurse=False)
        ]
        try:
            yield
        finally:
            self._copies = []

    def task_gradients(self) -> list[tuple[torch.nn.Parameter, torch.Tensor]]:
        """Return each parameter and its gradient by task, shape [G, T, ...]; inside by_task.

        Parameters that no loss has reached are left out.
        """
        return [
            (parameter, copies.grad.view(len(parameter), self._n_tasks, *parameter.shape[1:]))
            for parameter, copies in zip(self.parameters(recurse=False), self._copies, strict=True)
            if copies.grad is not None
        ]


def shared_parameters_of(module: torch.nn.Module) -> list[torch.nn.Parameter]:
    """Return the parameters of a module's layers that tasks share, those that losses train."""
    return [
        parameter
        for part in module.modules()
        if isinstance(part, SharedLinear | SharedLayerNorm)
        for parameter in part.parameters(recurse=False)
        if parameter.requires_grad
    ]

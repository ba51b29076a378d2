"""One linear layer a group, shared by the group's tasks; its gradient can be had a task each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from learning.architectures.batched_linear import BatchedLinear, Initializer


class SharedLinear(BatchedLinear):
    """``x[g] @ weight[g] + bias[g]`` for the inputs of all tasks of group g.

    Args:
        n_groups: Groups G.
        n_tasks: Tasks T of a group.
        input_size: Inputs.
        output_sizes: Outputs, head after head; see :class:`BatchedLinear`.
        initializer: See :class:`BatchedLinear`.
        generator: The random stream that the weights are drawn from.
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
    ) -> None:
        super().__init__(
            n_rows=n_groups,
            input_size=input_size,
            output_sizes=output_sizes,
            initializer=initializer,
            generator=generator,
        )
        self._n_tasks = n_tasks
        self._by_task = False
        self._copies: list[tuple[torch.nn.Parameter, torch.Tensor]] = []

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [g, T * B, in], task after task, to [g, T * B, out]; or [g, N, in] to [g, N, out].

        Raises:
            RuntimeError: A second pass inside :meth:`by_task`, or one of a part of the groups.
        """
        if not self._by_task or not torch.is_grad_enabled():
            return super().forward(inputs)
        if self._copies or inputs.shape[0] != self.weight.shape[0]:
            raise RuntimeError("inside by_task, one pass of all groups is followed")
        # A leaf a task: one backward pass leaves each task's own gradient in it.
        for parameter in (self.weight, self.bias):
            copies = parameter.detach().repeat_interleave(self._n_tasks, dim=0)
            self._copies.append((parameter, copies.requires_grad_()))
        (_, weight), (_, bias) = self._copies
        rows = inputs.reshape(weight.shape[0], -1, inputs.shape[2])
        return torch.baddbmm(bias, rows, weight).view(*inputs.shape[:2], -1)

    @contextlib.contextmanager
    def by_task(self) -> Iterator[None]:
        """Inside, one forward and backward pass leaves its gradients in :meth:`task_gradients`.

        The parameters themselves get none there.
        """
        self._by_task = True
        try:
            yield
        finally:
            self._by_task = False
            self._copies = []

    def task_gradients(self) -> list[tuple[torch.nn.Parameter, torch.Tensor]]:
        """Return each parameter and its gradient by task, shape [G, T, ...]; inside by_task.

        Raises:
            RuntimeError: No backward pass has come through here.
        """
        gradients = []
        for parameter, copies in self._copies:
            if copies.grad is not None:
                shape = (len(parameter), self._n_tasks, *parameter.shape[1:])
                gradients.append((parameter, copies.grad.view(shape)))
        if not gradients:
            raise RuntimeError("no backward pass has come through this layer inside by_task")
        return gradients

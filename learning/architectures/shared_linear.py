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
        self._copies: dict[str, torch.Tensor] | None = None

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [g, T * B, in], task after task, to [g, T * B, out]; or [g, N, in] to [g, N, out]."""
        if self._copies is None:
            return super().forward(inputs)
        # A leaf a task: one backward pass leaves each task's own gradient in it.
        for name, parameter in (("weight", self.weight), ("bias", self.bias)):
            copies = parameter.detach().repeat_interleave(self._n_tasks, dim=0)
            self._copies[name] = copies.requires_grad_()
        rows = inputs.reshape(-1, inputs.shape[1] // self._n_tasks, inputs.shape[2])
        outputs = torch.baddbmm(self._copies["bias"], rows, self._copies["weight"])
        return outputs.view(*inputs.shape[:2], -1)

    @contextlib.contextmanager
    def by_task(self) -> Iterator[None]:
        """Inside, one forward and backward pass leaves its gradients in :meth:`task_gradients`.

        The parameters themselves get none there.
        """
        self._copies = {}
        try:
            yield
        finally:
            self._copies = None

    def task_gradients(self) -> dict[str, torch.Tensor]:
        """Return each task's gradient by parameter, shape [G, T, ...]; inside :meth:`by_task`."""
        assert self._copies
        gradients = {}
        for name, copies in self._copies.items():
            assert copies.grad is not None
            gradients[name] = copies.grad.view(-1, self._n_tasks, *copies.shape[1:])
        return gradients

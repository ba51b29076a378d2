"""DECAF: a task's critic is a mixture of all tasks' Q-functions, weighted by state and action.

The baseline of that name in the reference code of QMP (arXiv 2302.00671):

    Q_i^used(s, a) = sum over j of  softmax(w_i(s, a))_j  Q_j(s, a)

Q_j is task j's Q-function and w_i a perceptron of the same hidden layers with T outputs. The
gradient of task i passes through Q_i and w_i alone: another task's Q-function is a constant there,
with respect to its weights and to the action.

In the reference, the target of task i holds the others' Q-functions as they were initialised, for
ever. Here a target moves with all its parts.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.separate import SeparateArchitecture
from learning.architectures.sharing import Sharing


class DecafArchitecture(Architecture):
    """T Q-functions a group, and T networks that weigh them.

    Output r of task i's weighing network is the weight of the Q-function of task (i - r) mod T, its
    own first. Which output means whom is a matter of counting: all are drawn alike.

    Args:
        spec: What it is built from.
        generator: The random stream that the weights are drawn from.
    """

    sharing: ClassVar[Sharing] = "nothing"

    _receivers: torch.Tensor
    _senders: torch.Tensor
    _shift_index: torch.Tensor

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator) -> None:
        super().__init__(spec, generator)
        self.values = SeparateArchitecture(spec, generator)
        weighing = dataclasses.replace(spec, output_sizes=(spec.n_tasks,))
        self.weights = SeparateArchitecture(weighing, generator)
        tasks, shifts = torch.arange(self.n_tasks)[:, None], torch.arange(1, self.n_tasks)
        # Asked about the task that is r further, task j's Q-function answers that task, to whom it
        # is the task that is r before.
        # Not persistent: they follow from T, and a snapshot holds what was learned.
        self.register_buffer("_receivers", (tasks + shifts) % self.n_tasks, persistent=False)
        self.register_buffer("_senders", (tasks - shifts) % self.n_tasks, persistent=False)
        self.register_buffer("_shift_index", shifts - 1, persistent=False)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        n_rows, batch_size, _ = inputs.shape
        weights = self.weights(inputs).softmax(dim=-1)
        own = self.values(inputs)
        with torch.no_grad():
            grouped = inputs.detach().view(-1, self.n_tasks, batch_size, self.input_size)
            asked = grouped[:, self._receivers].view(n_rows, -1, self.input_size)
            answers = self.values(asked).view(*grouped.shape[:2], -1, *own.shape[1:])
            # [rows, B, T - 1, out]: what the other Q-functions say about this row's inputs.
            others = answers[:, self._senders, self._shift_index].flatten(0, 1).transpose(1, 2)
        return _weigh(weights, own, others)

    def ask_all(self, inputs: torch.Tensor) -> torch.Tensor:
        """Ask every Q-function once and weigh T times; see :meth:`Architecture.ask_all`."""
        weights = self.weights.ask_all(inputs).softmax(dim=-1)
        own = self.values.ask_all(inputs)
        others = own.detach()[self._senders].permute(0, 2, 1, 3)
        return _weigh(weights, own, others)


def _weigh(weights: torch.Tensor, own: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Return the mixture [rows, B, out] of own [rows, B, out] and others [rows, B, T - 1, out]."""
    return weights[..., :1] * own + (weights[..., 1:, None] * others).sum(dim=-2)

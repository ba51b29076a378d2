"""A batch of transitions of every task."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import torch


@dataclasses.dataclass(frozen=True, kw_only=True)
class TransitionBatch:
    """A batch of every task.

    Attributes:
        observations: Shape [T, B, O].
        actions: Shape [T, B, A].
        next_observations: Shape [T, B, O].
        rewards: Shape [T, B], as the environment or a relabelling gave them.
        terminated: Shape [T, B], 1 where the task ended there; a time limit is 0.
        weights: Shape [T, B], how much each transition counts in a mean; None: all the same.
    """

    observations: torch.Tensor
    actions: torch.Tensor
    next_observations: torch.Tensor
    rewards: torch.Tensor
    terminated: torch.Tensor
    weights: torch.Tensor | None = None

    def deal(self, n_parts: int) -> list[slice]:
        """Return the columns of the batch axis that each of ``n_parts`` (at most B) parts has.

        Transition c goes to part c modulo ``n_parts``, as cards are dealt: where other tasks'
        transitions follow the own ones, every part has its share of both, the own ones first. What
        is left over is out.
        """
        n_dealt = self.rewards.shape[1] // n_parts * n_parts
        return [slice(part, n_dealt, n_parts) for part in range(n_parts)]

    def split(self, n_parts: int) -> list[TransitionBatch]:
        """Return the equal parts that :meth:`deal` names."""
        if n_parts == 1:
            return [self]
        return [self._part(columns) for columns in self.deal(n_parts)]

    def first(self, n: int) -> TransitionBatch:
        """Return the first ``n`` transitions of the batch axis."""
        return self._part(slice(n))

    def weighted(self, weights: torch.Tensor) -> TransitionBatch:
        """Return the batch with these weights [T, B]."""
        return dataclasses.replace(self, weights=weights)

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Return the mean over the batch axis of values [..., T, B], by the weights if any."""
        if self.weights is None:
            return values.mean(dim=-1)
        return (values * self.weights).sum(dim=-1) / self.weights.sum(dim=-1)

    def _part(self, columns: slice) -> TransitionBatch:
        return self._each(lambda tensor: tensor[:, columns])

    def _each(self, change: Callable[[torch.Tensor], torch.Tensor]) -> TransitionBatch:
        # Not `dataclasses.asdict`, which would copy every tensor.
        tensors = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        changed = {name: change(each) for name, each in tensors.items() if each is not None}
        return TransitionBatch(**changed)

"""Where each number of a transition stands in its row."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch


@dataclasses.dataclass(frozen=True, kw_only=True)
class TransitionBatch:
    """A batch of every task.

    Attributes:
        observations: Shape [T, B, O].
        actions: Shape [T, B, A].
        next_observations: Shape [T, B, O].
        rewards: Shape [T, B], as the environment gave them.
        terminated: Shape [T, B], 1 where the task ended there; a time limit is 0.
        weights: Shape [T, B], how much each transition counts in a mean; None: all the same.
    """

    observations: torch.Tensor
    actions: torch.Tensor
    next_observations: torch.Tensor
    rewards: torch.Tensor
    terminated: torch.Tensor
    weights: torch.Tensor | None = None

    def to(self, device: torch.device) -> TransitionBatch:
        """Return the batch on ``device``; itself if it is there."""
        if self.rewards.device == device:
            return self
        return self._each(lambda tensor: tensor.to(device, non_blocking=True))

    def split(self, n_parts: int) -> list[TransitionBatch]:
        """Deal the batch axis out to ``n_parts`` (at most B) equal parts; what is left over is out.

        Transition c goes to part c modulo ``n_parts``, as cards are dealt: where other tasks'
        transitions follow the own ones, every part has its share of both, the own ones first.
        """
        if n_parts == 1:
            return [self]
        n_dealt = self.rewards.shape[1] // n_parts * n_parts
        return [self._part(slice(part, n_dealt, n_parts)) for part in range(n_parts)]

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
        tensors = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        changed = {name: change(each) for name, each in tensors.items() if each is not None}
        return TransitionBatch(**changed)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TransitionLayout:
    """A row is [observation, action, next observation, reward, terminated, all tasks' rewards].

    Attributes:
        observation_size: O.
        action_size: A.
        n_relabelled: Rewards of all tasks at the row's end: T where they are stored, else 0.
    """

    observation_size: int
    action_size: int
    n_relabelled: int = 0

    @property
    def size(self) -> int:
        """Numbers in a row."""
        return 2 * self.observation_size + self.action_size + 2 + self.n_relabelled

    def pack(
        self,
        path: dict[str, npt.NDArray[Any]],
        rewards_of_all_tasks: npt.NDArray[np.float32] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Return rows [n, size].

        Args:
            path: garage's keys; one-hot tails of observations are cut off.
            rewards_of_all_tasks: What every task would have paid [n, T], where it is stored.
        """
        size = self.observation_size
        columns = [
            path["observation"][:, :size],
            path["action"],
            path["next_observation"][:, :size],
            path["reward"],
            path["terminal"],
        ]
        if rewards_of_all_tasks is not None:
            columns.append(rewards_of_all_tasks)
        return np.concatenate(columns, axis=1, dtype=np.float32)

    def unpack(self, rows: torch.Tensor, *, relabel: bool = False) -> TransitionBatch:
        """Return views of rows [T, B, size].

        Args:
            rows: The rows.
            relabel: Whether rewards are what task i would have paid, for all of rows[i]; else what
                was paid.
        """
        size = self.observation_size
        observations, actions, next_observations, reward, terminated, rewards_of_all_tasks = (
            torch.split(rows, [size, self.action_size, size, 1, 1, self.n_relabelled], dim=-1)
        )
        # The diagonal of task by reward's task comes out as [B, T].
        relabelled = rewards_of_all_tasks.diagonal(dim1=0, dim2=2).T if relabel else None
        return TransitionBatch(
            observations=observations,
            actions=actions,
            next_observations=next_observations,
            rewards=reward.squeeze(-1) if relabelled is None else relabelled,
            terminated=terminated.squeeze(-1),
        )

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
        """Cut the batch axis into ``n_parts`` (at most B) equal parts; what is left over is out."""
        if n_parts == 1:
            return [self]
        size = self.rewards.shape[1] // n_parts
        return [self._part(part * size, (part + 1) * size) for part in range(n_parts)]

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Return the mean over the batch axis of values [..., T, B], by the weights if any."""
        if self.weights is None:
            return values.mean(dim=-1)
        return (values * self.weights).sum(dim=-1) / self.weights.sum(dim=-1)

    def _part(self, start: int, stop: int) -> TransitionBatch:
        return self._each(lambda tensor: tensor[:, start:stop])

    def _each(self, change: Callable[[torch.Tensor], torch.Tensor]) -> TransitionBatch:
        tensors = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        changed = {name: change(each) for name, each in tensors.items() if each is not None}
        return TransitionBatch(**changed)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TransitionLayout:
    """A row is [observation, action, next observation, reward, terminated].

    Attributes:
        observation_size: O.
        action_size: A.
    """

    observation_size: int
    action_size: int

    @property
    def size(self) -> int:
        """Numbers in a row."""
        return 2 * self.observation_size + self.action_size + 2

    def pack(self, path: dict[str, npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
        """Return rows [n, size] from a path with garage's keys; one-hot tails are cut off."""
        size = self.observation_size
        columns = (
            path["observation"][:, :size],
            path["action"],
            path["next_observation"][:, :size],
            path["reward"],
            path["terminal"],
        )
        return np.concatenate(columns, axis=1, dtype=np.float32)

    def unpack(self, rows: torch.Tensor) -> TransitionBatch:
        """Return views of rows [T, B, size]."""
        observations, actions, next_observations, rest = torch.split(
            rows, [self.observation_size, self.action_size, self.observation_size, 2], dim=-1
        )
        return TransitionBatch(
            observations=observations,
            actions=actions,
            next_observations=next_observations,
            rewards=rest[..., 0],
            terminated=rest[..., 1],
        )

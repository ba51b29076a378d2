"""Where each number of a transition stands in its row."""

from __future__ import annotations

import dataclasses

import torch

from learning.replay.transition_batch import TransitionBatch


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

    @property
    def observation(self) -> slice:
        """Columns of the observation."""
        return slice(0, self.observation_size)

    @property
    def action(self) -> slice:
        """Columns of the action."""
        return slice(self.observation_size, self.observation_size + self.action_size)

    @property
    def next_observation(self) -> slice:
        """Columns of the next observation."""
        return slice(self.action.stop, self.action.stop + self.observation_size)

    @property
    def reward(self) -> int:
        """Column of the reward."""
        return 2 * self.observation_size + self.action_size

    @property
    def terminated(self) -> int:
        """Column of whether the task ended."""
        return self.reward + 1

    @property
    def rewards_of_all_tasks(self) -> slice:
        """Columns of the rewards by every task's rule; none where they are not stored."""
        return slice(self.terminated + 1, self.size)

    def unpack(self, rows: torch.Tensor, *, relabel: bool = False) -> TransitionBatch:
        """Return views of rows [T, B, size].

        Args:
            rows: The rows.
            relabel: Whether rewards are by task i's rule, for all of rows[i]; else those of the
                task that a transition is of.
        """
        rewards = rows[..., self.reward]
        if relabel:
            # The diagonal of task by reward's task comes out as [B, T].
            rewards = rows[..., self.rewards_of_all_tasks].diagonal(dim1=0, dim2=2).T
        return TransitionBatch(
            observations=rows[..., self.observation],
            actions=rows[..., self.action],
            next_observations=rows[..., self.next_observation],
            rewards=rewards,
            terminated=rows[..., self.terminated],
        )

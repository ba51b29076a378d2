"""Networks and optimizers that begin anew at equal distances, while the replay buffer stays.

Of ARS (ICML 2025), after Nikishin et al. (ICML 2022, arXiv 2205.07802): many updates on little data
leave networks that learn no more. With N resets a run of E epochs is cut into N + 1 parts, and
before each but the first

    policies, critics <- drawn anew,    targets <- critics,    the optimizers' moments <- 0

Ours: the temperatures go back to their start too, since they belong to the policies of before. What
acts goes on with the new policies at once; who acts, objectives and encoders of a mixture keep what
they remember.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from learning.architectures.architecture import Architecture

if TYPE_CHECKING:
    from learning.algorithms.multi_task_sac import MultiTaskSAC

Fresh = Callable[[int], tuple[Architecture, Architecture]]
"""From the number of a reset, from 1, to networks of policies and critics with new weights."""


class NetworkResets:
    """When and with what the networks begin anew.

    Args:
        fresh: Makes the new networks, from the run's seed and the number alone: so that nothing of
            it need be in a snapshot.
        n_resets: N, below E.
        n_epochs: E.
        initial_alpha: The temperatures at the start.
    """

    def __init__(self, fresh: Fresh, *, n_resets: int, n_epochs: int, initial_alpha: float) -> None:
        self._fresh = fresh
        numbers = range(1, n_resets + 1)
        self._numbers = {number * n_epochs // (n_resets + 1): number for number in numbers}
        self._initial_log_alpha = math.log(initial_alpha)

    @property
    def epochs(self) -> list[int]:
        """Before which epochs, counted from 0, the networks begin anew."""
        return list(self._numbers)

    @torch.no_grad()
    def begin_epoch(self, epoch: int, algorithm: MultiTaskSAC) -> None:
        """Set the networks anew where an epoch begins with that, unless they are new still."""
        if epoch not in self._numbers or algorithm.n_updates == 0:
            return
        policies, critics = self._fresh(self._numbers[epoch])
        # In place: optimizers, mixture and sampler hold these very parameters.
        algorithm.policy.architecture.load_state_dict(policies.state_dict())
        for ours in (algorithm.critics, algorithm.target_critics):
            ours.architecture.load_state_dict(critics.state_dict())
        algorithm.policy.architecture.take_over(algorithm.critics.architecture)
        algorithm.log_alpha.fill_(self._initial_log_alpha)
        for optimizer in algorithm.optimizers.values():
            optimizer.state.clear()
        algorithm.return_scale.renew(algorithm.replay_buffer)

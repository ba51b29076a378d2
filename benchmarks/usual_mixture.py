"""The Q-switch as it is usually written: one policy after another, one observation at a time."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from learning.garage_bridge.garage_compat import ContinuousMLPQFunction, TanhGaussianMLPPolicy


class UsualMixture:
    """Agent for garage's ``DefaultWorker``: acts with the policy whose mean action Q1 likes best.

    Observations end in the task's one-hot, [O + T]; the networks see the O numbers before it.

    Attributes:
        seconds: Time spent choosing actions so far.
    """

    def __init__(
        self,
        policies: Sequence[TanhGaussianMLPPolicy],
        critics: Sequence[ContinuousMLPQFunction],
        *,
        mixture: bool,
    ) -> None:
        """Keep the networks, which go on learning elsewhere.

        Args:
            policies: Policies, one a task.
            critics: First critics, Q1, one a task.
            mixture: Whether all policies are asked, or only the task's own.
        """
        self._policies = policies
        self._critics = critics
        self._mixture = mixture
        self.seconds = 0.0

    def reset(self, do_resets: Sequence[bool] | None = None) -> None:
        """Do nothing: there is nothing to forget."""

    def get_action(
        self, observation: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Choose an action.

        Args:
            observation: Observation with one-hot, [O + T].

        Returns:
            Sample of the chosen policy, [A], and its `mean`, [A], its `log_std`, [A], and its index
            `acting_policy`.
        """
        before = time.perf_counter()
        n_tasks = len(self._policies)
        task = int(observation[-n_tasks:].argmax())
        own_observation = torch.from_numpy(observation[None, :-n_tasks])
        asked = range(n_tasks) if self._mixture else (task,)
        best = 0
        with torch.no_grad():
            candidates = [self._policies[index](own_observation) for index in asked]
            if self._mixture:
                critic = self._critics[task]
                best = int(np.argmax([critic(own_observation, i["mean"]) for _, i in candidates]))
            distribution, info = candidates[best]
            action = distribution.sample()[0].numpy()
        self.seconds += time.perf_counter() - before
        infos = {name: value[0].numpy() for name, value in info.items()}
        return action, {**infos, "acting_policy": asked[best]}

"""Mixtures that choose who acts anew every few steps: the Q-switch and the fixed mixtures.

Whichever rule chooses j, this class holds a choice for some steps, acts for the chosen policies,
and reports whom it chose. A rule is a subclass with one method, :meth:`SwitchingMixture.choose`.
"""

from __future__ import annotations

import abc
from typing import ClassVar

import numpy as np
import torch

from learning.garage_bridge.garage_compat import EpisodeBatch
from learning.options import OptionGroup
from learning.policies.mixture_policy import MixtureParts, MixturePolicy, Proposals
from learning.policies.switching_options import SwitchingOptions
from learning.policies.task_rows import TaskRows


class SwitchingMixture(MixturePolicy, abc.ABC):
    """Acts with a chosen policy until it is time for the next choice.

    Args:
        parts: What it is built from.
        options: Its own `Options`.
    """

    Options: ClassVar[type[OptionGroup]] = SwitchingOptions
    options: SwitchingOptions

    def __init__(self, parts: MixtureParts, options: SwitchingOptions) -> None:
        memory = {name: np.zeros(0, dtype=np.int64) for name in ("held", "steps")}
        super().__init__(parts, options, memory=memory)
        self.acting_values["iteration"] = np.zeros((), dtype=np.int64)

    @property
    def iteration(self) -> int:
        """Collections so far."""
        return int(self.acting_values["iteration"])

    @abc.abstractmethod
    def choose(self, proposals: Proposals) -> torch.Tensor:
        """Return whose policy acts, int64 [T, B], each in 0 to T - 1."""

    def observe(self, episodes: EpisodeBatch) -> None:
        """Count the iteration; see :meth:`TaskBatchedPolicy.observe`."""
        super().observe(episodes)
        self.acting_values["iteration"] += 1

    def mix(
        self, rows: TaskRows, proposals: Proposals
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Act for whom is held, or for whom is chosen anew where the time is up."""
        acting = self._hold(rows, proposals)
        actions, means = proposals.of(acting)
        return actions, {"mean": means, "acting_policy": acting}

    def _hold(self, rows: TaskRows, proposals: Proposals) -> torch.Tensor:
        """Return whose policy acts [T, B]: held, or chosen anew where the time is up."""
        memory = self._memory_of(len(rows.tasks))
        anew = memory["steps"] % self.options.policy_sampling_freq == 0
        if anew.any():
            chosen = rows.to_rows(self._choose_with_floor(proposals))
            # A new array: the infos of the last step may be a view of the old one.
            memory["held"] = np.where(anew, chosen, memory["held"])
        memory["steps"] += 1
        return torch.from_numpy(rows.to_batch(memory["held"])).to(self.device)

    def _choose_with_floor(self, proposals: Proposals) -> torch.Tensor:
        shape = proposals.observations.shape[:2]
        own = self._own(shape[1]).to(self.device)
        if self.iteration < self.options.mixture_warmup_itrs:
            return own
        chosen = self.choose(proposals)
        if self.options.own_policy_floor > 0.0:
            spared = torch.from_numpy(self.random.random(shape) < self.options.own_policy_floor)
            chosen = torch.where(spared.to(self.device), own, chosen)
        return chosen

"""Mixtures that choose who acts anew every few steps: the Q-switch and the fixed mixtures.

Whichever rule chooses j, this class holds a choice for some steps, acts for the chosen policies,
and reports whom it chose. A rule is a subclass with one method, :meth:`SwitchingMixture._choose`.
"""

from __future__ import annotations

import abc
from typing import NotRequired, TypedDict, Unpack

import numpy as np
import torch

from learning.garage_bridge.garage_compat import EnvSpec, EpisodeBatch
from learning.policies.mixture_policy import MixturePolicy, Proposals
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.policies.task_rows import TaskRows
from learning.snapshots.state import State


class MixtureArguments(TypedDict):
    """What every switching mixture takes.

    Attributes:
        policies: The tasks' own policies.
        random: The stream that acting draws from.
        sampling_freq: Steps for which a choice is held, counted from the episode's start
            (``policy_sampling_freq``, H).
        own_policy_floor: Probability, at each choice, that the task's own policy acts without
            being compared (QMP's "min task prob").
        warmup_itrs: Iterations of collection in which only the own policies act.
    """

    policies: TanhGaussianPolicies
    random: np.random.Generator
    sampling_freq: NotRequired[int]
    own_policy_floor: NotRequired[float]
    warmup_itrs: NotRequired[int]


class SwitchingMixture(MixturePolicy, abc.ABC):
    """Acts with a chosen policy until it is time for the next choice.

    Args:
        env_spec: garage's description of observations (with one-hot) and actions.
        name: garage's name of the policy.
        **arguments: See :class:`MixtureArguments`.
    """

    iteration: torch.Tensor

    def __init__(self, env_spec: EnvSpec, name: str, **arguments: Unpack[MixtureArguments]) -> None:
        super().__init__(
            env_spec,
            name,
            policies=arguments["policies"],
            random=arguments["random"],
            memory={"held": np.zeros(0, dtype=np.int64), "steps": np.zeros(0, dtype=np.int64)},
        )
        self.register_buffer("iteration", torch.zeros((), dtype=torch.int64))
        self._sampling_freq = arguments.get("sampling_freq", 1)
        self._own_policy_floor = arguments.get("own_policy_floor", 0.0)
        self._warmup_itrs = arguments.get("warmup_itrs", 0)

    @abc.abstractmethod
    def _choose(self, proposals: Proposals) -> torch.Tensor:
        """Return whose policy acts, int64 [T, B]."""

    def observe(self, episodes: EpisodeBatch) -> None:
        """Count the iteration; see :meth:`TaskBatchedPolicy.observe`."""
        super().observe(episodes)
        self.iteration += 1

    def get_acting_state(self) -> State:
        """Return where acting stands: its stream, the iteration, and what is held."""
        state = super().get_acting_state()
        state.values["iteration"] = int(self.iteration)
        return state

    def set_acting_state(self, state: State) -> None:
        """Go on from what :meth:`get_acting_state` returned."""
        super().set_acting_state(state)
        self.iteration.fill_(state.value("iteration"))

    def _mix(
        self, rows: TaskRows, proposals: Proposals
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        acting = self._hold(rows, proposals)
        actions, mean, log_std = proposals.of(acting)
        return actions, {"mean": mean, "log_std": log_std, "acting_policy": acting}

    def _hold(self, rows: TaskRows, proposals: Proposals) -> torch.Tensor:
        """Return whose policy acts [T, B]: held, or chosen anew where the time is up."""
        memory = self._memory_of(len(rows.tasks))
        anew = memory["steps"] % self._sampling_freq == 0
        if anew.any():
            chosen = rows.to_rows(self._choose_with_floor(proposals))
            memory["held"] = np.where(anew, chosen, memory["held"])
        memory["steps"] += 1
        return torch.from_numpy(rows.to_batch(memory["held"])).to(self.device)

    def _choose_with_floor(self, proposals: Proposals) -> torch.Tensor:
        shape = proposals.observations.shape[:2]
        own = torch.arange(self.n_tasks, device=self.device).unsqueeze(1).expand(shape)
        if int(self.iteration) < self._warmup_itrs:
            return own
        chosen = self._choose(proposals)
        if self._own_policy_floor > 0.0:
            spared = torch.from_numpy(self.random.random(shape) < self._own_policy_floor)
            chosen = torch.where(spared.to(self.device), own, chosen)
        return chosen

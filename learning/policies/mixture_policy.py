"""Mixture policies: while data is gathered for task i, the policy of some task j acts.

Whichever rule chooses j, this class asks all policies for all tasks in one pass, holds a choice
for some steps, acts for the chosen ones, and reports whom it chose. A rule is a subclass with one
method, :meth:`MixturePolicy._choose`.

The proposals are [P, T, B, A]: entry [j, i] is policy j's at task i's observations (P = T).
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import functools
from collections.abc import Iterator
from typing import Any, NotRequired, TypedDict, Unpack

import numpy as np
import torch

from learning.garage_compat import EnvSpec, EpisodeBatch
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.policies.task_batched_policy import TaskBatchedPolicy
from learning.policies.task_rows import TaskRows
from learning.snapshots.state import State


@dataclasses.dataclass(frozen=True, kw_only=True)
class Proposals:
    """What every policy proposes for every task.

    Attributes:
        observations: Shape [T, B, O].
        means: Mean actions after the tanh, shape [P, T, B, A].
        samples: Sampled actions, shape [P, T, B, A].
        log_stds: Log standard deviations before the tanh, shape [P, T, B, A].
    """

    observations: torch.Tensor
    means: torch.Tensor
    samples: torch.Tensor
    log_stds: torch.Tensor


class MixtureArguments(TypedDict):
    """What every mixture takes.

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


class MixturePolicy(TaskBatchedPolicy, abc.ABC):
    """The policy that gathers data; its state dict holds all that it needs to act.

    Args:
        env_spec: garage's description of observations (with one-hot) and actions.
        name: garage's name of the policy.
        **arguments: See :class:`MixtureArguments`.
    """

    iteration: torch.Tensor

    def __init__(self, env_spec: EnvSpec, name: str, **arguments: Unpack[MixtureArguments]) -> None:
        policies = arguments["policies"]
        super().__init__(env_spec, name, n_tasks=policies.n_tasks, random=arguments["random"])
        self.policies = policies
        self.register_buffer("iteration", torch.zeros((), dtype=torch.int64))
        self._sampling_freq = arguments.get("sampling_freq", 1)
        self._own_policy_floor = arguments.get("own_policy_floor", 0.0)
        self._warmup_itrs = arguments.get("warmup_itrs", 0)
        self._held = np.zeros(0, dtype=np.int64)
        self._steps = np.zeros(0, dtype=np.int64)

    @abc.abstractmethod
    def _choose(self, proposals: Proposals) -> torch.Tensor:
        """Return whose policy acts, int64 [T, B]."""

    def observe(self, episodes: EpisodeBatch) -> None:
        """Count the iteration; see :meth:`TaskBatchedPolicy.observe`."""
        super().observe(episodes)
        self.iteration += 1

    def reset(self, do_resets: Any = None) -> None:
        """Forget what is held in the rows that ``do_resets`` [N] marks, or in all rows."""
        if do_resets is None:
            self._held = self._held[:0]
            self._steps = self._steps[:0]
        else:
            marked = np.asarray(do_resets, dtype=bool)
            if len(marked) == len(self._steps):
                self._steps[marked] = 0

    @contextlib.contextmanager
    def acting_apart(self, random: np.random.Generator) -> Iterator[None]:
        """Act with a stream and held choices of its own inside, as evaluation does."""
        kept = self._held, self._steps
        self.reset()
        try:
            with super().acting_apart(random):
                yield
        finally:
            self._held, self._steps = kept

    def get_acting_state(self) -> State:
        """Return where acting stands: its stream, the iteration, and what is held."""
        state = super().get_acting_state()
        state.arrays.update(held=self._held.copy(), steps=self._steps.copy())
        state.values["iteration"] = int(self.iteration)
        return state

    def set_acting_state(self, state: State) -> None:
        """Go on from what :meth:`get_acting_state` returned."""
        super().set_acting_state(state)
        self._held, self._steps = state.arrays["held"].copy(), state.arrays["steps"].copy()
        self.iteration.fill_(state.value("iteration"))

    @functools.cached_property
    def _multiply_adds_per_row(self) -> int:
        """All networks are asked about each observation."""
        return sum(parameter.numel() for parameter in self.parameters())

    def _act(self, rows: TaskRows) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        observations = rows.observations(self.device)
        means, log_stds = self.policies.propose(observations)
        noise = self._noise(means.shape)
        proposals = Proposals(
            observations=observations,
            means=torch.tanh(means),
            samples=torch.tanh(means + log_stds.exp() * noise),
            log_stds=log_stds,
        )
        acting = self._hold(rows, proposals)
        index = acting[None, :, :, None].expand(1, -1, -1, means.shape[-1])
        actions, mean, log_std = (
            values.gather(0, index).squeeze(0)
            for values in (proposals.samples, proposals.means, proposals.log_stds)
        )
        return actions, {"mean": mean, "log_std": log_std, "acting_policy": acting}

    def _hold(self, rows: TaskRows, proposals: Proposals) -> torch.Tensor:
        """Return whose policy acts [T, B]: held, or chosen anew where the time is up."""
        if len(self._steps) != len(rows.tasks):
            self._held = np.zeros(len(rows.tasks), dtype=np.int64)
            self._steps = np.zeros(len(rows.tasks), dtype=np.int64)
        anew = self._steps % self._sampling_freq == 0
        if anew.any():
            chosen = rows.to_rows(self._choose_with_floor(proposals))
            self._held = np.where(anew, chosen, self._held)
        self._steps += 1
        return torch.from_numpy(rows.to_batch(self._held)).to(self.device)

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

"""Mixture policies: while data is gathered for task i, the policy of some task j acts.

This class asks all policies for all tasks in one pass and keeps what a rule remembers of each row
from one step to the next. A rule is a subclass with one method, :meth:`MixturePolicy._mix`; one
that chooses a policy every few steps is a subclass of
:class:`~learning.policies.switching_mixture.SwitchingMixture`.

The proposals are [P, T, B, A]: entry [j, i] is policy j's at task i's observations (P = T).
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from learning.garage_bridge.garage_compat import EnvSpec
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.policies.task_batched_policy import Array, TaskBatchedPolicy
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

    def of(self, acting: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return samples, means and log standard deviations [T, B, A] of some policies.

        Args:
            acting: Whose, int64 [T, B].
        """
        index = acting[None, :, :, None].expand(1, -1, -1, self.means.shape[-1])
        samples, means, log_stds = (
            values.gather(0, index).squeeze(0)
            for values in (self.samples, self.means, self.log_stds)
        )
        return samples, means, log_stds


class MixturePolicy(TaskBatchedPolicy, abc.ABC):
    """The policy that gathers data; its state dict holds all that it needs to act.

    Args:
        env_spec: garage's description of observations (with one-hot) and actions.
        name: garage's name of the policy.
        policies: The tasks' own policies.
        random: The stream that acting draws from.
        memory: What is remembered of a row: name -> an empty array [0, ...] of its kind. A row's
            entries are zero when its episode begins.
    """

    def __init__(
        self,
        env_spec: EnvSpec,
        name: str,
        *,
        policies: TanhGaussianPolicies,
        random: np.random.Generator,
        memory: dict[str, Array],
    ) -> None:
        super().__init__(env_spec, name, n_tasks=policies.n_tasks, random=random)
        self.policies = policies
        self._memory = memory

    @abc.abstractmethod
    def _mix(
        self, rows: TaskRows, proposals: Proposals
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return actions [T, B, A] and infos [T, B, ...], given what all policies propose."""

    def reset(self, do_resets: Any = None) -> None:
        """Forget what is remembered of the rows that ``do_resets`` [N] marks, or of all rows."""
        if do_resets is None:
            self._memory = _of_rows(self._memory, 0)
            return
        marked = np.asarray(do_resets, dtype=bool)
        if len(marked) == len(next(iter(self._memory.values()))):
            self._memory = {name: _forgotten(of, marked) for name, of in self._memory.items()}

    @contextlib.contextmanager
    def acting_apart(self, random: np.random.Generator) -> Iterator[None]:
        """Act with a stream and a memory of its own inside, as evaluation does."""
        kept = self._memory
        self.reset()
        try:
            with super().acting_apart(random):
                yield
        finally:
            self._memory = kept

    def get_acting_state(self) -> State:
        """Return where acting stands: its stream, and what is remembered."""
        state = super().get_acting_state()
        state.arrays.update({name: array.copy() for name, array in self._memory.items()})
        return state

    def set_acting_state(self, state: State) -> None:
        """Go on from what :meth:`get_acting_state` returned."""
        super().set_acting_state(state)
        self._memory = {name: state.arrays[name].copy() for name in self._memory}

    def _memory_of(self, n_rows: int) -> dict[str, Array]:
        """Return what is remembered of N rows; nothing, where there were not as many before."""
        if len(next(iter(self._memory.values()))) != n_rows:
            self._memory = _of_rows(self._memory, n_rows)
        return self._memory

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
        return self._mix(rows, proposals)


def _of_rows(memory: dict[str, Array], n_rows: int) -> dict[str, Array]:
    return {name: np.zeros((n_rows, *of.shape[1:]), of.dtype) for name, of in memory.items()}


def _forgotten(array: Array, marked: Array) -> Array:
    # A copy: who recorded the last step may still hold this array.
    kept = array.copy()
    kept[marked] = 0
    return kept

"""Mixture policies: while data is gathered for task i, the policy of some task j acts.

This class asks all policies for all tasks in one pass and keeps what a rule remembers of each row
from one step to the next. A rule is a subclass with one method, :meth:`MixturePolicy.mix`; one
that chooses a policy every few steps is a subclass of
:class:`~learning.policies.switching_mixture.SwitchingMixture`.

The proposals are [P, T, B, A]: entry [j, i] is policy j's at task i's observations (P = T).
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import torch

from environments import TaskSet
from learning.garage_bridge.garage_compat import EnvSpec
from learning.options import OptionGroup
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.policies.task_batched_policy import Array, TaskBatchedPolicy
from learning.policies.task_rows import TaskRows
from learning.q_functions.twin_critics import TwinCritics
from learning.snapshots.state import State


@dataclasses.dataclass(frozen=True, kw_only=True)
class Proposals:
    """What every policy proposes for every task.

    Attributes:
        observations: Shape [T, B, O].
        means: Mean actions after the tanh, shape [P, T, B, A].
        samples: Sampled actions, shape [P, T, B, A].
    """

    observations: torch.Tensor
    means: torch.Tensor
    samples: torch.Tensor

    def of(self, acting: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return samples and means [T, B, A] of some policies.

        Args:
            acting: Whose, int64 [T, B].
        """
        index = acting[None, :, :, None].expand(1, -1, -1, self.means.shape[-1])
        return self.samples.gather(0, index)[0], self.means.gather(0, index)[0]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class MixtureParts:
    """What every mixture is built from, beside its options.

    Attributes:
        env_spec: garage's description of observations (with one-hot) and actions.
        task_set: What knows the tasks.
        policies: The tasks' own policies.
        critics: The tasks' critics.
        random: The stream that acting draws from.
        uniform_steps: See :class:`TaskBatchedPolicy`.
    """

    env_spec: EnvSpec
    task_set: TaskSet
    policies: TanhGaussianPolicies
    critics: TwinCritics
    random: np.random.Generator
    uniform_steps: int = 0


class MixturePolicy(TaskBatchedPolicy, abc.ABC):
    """The policy that gathers data; its parameters hold all that it needs to act.

    Args:
        parts: What it is built from.
        options: Its own `Options`.
        memory: What is remembered of a row: name -> an empty array [0, ...] of its kind. A row's
            entries are zero when its episode begins.
    """

    Options: ClassVar[type[OptionGroup]] = OptionGroup
    """The options that the mixture reads."""

    options: OptionGroup

    def __init__(
        self,
        parts: MixtureParts,
        options: OptionGroup,
        *,
        memory: Mapping[str, Array] | None = None,
    ) -> None:
        super().__init__(
            parts.env_spec,
            n_tasks=parts.policies.n_tasks,
            random=parts.random,
            uniform_steps=parts.uniform_steps,
        )
        self.options = options
        self.policies = parts.policies
        self._memory = dict(memory or {})
        self._n_remembered = 0

    @classmethod
    def needs_several_policies(cls, options: OptionGroup) -> bool:
        """Tell whether there must be policies to choose among; see :class:`LevyMixture`."""
        del options
        return True

    @abc.abstractmethod
    def mix(
        self, rows: TaskRows, proposals: Proposals
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return actions [T, B, A] and infos [T, B, ...], given what all policies propose.

        Args:
            rows: Which row of the batch is whose; `len(rows.tasks)` rows are to act.
            proposals: What every policy proposes for every task.

        Returns:
            The actions, and infos with ``mean`` [T, B, A], the actions of deterministic evaluation,
            and ``acting_policy`` [T, B], whose they are.
        """

    def reset(self, do_resets: Any = None) -> None:
        """Forget what is remembered of the rows that ``do_resets`` [N] marks, or of all rows."""
        if do_resets is None:
            self._remember_rows(0)
            return
        marked = np.asarray(do_resets, dtype=bool)
        if len(marked) == self._n_remembered:
            self._memory = {name: _forgotten(of, marked) for name, of in self._memory.items()}

    @contextlib.contextmanager
    def acting_apart(self, random: np.random.Generator) -> Iterator[None]:
        """Act with a stream and a memory of its own inside, as evaluation does."""
        # No copy: `reset` makes new arrays and leaves these as they are.
        kept = self._memory, self._n_remembered
        self.reset()
        try:
            with super().acting_apart(random):
                yield
        finally:
            self._memory, self._n_remembered = kept

    def get_acting_state(self) -> State:
        """Return where acting stands: its stream, what it goes by, and what is remembered."""
        state = super().get_acting_state()
        state.arrays.update({name: array.copy() for name, array in self._memory.items()})
        return state

    def set_acting_state(self, state: State) -> None:
        """Go on from what :meth:`get_acting_state` returned."""
        super().set_acting_state(state)
        self._memory = {name: state.array(name).copy() for name in self._memory}
        self._n_remembered = max((len(array) for array in self._memory.values()), default=0)

    def _memory_of(self, n_rows: int) -> dict[str, Array]:
        """Return what is remembered of N rows; nothing, where there were not as many before."""
        if self._n_remembered != n_rows:
            self._remember_rows(n_rows)
        return self._memory

    def _remember_rows(self, n_rows: int) -> None:
        self._n_remembered = n_rows
        self._memory = {
            name: np.zeros((n_rows, *of.shape[1:]), of.dtype) for name, of in self._memory.items()
        }

    @functools.cached_property
    def _multiply_adds_per_row(self) -> int:
        """All networks are asked about each observation."""
        return sum(parameter.numel() for parameter in self.parameters())

    def _act(self, rows: TaskRows) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        observations = rows.observations(self.device)
        means, log_stds = self.policies.propose(observations)
        # For every proposal, acted on or not: the stream goes on alike, whoever is chosen.
        noise = self._noise(means.shape)
        proposals = Proposals(
            observations=observations,
            means=torch.tanh(means),
            samples=torch.tanh(means + log_stds.exp() * noise),
        )
        return self.mix(rows, proposals)


def _forgotten(array: Array, marked: Array) -> Array:
    # A copy: who recorded the last step may still hold this array.
    kept = array.copy()
    kept[marked] = 0
    return kept

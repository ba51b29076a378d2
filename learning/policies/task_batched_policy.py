"""A garage policy for all tasks: garage's interface outside, one batch a task inside."""

from __future__ import annotations

import abc
import contextlib
import functools
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch

from learning.garage_bridge.garage_compat import EnvSpec, EpisodeBatch, Policy
from learning.policies.acting_threads import threads_for
from learning.policies.task_rows import TaskRows
from learning.snapshots.state import State
from learning.streams import numpy_stream_state, set_numpy_stream_state

Array = npt.NDArray[Any]

_ACTING = "acting/"
"""Prefix by which a parameter dictionary tells what a policy goes by from its weights."""


class TaskBatchedPolicy(Policy, abc.ABC):
    """Acts for any rows of any tasks; the observations end in the task's one-hot.

    It works in every sampler of garage and in ``obtain_evaluation_episodes``. What it draws while
    acting comes from :attr:`random`, a stream of its own.

    Args:
        env_spec: garage's description of observations (with one-hot) and actions.
        n_tasks: Tasks T.
        random: The stream that acting draws from.
        uniform_steps: Steps a task at the start whose actions are uniformly random.

    Attributes:
        acting_values: The numbers, beside weights and stream, that the next action depends on:
            name -> array, changed in place, so that shallow copies share them.
    """

    recorded_infos: ClassVar[tuple[str, ...]] = ("acting_policy",)
    """The infos that something reads of what was gathered; our sampler records no others."""

    def __init__(
        self,
        env_spec: EnvSpec,
        *,
        n_tasks: int,
        random: np.random.Generator,
        uniform_steps: int = 0,
    ) -> None:
        super().__init__(env_spec, type(self).__name__)
        self.n_tasks = n_tasks
        self.random = random
        self.acting_values: dict[str, Array] = {"env_steps": np.zeros((), dtype=np.int64)}
        self._uniform_steps = uniform_steps
        self._first_parameter: tuple[dict[str, Any], str] | None = None
        self._evaluated = False

    @property
    def env_spec(self) -> EnvSpec:
        """What the policy was made for; garage's own property gives nothing."""
        return self._env_spec

    @property
    def acts_uniformly(self) -> bool:
        """Whether actions are uniformly random for now; evaluation never is."""
        if self._uniform_steps == 0 or self._evaluated:
            return False
        return int(self.acting_values["env_steps"]) // self.n_tasks < self._uniform_steps

    @property
    def device(self) -> torch.device:
        """Where the networks live."""
        # Where the first parameter stands is looked up once: walking through the modules is dearer
        # than all else that acting asks. The parameter itself may be another one after a move.
        if self._first_parameter is None:
            self._first_parameter = next(
                (module._parameters, name)
                for module in self.modules()
                for name, parameter in module._parameters.items()
                if parameter is not None
            )
        parameters, name = self._first_parameter
        device: torch.device = parameters[name].device
        return device

    def get_action(self, observation: Array) -> tuple[Array, dict[str, Array]]:
        """Act on one observation [O + T].

        Returns:
            Action [A] and infos, as in :meth:`get_actions` without the first axis.
        """
        actions, infos = self.get_actions(np.asarray(observation)[None])
        return actions[0], {key: value[0] for key, value in infos.items()}

    @torch.no_grad()
    def get_actions(self, observations: Any) -> tuple[Array, dict[str, Array]]:
        """Act on N observations [N, O + T].

        Returns:
            Actions [N, A] and infos: ``mean`` [N, A], the action of deterministic evaluation, and
            ``acting_policy`` [N], whose policy it was.
        """
        rows = TaskRows(np.asarray(observations), self.n_tasks)
        if self.acts_uniformly:
            actions, infos = self._act_uniformly(rows)
        else:
            with threads_for(len(rows.tasks) * self._multiply_adds_per_row):
                actions, infos = self._act(rows)
        return rows.to_rows(actions), {key: rows.to_rows(value) for key, value in infos.items()}

    @functools.cached_property
    def _multiply_adds_per_row(self) -> int:
        """About as many as weights are used for one observation: here, one network of T."""
        total: int = sum(parameter.numel() for parameter in self.parameters())
        return total // self.n_tasks

    @abc.abstractmethod
    def _act(self, rows: TaskRows) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return actions [T, B, A] and infos [T, B, ...] for a batch of every task."""

    def _act_uniformly(self, rows: TaskRows) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        shape = (self.n_tasks, rows.batch_size, self.env_spec.action_space.flat_dim)
        actions = torch.from_numpy(self.random.uniform(-1.0, 1.0, shape).astype(np.float32))
        return actions, {"mean": torch.zeros(shape), "acting_policy": self._own(rows.batch_size)}

    def _own(self, batch_size: int) -> torch.Tensor:
        """Return the tasks themselves, int64 [T, B]."""
        return torch.arange(self.n_tasks).unsqueeze(1).expand(-1, batch_size)

    def observe(self, episodes: EpisodeBatch) -> None:
        """Take note of what was just gathered, which may end in fragments."""
        self.acting_values["env_steps"] += episodes.lengths.sum()

    def read_statistics(self, task_names: tuple[str, ...]) -> dict[str, float]:
        """Return what acting has to say of itself since the last call, by column; nothing here."""
        del task_names
        return {}

    def reset(self, do_resets: Any = None) -> None:
        """Begin new episodes in the rows that ``do_resets`` [N] marks, or in all; nothing here."""

    def act_as_evaluated(self, random: np.random.Generator) -> None:
        """Act from this stream from now on and never uniformly, as evaluation does."""
        self.random, self._evaluated = random, True

    @contextlib.contextmanager
    def acting_apart(self, random: np.random.Generator) -> Iterator[None]:
        """Act from another stream inside, and leave no trace, as evaluation does."""
        kept = self.random, self._evaluated
        self.act_as_evaluated(random)
        try:
            yield
        finally:
            self.random, self._evaluated = kept

    def get_param_values(self) -> dict[str, Any]:
        """Return the weights and, under names of their own, the numbers that acting goes by.

        garage's trainer sends this to the sampler, which may act in another process.
        """
        # The arrays themselves: by that a sampler knows that they are its own (`agent_update`).
        numbers = {f"{_ACTING}{name}": value for name, value in self.acting_values.items()}
        return {**self.state_dict(), **numbers}

    def set_param_values(self, state_dict: Mapping[str, Any]) -> None:
        """Take what :meth:`get_param_values` of another copy returned."""
        weights = {key: each for key, each in state_dict.items() if not key.startswith(_ACTING)}
        self.load_state_dict(weights)
        for name, value in self.acting_values.items():
            value[...] = state_dict[f"{_ACTING}{name}"]

    def get_acting_state(self) -> State:
        """Return where acting stands, for a snapshot: its stream and what it goes by."""
        return State(
            arrays={name: value.copy() for name, value in self.acting_values.items()},
            values={"random": numpy_stream_state(self.random)},
        )

    def set_acting_state(self, state: State) -> None:
        """Go on from what :meth:`get_acting_state` returned.

        Raises:
            SnapshotError: The state is of another policy.
        """
        set_numpy_stream_state(self.random, state.value("random"))
        for name, value in self.acting_values.items():
            value[...] = state.array(name)

    def _noise(self, shape: tuple[int, ...]) -> torch.Tensor:
        noise = self.random.standard_normal(shape, dtype=np.float32)
        return torch.from_numpy(noise).to(self.device)

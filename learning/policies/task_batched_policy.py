"""A garage policy for all tasks: garage's interface outside, one batch a task inside."""

from __future__ import annotations

import abc
import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from learning.garage_bridge.garage_compat import EnvSpec, EpisodeBatch, Policy
from learning.policies.acting_threads import threads_for
from learning.policies.task_rows import TaskRows
from learning.snapshots.state import State
from learning.streams import numpy_stream_state, set_numpy_stream_state

Array = npt.NDArray[Any]


class TaskBatchedPolicy(Policy, abc.ABC):
    """Acts for any rows of any tasks; the observations end in the task's one-hot.

    It works in every sampler of garage and in ``obtain_evaluation_episodes``. What it draws while
    acting comes from :attr:`random`, a stream of its own.

    Args:
        env_spec: garage's description of observations (with one-hot) and actions.
        name: garage's name of the policy.
        n_tasks: Tasks T.
        random: The stream that acting draws from.

    Attributes:
        acts_uniformly: Whether actions are uniformly random for now; evaluation never is.
    """

    acts_uniformly: torch.Tensor

    def __init__(
        self, env_spec: EnvSpec, name: str, *, n_tasks: int, random: np.random.Generator
    ) -> None:
        super().__init__(env_spec, name)
        self.n_tasks = n_tasks
        self.random = random
        self.register_buffer("acts_uniformly", torch.zeros((), dtype=torch.bool))
        self._evaluated = False

    @property
    def env_spec(self) -> EnvSpec:
        """What the policy was made for; garage's own property gives nothing."""
        return self._env_spec

    @property
    def device(self) -> torch.device:
        """Where the networks live."""
        device: torch.device = next(self.parameters()).device
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
            Actions [N, A] and infos: ``mean`` [N, A], the action of deterministic evaluation,
            ``log_std`` [N, A], and ``acting_policy`` [N], whose policy it was.
        """
        rows = TaskRows(np.asarray(observations), self.n_tasks)
        if self.acts_uniformly and not self._evaluated:
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
        own = torch.arange(self.n_tasks).unsqueeze(1).expand(shape[:2])
        zeros = torch.zeros(shape)
        return actions, {"mean": zeros, "log_std": zeros, "acting_policy": own}

    def observe(self, episodes: EpisodeBatch) -> None:
        """Take note of what was just gathered, which may end in fragments; nothing here."""

    def read_statistics(self, task_names: tuple[str, ...]) -> dict[str, float]:
        """Return what acting has to say of itself since the last call, by column; nothing here."""
        del task_names
        return {}

    def reset(self, do_resets: Any = None) -> None:
        """Begin new episodes in the rows that ``do_resets`` [N] marks, or in all; nothing here."""

    @contextlib.contextmanager
    def acting_apart(self, random: np.random.Generator) -> Iterator[None]:
        """Act from another stream inside, and leave no trace, as evaluation does."""
        kept = self.random, self._evaluated
        self.random, self._evaluated = random, True
        try:
            yield
        finally:
            self.random, self._evaluated = kept

    def get_acting_state(self) -> State:
        """Return where acting stands: its stream."""
        values = {
            "random": numpy_stream_state(self.random),
            "acts_uniformly": bool(self.acts_uniformly),
        }
        return State(values=values)

    def set_acting_state(self, state: State) -> None:
        """Go on from what :meth:`get_acting_state` returned."""
        set_numpy_stream_state(self.random, state.value("random"))
        self.acts_uniformly.fill_(bool(state.value("acts_uniformly")))

    def _noise(self, shape: tuple[int, ...]) -> torch.Tensor:
        noise = self.random.standard_normal(shape, dtype=np.float32)
        return torch.from_numpy(noise).to(self.device)

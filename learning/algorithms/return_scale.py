"""A factor on each task's rewards where a batch is drawn, so that all returns are of one size.

Rewards stay raw in the replay buffer: what was stored scaled would go stale as the factor moves.
Of a task's returns G in training (:class:`EpisodeReturns`), temperature alpha, target entropy H,
discount gamma and bound b, the rewards are divided by

    brc:  (max(G_max, |G_min|) - alpha H / (2 (1 - gamma))) / b
    std:  max(std G, max |G| / b)

brc is BRC's (Nauman et al. 2025, arXiv 2505.23150), std what its code had before; FastTD3 and
FlashSAC have it still. ARS (ICML 2025) multiplies by

    ars:  max over j of m_j / m_i,    m_i the mean reward of task i in the replay buffer

when the networks are set anew, and by 1 before that. Ours: sizes of mean rewards are compared,
so that costs can be scaled too; a task of which nothing is known yet, or only zeros, keeps its own.
"""

from __future__ import annotations

import abc
import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from learning.algorithms.episode_returns import EpisodeReturns
from learning.algorithms.return_scale_options import ReturnScaleOptions
from learning.garage_bridge.garage_compat import EpisodeBatch
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.replay.transition_batch import TransitionBatch
from learning.snapshots.state import State


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReturnScaleParts:
    """What every scale is made of.

    Attributes:
        n_tasks: Tasks T.
        discount: gamma.
        target_entropy: H, in nats.
        bound: b, to which returns are brought.
        device: Where batches are.
    """

    n_tasks: int
    discount: float
    target_entropy: float
    bound: float
    device: torch.device


class ReturnScale:
    """Rewards as they are; the base of the others."""

    def observe(self, episodes: EpisodeBatch) -> None:
        """Take note of what was just gathered, which may end in fragments; nothing here."""

    def renew(self, replay_buffer: MultiTaskReplayBuffer) -> None:
        """Take note that the networks are set anew; nothing here."""

    def factors(self, log_alpha: torch.Tensor) -> torch.Tensor | None:
        """Return what the tasks' rewards are multiplied by, [T, 1]; None: they stay as they are.

        Args:
            log_alpha: Logarithms of the temperatures, shape [T, 1].
        """
        del log_alpha
        return None

    def scaled(self, batch: TransitionBatch, log_alpha: torch.Tensor) -> TransitionBatch:
        """Return a batch with scaled rewards; the arguments are as above."""
        factors = self.factors(log_alpha)
        if factors is None:
            return batch
        return dataclasses.replace(batch, rewards=batch.rewards * factors)

    def read_factors(self, log_alpha: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the factors for the log: column -> [T]; nothing where there are none.

        Args:
            log_alpha: Logarithms of the temperatures, shape [T].
        """
        factors = self.factors(log_alpha.unsqueeze(-1))
        return {} if factors is None else {"ReturnScale": factors.squeeze(-1)}

    def get_state(self) -> State:
        """Return all that later factors depend on."""
        return State()

    def set_state(self, state: State) -> None:
        """Go on from what :meth:`get_state` returned.

        Raises:
            SnapshotError: The state is of another scale.
        """
        del state


class _ByReturns(ReturnScale, abc.ABC):
    """Goes by the returns of training's episodes.

    Args:
        parts: What it is made of.
    """

    def __init__(self, parts: ReturnScaleParts) -> None:
        self._parts = parts
        self._returns = EpisodeReturns(parts.n_tasks, parts.discount)
        self._sizes = torch.zeros(parts.n_tasks, 1, device=parts.device)

    def observe(self, episodes: EpisodeBatch) -> None:
        """See the base."""
        self._returns.observe(episodes)
        self._read_sizes()

    def _read_sizes(self) -> None:
        returns = self._returns
        largest = np.maximum(np.abs(returns.largest), np.abs(returns.smallest))
        sizes = np.where(returns.counts > 0, self._size_of(largest), 0.0)
        self._sizes = torch.from_numpy(sizes[:, None]).to(self._sizes)

    @abc.abstractmethod
    def _size_of(self, largest: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the tasks' sizes [T] on the host, given the largest sizes of a return."""

    def factors(self, log_alpha: torch.Tensor) -> torch.Tensor:
        """See the base."""
        sizes = self._sizes + self._entropy(log_alpha)
        known = (self._sizes > 0.0) & (sizes > 0.0)
        return torch.where(known, self._parts.bound / sizes, 1.0)

    def _entropy(self, log_alpha: torch.Tensor) -> torch.Tensor:
        """Return what the entropy adds to the tasks' sizes, [T, 1]; nothing here."""
        return torch.zeros_like(log_alpha)

    def get_state(self) -> State:
        """See the base."""
        return State(arrays=self._returns.get_arrays())

    def set_state(self, state: State) -> None:
        """See the base."""
        names = self._returns.get_arrays()
        self._returns.set_arrays({name: state.array(name) for name in names})
        self._read_sizes()


class BRCScale(_ByReturns):
    """The largest return of each task, and its entropy, come to the bound."""

    def _size_of(self, largest: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """See the base."""
        return largest

    def _entropy(self, log_alpha: torch.Tensor) -> torch.Tensor:
        """See the base."""
        parts = self._parts
        factor = parts.target_entropy / (2.0 * (1.0 - parts.discount))
        return -log_alpha.detach().exp() * factor


class StandardDeviationScale(_ByReturns):
    """The returns of each task come to a standard deviation of 1, or lower to the bound."""

    def _size_of(self, largest: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """See the base."""
        return np.maximum(self._returns.standard_deviations * self._parts.bound, largest)


class MeanRewardScale(ReturnScale):
    """The mean rewards of the tasks come to the largest, when the networks are set anew.

    Args:
        parts: What it is made of.
    """

    def __init__(self, parts: ReturnScaleParts) -> None:
        self._factors = torch.ones(parts.n_tasks, 1, device=parts.device)

    def renew(self, replay_buffer: MultiTaskReplayBuffer) -> None:
        """See the base."""
        sizes = np.abs(replay_buffer.mean_rewards())
        known = sizes > 0.0
        factors = np.where(known, sizes.max() / np.where(known, sizes, 1.0), 1.0)
        self._factors.copy_(torch.from_numpy(factors[:, None]))

    def factors(self, log_alpha: torch.Tensor) -> torch.Tensor:
        """See the base."""
        del log_alpha
        return self._factors

    def get_state(self) -> State:
        """See the base."""
        arrays: dict[str, Any] = {"factors": self._factors.cpu().numpy().copy()}
        return State(arrays=arrays)

    def set_state(self, state: State) -> None:
        """See the base."""
        self._factors.copy_(torch.from_numpy(state.array("factors")))


_SCALES = {"brc": BRCScale, "std": StandardDeviationScale, "ars": MeanRewardScale}


def make_return_scale(options: ReturnScaleOptions, parts: ReturnScaleParts) -> ReturnScale:
    """Return the scale that the options ask for."""
    if options.return_scale == "none":
        return ReturnScale()
    return _SCALES[options.return_scale](parts)

"""Mixtures with fixed weights: QMP's ablations "uniform" and "domain".

QMP (arXiv 2302.00671, version 1): task i acts with policy j with probability weights[i, j],
whatever the state; uniform: 1 / T each; domain: what is known of the tasks beforehand, for the
reacher the number of sub-goal segments that two tasks share.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch

from learning.errors import ConfigError
from learning.options import OptionGroup
from learning.policies.domain_options import DomainOptions
from learning.policies.mixture_policy import MixtureParts, Proposals
from learning.policies.switching_mixture import SwitchingMixture
from learning.policies.switching_options import SwitchingOptions

Weights = npt.NDArray[np.float64]


class FixedMixture(SwitchingMixture):
    """Draws who acts, at each choice anew.

    Args:
        parts: What it is built from.
        options: Its own `Options`.
        weights: Row i: how often each policy acts for task i, up to a factor, shape [T, T].

    Raises:
        ConfigError: The weights are not T x T, or a row has none above zero.
    """

    def __init__(self, parts: MixtureParts, options: SwitchingOptions, *, weights: Weights) -> None:
        super().__init__(parts, options)
        if weights.shape != (self.n_tasks, self.n_tasks):
            raise ConfigError(f"the weights' shape is {weights.shape}, not T x T, T={self.n_tasks}")
        sums = weights.sum(axis=1, keepdims=True)
        if (weights < 0).any() or not (sums > 0).all() or not np.isfinite(sums).all():
            raise ConfigError(
                "the weights of a mixture must be finite and at least 0, one of each row above 0"
            )
        self._cumulative = np.cumsum(weights / sums, axis=1)
        # What rounding leaves below 1 must not choose a policy of weight 0.
        self._last = self.n_tasks - 1 - (weights[:, ::-1] > 0).argmax(axis=1)

    def choose(self, proposals: Proposals) -> torch.Tensor:
        """Return whose policy acts, drawn by the weights, int64 [T, B]."""
        drawn = self.random.random((*proposals.observations.shape[:2], 1))
        # `>=`, since a draw of exactly 0 must not choose a first policy of weight 0.
        chosen = (drawn >= self._cumulative[:, None, :]).sum(axis=2)
        return torch.from_numpy(np.minimum(chosen, self._last[:, None])).to(self.device)


class UniformMixture(FixedMixture):
    """Every policy acts as often, for every task.

    Args:
        parts: What it is built from.
        options: Its own `Options`.
    """

    def __init__(self, parts: MixtureParts, options: SwitchingOptions) -> None:
        n_tasks = parts.policies.n_tasks
        super().__init__(parts, options, weights=np.ones((n_tasks, n_tasks)))


class DomainMixture(FixedMixture):
    """Policies act as often as domain knowledge says.

    Args:
        parts: What it is built from.
        options: Its own `Options`.

    Raises:
        ConfigError: The task set has no weights, and none were given.
    """

    Options: ClassVar[type[OptionGroup]] = DomainOptions
    options: DomainOptions

    def __init__(self, parts: MixtureParts, options: DomainOptions) -> None:
        super().__init__(parts, options, weights=_domain_weights(parts, options))


def _domain_weights(parts: MixtureParts, options: DomainOptions) -> Weights:
    n_tasks = parts.policies.n_tasks
    if options.domain_weights is not None:
        return np.reshape(options.domain_weights, (n_tasks, n_tasks))
    weights = parts.task_set.domain_weights()
    if weights is None:
        raise ConfigError(
            f"{parts.task_set.id} has no domain weights of its own: give --domain_weights FILE "
            f"with {n_tasks} x {n_tasks} numbers, row i: how often each policy acts for task i"
        )
    return weights

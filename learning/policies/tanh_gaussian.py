"""The squashed Gaussian of soft actor-critic, with garage's arithmetic.

An action is tanh(z), z ~ N(mean, std) (Haarnoja et al. 2018, appendix C). garage's
``TanhNormal.log_prob`` adds 1e-6 inside the logarithm of the tanh's Jacobian; so does this, so that
one update here equals one of garage's. Written on plain tensors: a ``torch.distributions`` object
costs more than the network at the batch size of acting.
"""

from __future__ import annotations

import math
from typing import Literal

import torch

# The bounds of garage's TanhGaussianMLPPolicy: e^-20 and e^2.
MIN_LOG_STD = -20.0
MAX_LOG_STD = 2.0
_EPSILON = 1e-6
_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


def split_mean_log_std(
    outputs: torch.Tensor,
    bound: Literal["clamp", "tanh"] = "clamp",
    min_log_std: float = MIN_LOG_STD,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Split a network's outputs [..., 2A] into mean and bounded log standard deviation [..., A].

    Args:
        outputs: Means, then log standard deviations.
        bound: "clamp" to the range, or squashed onto it by "tanh", as in mtrl and MT-Levy.
        min_log_std: Where the range begins.
    """
    mean, log_std = outputs.chunk(2, dim=-1)
    if bound == "tanh":
        half_range = 0.5 * (MAX_LOG_STD - min_log_std)
        return mean, min_log_std + half_range * (torch.tanh(log_std) + 1.0)
    return mean, log_std.clamp(min_log_std, MAX_LOG_STD)


def sample_with_log_prob(
    mean: torch.Tensor, log_std: torch.Tensor, noise: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Squash ``mean + std * noise`` and give the density of the result.

    Gradients pass through (reparametrisation).

    Args:
        mean: Mean before the tanh, shape [..., A].
        log_std: Logarithm of the standard deviation before the tanh, shape [..., A].
        noise: Standard normal numbers, shape [..., A].

    Returns:
        Actions in (-1, 1), shape [..., A], and their log-probabilities, shape [...].
    """
    actions = torch.tanh(torch.addcmul(mean, log_std.exp(), noise))
    # (z - mean) / std is the noise itself, and no gradient passes through it.
    log_prob = -(
        0.5 * noise.square() + log_std + torch.log((1.0 - actions.square()) + _EPSILON)
    ).sum(dim=-1)
    return actions, log_prob - _HALF_LOG_TWO_PI * mean.shape[-1]


def log_prob_of_actions(
    mean: torch.Tensor, log_std: torch.Tensor, actions: torch.Tensor
) -> torch.Tensor:
    """Return the log-probability of given actions, shape [...].

    As garage's ``TanhNormal.log_prob`` does it, both ends of the arctanh are moved out by 1e-6, so
    that an action of exactly 1 has been 7.25 before the tanh, not infinity.

    Args:
        mean: Mean before the tanh, shape [..., A].
        log_std: Logarithm of the standard deviation before the tanh, shape [..., A].
        actions: In [-1, 1], shape [..., A].
    """
    before_tanh = 0.5 * torch.log((1.0 + _EPSILON + actions) / (1.0 + _EPSILON - actions))
    squares = ((before_tanh - mean) * torch.exp(-log_std)).square()
    log_prob = -(0.5 * squares + log_std + torch.log((1.0 - actions.square()) + _EPSILON))
    return log_prob.sum(dim=-1) - _HALF_LOG_TWO_PI * mean.shape[-1]

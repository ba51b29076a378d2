"""Soft bounds out of dm_control's reward tool box, as Meta-World and the QMP kitchen use them.

Meta-World's `metaworld.utils.reward_utils` computes the same with NumPy, at 20 times the cost for
single numbers. All values at a bound's margin are .1, as there.
"""

from __future__ import annotations

import math

_LOG_OF_VALUE_AT_MARGIN = math.log(0.1)
# Solves 1 / (scale^2 + 1) = .1, the value at one margin.
_LONG_TAIL_SCALE = math.sqrt(1 / 0.1 - 1)


def gaussian(x: float, bound: float, margin: float) -> float:
    """Return 1 for x in [0, bound], outside exp(ln(.1) d^2), d the excess in margins (>= 0)."""
    d = _excess(x, bound, margin)
    return math.exp(_LOG_OF_VALUE_AT_MARGIN * d * d)


def long_tail(x: float, bound: float, margin: float) -> float:
    """Return 1 for x in [0, bound], outside 1 / (1 + 9 d^2), d the excess in margins (>= 0)."""
    d = _excess(x, bound, margin) * _LONG_TAIL_SCALE
    return 1.0 / (d * d + 1.0)


def _excess(x: float, bound: float, margin: float) -> float:
    """Return how far x is outside [0, bound], in margins; with no margin, infinitely far."""
    outside = max(-x, x - bound, 0.0)
    if outside == 0.0:
        return 0.0
    return outside / margin if margin > 0.0 else math.inf

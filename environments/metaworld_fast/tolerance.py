"""`metaworld.utils.reward_utils.tolerance` on plain floats.

Meta-World's `tolerance` (dm_control's, its formulas are there) works through NumPy on single
numbers. Here a single number goes through Python's float arithmetic in the same order, with the
same result bit for bit; arrays, rarer shapes and all errors are left to Meta-World's.
"""

from __future__ import annotations

import math
import types
from typing import Any

import numpy as np
from metaworld.utils import reward_utils

_NUMBERS = frozenset({float, int, np.float64})
_AT_MARGIN = reward_utils._DEFAULT_VALUE_AT_MARGIN
_LONG_TAIL = math.sqrt(1 / _AT_MARGIN - 1)
# By NumPy, here and below: the last bits of `math.log` and `math.exp` may be others.
_GAUSSIAN = float(np.sqrt(-2 * np.log(_AT_MARGIN)))
_SQUARABLE = 1e100
"""Squares of larger numbers may overflow, where Python raises and NumPy does not."""


def tolerance(
    x: Any,
    bounds: tuple[Any, Any] = (0.0, 0.0),
    margin: Any = 0.0,
    sigmoid: Any = "gaussian",
    value_at_margin: float = _AT_MARGIN,
) -> Any:
    """Return 1 where `x` lies within the bounds, and a value that falls to 0 away from them.

    Args:
        x: A number; anything else goes to Meta-World's function.
        bounds: Lower and upper bound, inclusive.
        margin: Distance from the bounds at which the value is `value_at_margin`.
        sigmoid: How the value falls; the fast ones are `long_tail` and `gaussian`.
        value_at_margin: Value at the margin.

    Returns:
        The value, a float for a number `x`.

    Raises:
        ValueError: The bounds are in the wrong order or the margin is negative.
    """
    lower, upper = bounds
    usual = (
        value_at_margin == _AT_MARGIN
        and type(x) in _NUMBERS
        and type(lower) in _NUMBERS
        and type(upper) in _NUMBERS
        and type(margin) in _NUMBERS
        and lower <= upper
        and margin >= 0
    )
    if usual:
        if lower <= x <= upper:
            return 1.0
        if margin == 0:
            return 0.0
        distance = float(lower - x if x < lower else x - upper) / float(margin)
        if sigmoid == "long_tail" and distance < _SQUARABLE:
            return 1 / ((distance * _LONG_TAIL) ** 2 + 1)
        if sigmoid == "gaussian" and distance < _SQUARABLE:
            return float(np.exp(-0.5 * (distance * _GAUSSIAN) ** 2))
    result: Any = reward_utils.tolerance(
        x, bounds=bounds, margin=margin, sigmoid=sigmoid, value_at_margin=value_at_margin
    )
    return result


reward_utils_stand_in = types.ModuleType(reward_utils.__name__, reward_utils.__doc__)
"""Meta-World's `reward_utils` with the function above."""
reward_utils_stand_in.__dict__.update(reward_utils.__dict__)
reward_utils_stand_in.__dict__["tolerance"] = tolerance

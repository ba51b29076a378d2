"""The numbers of MT-Levy: how likely and how long a jump is, and whose policy it may take.

MT-Levy (IROS 2025, arXiv 2509.20766). rho is a task's success ratio, rho_bar the threshold between
tasks that explore (rho < rho_bar) and tasks whose policies are shared (rho > rho_bar).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def levy_exponents(ratios: Floats, *, offset: float, threshold: float) -> Floats:
    """Return alpha_i = alpha_bar + (1 / rho_bar)**(rho_i / rho_bar), the larger the rarer jumps.

    Args:
        ratios: Success ratios rho, any shape.
        offset: alpha_bar.
        threshold: rho_bar, above 0 and at most 1.
    """
    # Far above a small threshold this is infinite, which means no jumps and is right.
    with np.errstate(over="ignore"):
        exponents: Floats = offset + (1.0 / threshold) ** (np.asarray(ratios) / threshold)
    return exponents


def lomax_durations(uniform: Floats, exponents: Floats, longest: int) -> Floats:
    """Return Lomax durations, P(X > x) = (1 + x)**-alpha, clipped to [0, longest].

    Args:
        uniform: Uniform numbers of [0, 1), any shape.
        exponents: alpha, of the same shape; infinite: all durations are 0.
        longest: Upper bound in steps.
    """
    # The inverse of P(X > x), at a number of (0, 1].
    durations: Floats = (1.0 - uniform) ** (-1.0 / exponents) - 1.0
    return np.minimum(durations, longest)


def jump_lengths(durations: Floats) -> Ints:
    """Return for how many steps a drawn duration is acted upon: 0 where it is no jump.

    MT-Levy's code counts a duration down by one a step, jumps while more than one is left, and
    draws anew after that: a duration x > 1 lasts max(1, ceil(x) - 1) steps.
    """
    steps = np.maximum(1, np.ceil(durations).astype(np.int64) - 1)
    return np.where(durations > 1.0, steps, 0)


def jump_candidates(near: Bools, ratios: Floats, threshold: float) -> Bools:
    """Return whose policies the tasks' jumps may take, [T, T].

    Row i: ({tasks near to i} and {j: rho_j > rho_bar}) or {i}.

    Args:
        near: [T, T], row i: the tasks near to task i.
        ratios: Success ratios rho, [T].
        threshold: rho_bar.
    """
    # Strict, as in MT-Levy's code: at the threshold a task neither explores nor is shared.
    candidates: Bools = near & (ratios > threshold)
    np.fill_diagonal(candidates, True)
    return candidates


def draw_candidates(candidates: Bools, uniform: Floats) -> Ints:
    """Draw one of each row's candidates, each as likely.

    Args:
        candidates: [N, T], at least one a row.
        uniform: Uniform numbers of [0, 1), [N].

    Returns:
        Column of the one that was drawn, [N].
    """
    counts = candidates.cumsum(axis=1)
    n_candidates = counts[:, -1]
    # No float64 below 1 makes a product that rounds up to the count.
    place = (uniform * n_candidates).astype(np.int64)
    drawn: Ints = (counts > place[:, None]).argmax(axis=1)
    return drawn

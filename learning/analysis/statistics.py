"""Statistics of scores [..., runs, tasks]; pure functions on arrays.

Source: Agarwal et al., Deep Reinforcement Learning at the Edge of the Statistical Precipice,
NeurIPS 2021, arXiv 2108.13264.
"""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def mean(scores: Array) -> Array:
    """Return the mean over runs and tasks.

    Args:
        scores: Scores [..., runs, tasks].

    Returns:
        Means [...].
    """
    return np.asarray(scores.mean(axis=(-2, -1)))


def iqm(scores: Array) -> Array:
    """Return the interquartile mean: of the middle half of all scores of runs and tasks.

    It is `scipy.stats.trim_mean(scores.ravel(), 0.25)`: of N sorted scores, floor(N / 4) are left
    out at either end.

    Args:
        scores: Scores [..., runs, tasks].

    Returns:
        Interquartile means [...].
    """
    flat = np.sort(scores.reshape(*scores.shape[:-2], -1), axis=-1)
    left_out = flat.shape[-1] // 4
    return np.asarray(flat[..., left_out : flat.shape[-1] - left_out].mean(axis=-1))


def improvements(a: Array, b: Array) -> Array:
    """Return, for every pair of runs, on what share of the tasks the first is above the second.

    Args:
        a: Scores of one method, [n, tasks].
        b: Scores of another, [m, tasks].

    Returns:
        Shares [n, m]; an equal score counts half. Their mean is the probability of improvement
        P(A > B): over the tasks, the mean of the Mann-Whitney statistic U / (n m).
    """
    above = (a[:, None] > b[None]) + 0.5 * (a[:, None] == b[None])
    return np.asarray(above.mean(axis=-1))


def smallest_p(n: int, m: int) -> float:
    """Return the smallest two-sided p that a rank test of n against m runs can give.

    It is that of complete separation, 2 / C(n + m, n), and 1 at most.
    """
    return min(1.0, 2 / math.comb(n + m, n))

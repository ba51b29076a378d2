"""Copies of a policy that act for one task each, for samplers that gather task by task.

A policy keeps its acting state (such as a held choice) by row, and who acts for one environment
uses row 0. A shallow copy shares the parameters; its acting state is its own from `reset` on. Its
random stream is its own in each collection, so that the tasks' episodes do not depend on each
other, whichever process acts. These streams are seeded from the policy's own, which a snapshot has:
nothing else needs to be kept.
"""

import copy
from collections.abc import Sequence

import numpy as np

from learning.garage_bridge.garage_compat import Policy


def acting_copies(policy: Policy, n_copies: int) -> list[Policy]:
    """Return copies that share all but the acting state, which `reset` makes anew."""
    copies = [copy.copy(policy) for _ in range(n_copies)]
    for acting in copies:
        acting.reset()
    return copies


def draw_stream_seeds(policy: Policy, n_tasks: int) -> list[int] | None:
    """Draw the seeds of a collection's streams from the policy's stream.

    Args:
        policy: Who acts.
        n_tasks: T.

    Returns:
        A seed a task; None of a policy that has no stream of its own.
    """
    random = getattr(policy, "random", None)
    if random is None:
        return None
    seeds: list[int] = random.integers(np.iinfo(np.int64).max, size=n_tasks).tolist()
    return seeds


def act_from(acting: Policy, seeds: Sequence[int] | None, task: int) -> None:
    """Let a copy act from its task's stream of a collection, from the stream's beginning.

    Args:
        acting: One of `acting_copies`.
        seeds: What `draw_stream_seeds` returned.
        task: Index of the task.
    """
    if seeds is not None:
        acting.random = np.random.default_rng(seeds[task])

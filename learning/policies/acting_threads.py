"""How many threads choose the actions of a step.

Small matrix products gain nothing from a second thread, and a thread that waits for the next one
spins on a core which worker processes need for the environments. The choice depends on the sizes
alone, so a run is the same wherever its environments live.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

ONE_THREAD_BELOW = 50_000_000
"""Multiply-adds of a step, about half a millisecond on one core."""


@contextlib.contextmanager
def threads_for(multiply_adds: int) -> Iterator[None]:
    """Compute with one thread inside if there is little to compute.

    Args:
        multiply_adds: What is to be computed.
    """
    threads = torch.get_num_threads()
    if threads == 1 or multiply_adds >= ONE_THREAD_BELOW:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)

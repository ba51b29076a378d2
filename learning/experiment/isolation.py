"""An experiment leaves the process that it runs in as it found it."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator

import numpy as np
import torch

from learning.garage_bridge.global_state import garage_globals_kept


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Put back what an experiment sets for the whole process, however it ends.

    Torch's threads, random streams and cuDNN flags, NumPy's and Python's random streams, what
    garage keeps in its modules, and the environment's variables. dowel's logger is not touched: a
    run has one of its own.
    """
    threads = torch.get_num_threads()
    torch_random = torch.get_rng_state()
    cuda_random = torch.cuda.get_rng_state_all() if _uses_cuda() else []
    cudnn = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    numpy_random = np.random.get_state()  # noqa: NPY002  (garage seeds the global one)
    python_random = random.getstate()
    variables = dict(os.environ)
    try:
        with garage_globals_kept():
            yield
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(torch_random)
        if cuda_random:
            torch.cuda.set_rng_state_all(cuda_random)
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = cudnn
        np.random.set_state(numpy_random)  # noqa: NPY002
        random.setstate(python_random)
        for name in os.environ.keys() - variables:
            del os.environ[name]
        os.environ.update(variables)


def _uses_cuda() -> bool:
    # Not `is_available`: reading the random streams would then initialise CUDA.
    return bool(torch.cuda.is_initialized())  # type: ignore[no-untyped-call]

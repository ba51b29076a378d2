"""Named random streams: every part draws from its own, so that none disturbs another.

A stream is known by the run's seed and a name (and, where it is drawn anew, a number such as the
epoch). Adding a draw to one stream leaves all others as they were; that is why evaluation does
not disturb training.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import torch

from learning.errors import SnapshotError


def _seed_sequence(seed: int, name: str, *numbers: int) -> np.random.SeedSequence:
    return np.random.SeedSequence([seed, zlib.crc32(name.encode()), *numbers])


def numpy_stream(seed: int, name: str, *numbers: int) -> np.random.Generator:
    """Return the NumPy stream of this name."""
    return np.random.Generator(np.random.PCG64(_seed_sequence(seed, name, *numbers)))


def torch_stream(
    seed: int, name: str, *numbers: int, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Return the torch stream of this name, on ``device``."""
    return torch.Generator(device=device).manual_seed(stream_seed(seed, name, *numbers))


def stream_seed(seed: int, name: str, *numbers: int) -> int:
    """Return one non-negative 31-bit number of this name, for what wants to be seeded itself."""
    return int(_seed_sequence(seed, name, *numbers).generate_state(1, np.uint32)[0] >> 1)


def numpy_stream_state(stream: np.random.Generator) -> dict[str, Any]:
    """Return where a NumPy stream stands, as plain numbers for JSON."""
    return dict(stream.bit_generator.state)


def set_numpy_stream_state(stream: np.random.Generator, state: dict[str, Any]) -> None:
    """Put a NumPy stream where :func:`numpy_stream_state` found it.

    Raises:
        SnapshotError: The state is not one of a PCG64 stream.
    """
    try:
        stream.bit_generator.state = state
    except (TypeError, ValueError, KeyError) as error:
        raise SnapshotError(f"the state of a random stream is damaged: {error}") from error

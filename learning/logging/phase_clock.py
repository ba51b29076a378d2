"""Where an epoch's time goes: collecting, updating, evaluating."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Literal, get_args

import torch

Phase = Literal["Collect", "Update", "Evaluate", "Rest"]
"""What an epoch's time is spent on; Rest is whatever stands between the others."""

PHASES: tuple[Phase, ...] = get_args(Phase)


class PhaseClock:
    """Adds up wall-clock seconds; at any time exactly one phase runs.

    Args:
        device: Work queued on a CUDA device is waited for at every change of phase, so that it
            counts where it belongs.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._phase: Phase = "Rest"
        self._since = time.perf_counter()
        self._seconds: dict[Phase, float] = dict.fromkeys(PHASES, 0.0)

    @contextlib.contextmanager
    def phase(self, phase: Phase) -> Iterator[None]:
        """Count what is inside towards a phase; what is outside of all counts as Rest."""
        self._enter(phase)
        try:
            yield
        finally:
            self._enter("Rest")

    def _enter(self, phase: Phase) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        now = time.perf_counter()
        self._seconds[self._phase] += now - self._since
        self._phase, self._since = phase, now

    def read(self) -> dict[Phase, float]:
        """Return the seconds of every phase since the last reading, and start from zero."""
        self._enter(self._phase)
        seconds = self._seconds
        self._seconds = dict.fromkeys(PHASES, 0.0)
        return seconds

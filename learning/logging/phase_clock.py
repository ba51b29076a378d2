"""Where an epoch's time goes: collecting, updating, evaluating."""

from __future__ import annotations

import time
from typing import Literal

import torch

Phase = Literal["Collect", "Update", "Evaluate", "Rest"]
PHASES: tuple[Phase, ...] = ("Collect", "Update", "Evaluate", "Rest")


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

    def enter(self, phase: Phase) -> None:
        """End the running phase and begin another."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        now = time.perf_counter()
        self._seconds[self._phase] += now - self._since
        self._phase, self._since = phase, now

    def read(self) -> dict[Phase, float]:
        """Return the seconds of every phase since the last reading, and start from zero."""
        self.enter(self._phase)
        seconds = self._seconds
        self._seconds = dict.fromkeys(PHASES, 0.0)
        return seconds

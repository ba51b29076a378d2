"""The optimizers of policies, critics and temperatures."""

from __future__ import annotations

from typing import Any

import torch


def fused_adam(parameters: Any, lr: float) -> torch.optim.Adam:
    """Return Adam, as garage's algorithms ask for it."""
    return torch.optim.Adam(parameters, lr=lr, fused=True)

"""The optimizers of policies, critics and temperatures."""

from __future__ import annotations

from typing import Any

import torch


def fused_adam(
    parameters: Any, lr: float, *, weight_decay: float = 0.0, beta1: float = 0.9
) -> torch.optim.Adam:
    """Return Adam, or AdamW (Loshchilov & Hutter, ICLR 2019, arXiv 1711.05101).

    Args:
        parameters: What is optimized.
        lr: Learning rate.
        weight_decay: Share of a weight that a step takes off it, times the learning rate; 0: Adam.
        beta1: Share of the first moment that stays in a step.
    """
    betas = (beta1, 0.999)
    if weight_decay:
        return torch.optim.AdamW(
            parameters, lr=lr, betas=betas, weight_decay=weight_decay, fused=True
        )
    return torch.optim.Adam(parameters, lr=lr, betas=betas, fused=True)

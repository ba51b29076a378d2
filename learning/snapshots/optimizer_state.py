"""The tensors of a torch optimizer, by name, so that a snapshot can hold and refill them."""

from __future__ import annotations

import torch


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Return the optimizer's own tensors, such as Adam's moments; none before its first step."""
    return {
        f"{index}/{key}": value
        for index, moments in optimizer.state_dict()["state"].items()
        for key, value in moments.items()
    }


def begin_optimizer(optimizer: torch.optim.Optimizer) -> None:
    """Let the optimizer make the tensors that it makes at its first step, with zeros in them."""
    for group in optimizer.param_groups:
        # With a rate of 0 the step makes the tensors and moves no weight.
        rate, group["lr"] = group["lr"], 0.0
        for parameter in group["params"]:
            # What no loss trains never gets any.
            if parameter.requires_grad:
                parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        optimizer.zero_grad()
        group["lr"] = rate

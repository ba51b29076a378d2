"""`--stop_after`: a run that ends before its last epoch, so that it can be gone on with later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import click

from learning.logging.columns import EPOCH

if TYPE_CHECKING:
    from learning.experiment.training import RunResult

STOP_AFTER_HELP = (
    "End early, after so many epochs of the run, with a snapshot; `resume` goes on from there, "
    "exactly as if it had not ended."
)
STOP_AFTER = click.IntRange(min=1)


def stopping_after(epochs: int | None) -> Callable[[Mapping[str, float]], bool] | None:
    """Return what ends a run after so many of its epochs; None: nothing does."""
    return None if epochs is None else lambda row: row[EPOCH] + 1 >= epochs


def say_if_stopped(result: RunResult, n_epochs: int) -> None:
    """Say how to go on with a run that ended early."""
    if result.ended == "stopped":
        done = int(result.last_row[EPOCH]) + 1
        click.echo(
            f"Ended after {done} of {n_epochs} epochs, as asked. Go on with: python run.py resume "
            f"{result.folder}",
            err=True,
        )

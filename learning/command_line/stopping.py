"""`--stop_after`: a run that ends before its last epoch, so that it can be gone on with later."""

from __future__ import annotations

import click

STOP_AFTER_HELP = (
    "End early, after so many epochs of the run, with a snapshot; `resume` goes on from there, "
    "exactly as if it had not ended."
)
STOP_AFTER = click.IntRange(min=1)

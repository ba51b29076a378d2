"""Who ends a run from outside: a scheduler that wants the machine back, a terminal that closes."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

import click

from learning.logging.columns import EPOCH

if TYPE_CHECKING:
    from learning.experiment.training import RunResult

SIGNALS = (signal.SIGTERM, signal.SIGHUP)
"""A first one lets the epoch come to its end; a second one ends at once. Ctrl-C ends at once."""


class Ending:
    """Whether the run is to end early.

    Args:
        stop_after: Epochs of the run after which it ends; None: all.

    Attributes:
        by: The signal that asked for it; None: none did.
    """

    def __init__(self, stop_after: int | None) -> None:
        self.by: signal.Signals | None = None
        self._stop_after = stop_after

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Notice a signal; of a second one, end at once."""
        del frame
        if self.by is not None:
            raise SystemExit(128 + number)
        self.by = signal.Signals(number)
        click.echo(
            f"\n{self.by.name}: the epoch goes to its end, then a snapshot is written. A second "
            "one ends the run at once.",
            err=True,
        )

    def on_epoch(self, row: dict[str, float]) -> bool:
        """Tell the trainer whether to end after an epoch."""
        enough = self._stop_after is not None and row[EPOCH] + 1 >= self._stop_after
        return enough or self.by is not None

    def exit_where_stopped(self, result: RunResult) -> None:
        """Say how to go on where the run has ended early; exit with 128 + the signal's number."""
        if result.ended != "stopped":
            return
        done = f"after epoch {int(result.last_row[EPOCH]) + 1}"
        why = f"{done}, as asked" if self.by is None else f"by {self.by.name} {done}"
        click.echo(f"Ended {why}. Go on with: python run.py resume {result.folder}", err=True)
        if self.by is not None:
            click.get_current_context().exit(128 + self.by)


@contextlib.contextmanager
def ending_when_asked(stop_after: int | None) -> Iterator[Ending]:
    """Let a run end in good order where a signal or the user's own number of epochs asks for it."""
    ending = Ending(stop_after)
    before = {each: signal.signal(each, ending.on_signal) for each in SIGNALS}
    try:
        yield ending
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

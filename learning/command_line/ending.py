"""Who ends a run from outside: a scheduler that wants the machine back, a terminal that closes."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from learning.experiment.training import RunResult

SIGNALS = (signal.SIGTERM, signal.SIGHUP)
"""A first one lets the epoch come to its end; a second one ends at once. Ctrl-C ends at once."""


class Ending:
    """Whether the run was asked to end.

    Attributes:
        by: The signal; None: it was not asked.
    """

    def __init__(self) -> None:
        self.by: signal.Signals | None = None

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
        del row
        return self.by is not None

    def exit_where_stopped(self, result: RunResult) -> None:
        """Exit with 128 + the signal's number where one ended the run."""
        if self.by is not None and result.ended == "stopped":
            click.echo(
                f"Ended by {self.by.name}. Go on with: python run.py resume {result.folder}",
                err=True,
            )
            click.get_current_context().exit(128 + self.by)


@contextlib.contextmanager
def ending_when_asked() -> Iterator[Ending]:
    """Let a run end in good order where a signal asks for it."""
    ending = Ending()
    before = {each: signal.signal(each, ending.on_signal) for each in SIGNALS}
    try:
        yield ending
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

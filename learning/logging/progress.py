"""How a run goes, on the terminal: a bar where there is a terminal, plain lines elsewhere."""

import collections
import math
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from dowel import LogOutput, TabularInput
from tqdm import tqdm

from learning.logging.columns import (
    ANY_SUBGOAL_RATE,
    EPOCH,
    MIXTURE,
    OWN,
    SUCCESS_RATE,
    TOTAL_ENV_STEPS,
    column,
)

SECONDS_BETWEEN_LINES = 30.0
"""Time in which there is at most one plain line, besides the one after each evaluation."""

EPOCHS_OF_LATE = 50
"""Epochs that speed and time to go are measured over: some evaluations are among them."""


class ProgressOutput(LogOutput):  # type: ignore[misc]  # dowel carries no types
    """Output that shows epoch, environment steps, speed, time to go and the last success rates.

    Speed and time to go are those of the last epochs, evaluation and learning included. What came
    before the first update is not counted, since steps without updates are many times faster.

    Args:
        n_epochs: Number of epochs of the whole run.
        total_env_steps: Environment steps of the whole run, total over the tasks.
        start_env_steps: Environment steps already made when this start began (resuming).
        stream: Stream to show it on; None: standard error.
        clock: Clock to read, in seconds that never go back.
    """

    def __init__(
        self,
        *,
        n_epochs: int,
        total_env_steps: int,
        start_env_steps: int = 0,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """See the class."""
        self._stream = sys.stderr if stream is None else stream
        self._n_epochs = n_epochs
        self._total = total_env_steps
        self._clock = clock
        # Time and environment steps: before, or after the first collection; and at each row.
        self._first = (clock(), start_env_steps)
        self._has_collected = False
        self._rows: collections.deque[tuple[float, int]] = collections.deque(
            maxlen=EPOCHS_OF_LATE + 1
        )
        self._last_line = -math.inf
        self._success = ""
        self._bar: tqdm[Any] | None = None
        if self._stream.isatty():
            self._bar = tqdm(
                total=total_env_steps,
                initial=start_env_steps,
                file=self._stream,
                unit=" env steps",
                unit_scale=True,
                dynamic_ncols=True,
                # tqdm's own time to go counts the first collection in.
                bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]",
            )

    @property
    def types_accepted(self) -> tuple[type, ...]:
        """Rows only."""
        return (TabularInput,)

    def advance(self, env_steps: int) -> None:
        """Notice that environment steps were collected, and move the bar.

        Args:
            env_steps: Environment steps so far, total over the tasks.
        """
        if not self._has_collected:
            self._has_collected = True
            self._first = (self._clock(), env_steps)
        self._move(env_steps)

    def record(self, data: Any, prefix: str = "") -> None:
        """Show an epoch.

        Args:
            data: Row of the epoch, with Epoch and TotalEnvSteps.
            prefix: Prefix that dowel gives; unused for rows.
        """
        row = data.as_primitive_dict
        for key in row:
            data.mark(key)
        evaluated = success_text(row)
        self._success = evaluated or self._success
        steps = int(row[TOTAL_ENV_STEPS])
        epoch = f"epoch {int(row[EPOCH]) + 1}/{self._n_epochs}"
        now = self._clock()
        self._rows.append((now, steps))
        speed = self._speed()
        going = "ETA unknown"
        if speed is not None:
            # Whole episodes may be more steps than were asked for.
            remaining = _duration(max(0, self._total - steps) / speed)
            going = f"{speed:,.0f} env steps/s  ETA {remaining}"
        if self._bar is not None:
            self._bar.set_description_str(epoch, refresh=False)
            self._bar.set_postfix_str(f"{going}  {self._success}".rstrip(), refresh=False)
            self._move(steps)
            self._bar.refresh()
            return
        if not evaluated and now - self._last_line < SECONDS_BETWEEN_LINES:
            return
        self._last_line = now
        line = f"{epoch}  {steps:,}/{self._total:,} env steps  {going}  {self._success}"
        print(line.rstrip(), file=self._stream, flush=True)

    def _speed(self) -> float | None:
        """Return the environment steps a second of late; None where there is nothing to tell by."""
        began, start = self._rows[0] if len(self._rows) > 1 else self._first
        now, steps = self._rows[-1]
        return (steps - start) / (now - began) if steps > start and now > began else None

    def _move(self, env_steps: int) -> None:
        if self._bar is not None:
            self._bar.update(env_steps - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it stands."""
        # dowel also closes an output whose constructor failed.
        if getattr(self, "_bar", None) is not None:
            self._bar.close()  # type: ignore[union-attr]


def success_text(row: Mapping[str, Any]) -> str:
    """Return the row's success rates in words; empty where the epoch was not evaluated.

    Where the task set has sub-goals, the share of episodes that reached any stands beside success,
    which may be nothing for long.
    """
    parts = []
    for prefix, word in ((OWN, "success"), (MIXTURE, "mixture")):
        rates = [
            f"{name} {rate:.2f}"
            for name, measure in ((word, SUCCESS_RATE), ("any sub-goal", ANY_SUBGOAL_RATE))
            if not math.isnan(rate := float(row.get(column(prefix, measure), math.nan)))
        ]
        if rates:
            parts.append(", ".join(rates))
    return "  ".join(parts)


def _duration(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}"

"""How a run goes, on the terminal: a bar where there is a terminal, plain lines elsewhere."""

import math
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from dowel import LogOutput, TabularInput
from tqdm import tqdm

from learning.logging.columns import (
    EPOCH,
    MIXTURE,
    OWN,
    SUCCESS_RATE,
    TOTAL_ENV_STEPS,
    column,
)

SECONDS_BETWEEN_LINES = 30.0
"""Time in which there is at most one plain line, besides the one after each evaluation."""


class ProgressOutput(LogOutput):  # type: ignore[misc]  # dowel carries no types
    """Output that shows epoch, environment steps, speed, time to go and the last success rates.

    Speed and time to go are measured since this start, evaluation and learning included.

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
        self._start = start_env_steps
        self._clock = clock
        self._began = clock()
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
                smoothing=0.05,
            )

    @property
    def types_accepted(self) -> tuple[type, ...]:
        """Rows only."""
        return (TabularInput,)

    def advance(self, env_steps: int) -> None:
        """Move the bar between two epochs; without a terminal it does nothing.

        Args:
            env_steps: Environment steps so far, total over the tasks.
        """
        if self._bar is not None:
            self._bar.update(env_steps - self._bar.n)

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
        if self._bar is not None:
            self._bar.set_description_str(epoch, refresh=False)
            self._bar.set_postfix_str(self._success, refresh=False)
            self.advance(steps)
            self._bar.refresh()
            return
        now = self._clock()
        if not evaluated and now - self._last_line < SECONDS_BETWEEN_LINES:
            return
        self._last_line = now
        speed = (steps - self._start) / max(now - self._began, 1e-9)
        remaining = _duration((self._total - steps) / speed) if speed > 0 else "unknown"
        line = (
            f"{epoch}  {steps:,}/{self._total:,} env steps  {speed:,.0f} env steps/s  "
            f"ETA {remaining}  {self._success}"
        )
        print(line.rstrip(), file=self._stream, flush=True)

    def close(self) -> None:
        """Leave the bar as it stands."""
        # dowel also closes an output whose constructor failed.
        if getattr(self, "_bar", None) is not None:
            self._bar.close()  # type: ignore[union-attr]


def success_text(row: Mapping[str, Any]) -> str:
    """Return the row's success rates in words; empty where the epoch was not evaluated."""
    parts = []
    for prefix, word in ((OWN, "success"), (MIXTURE, "mixture")):
        rate = float(row.get(column(prefix, SUCCESS_RATE), math.nan))
        if not math.isnan(rate):
            parts.append(f"{word} {rate:.2f}")
    return "  ".join(parts)


def _duration(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}"

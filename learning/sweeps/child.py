"""One run as a process of its own, with a log file of its own."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from learning.sweeps import tethered
from learning.sweeps.commands import program, shown

_LAST_BYTES = 8192


class Child:
    """A run's process, which does not outlive this one.

    It is the head of a process group of its own, so that Ctrl-C reaches it by `stop` alone.

    Args:
        words: The words after `run.py`.
        log: File that its output is appended to, after a line with the command.
        folder: Folder that it starts in; None: this process's.
    """

    def __init__(
        self, words: Sequence[str], log: pathlib.Path, folder: pathlib.Path | None = None
    ) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            stamp = time.strftime("%Y-%m-%d %H:%M:%S")
            file.write(f"=== {stamp}  {shown(words)}\n".encode())
            file.flush()
            self._process = subprocess.Popen(
                # -P: or else the modules beside this file could stand for the standard library's.
                [sys.executable, "-P", tethered.__file__, str(os.getpid()), *program(words)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=folder,
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )

    def poll(self) -> int | None:
        """Return its exit code, that of a signal negative; None while it runs."""
        return self._process.poll()

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C does."""
        if self.poll() is None:
            self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it and all that it has started, where it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def last_lines(log: pathlib.Path, number: int = 4) -> list[str]:
    """Return the last lines of a log that are not blank; none where there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    # A progress bar overwrites its line.
    lines = [line.rpartition("\r")[2].rstrip() for line in text.split("\n")]
    return [line for line in lines if line.strip()][-number:]

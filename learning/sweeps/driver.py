"""Runs what is missing of a grid: several processes side by side, each to its end or its last try.

How far a run is, its folder says; so a sweep that ended in whatever way is gone on with by starting
it again.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import pathlib
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any, Protocol

from learning.errors import BusyError, DivergenceError, SnapshotError, UserError
from learning.logging.run_lock import is_held, lock
from learning.sweeps.child import Child, last_lines
from learning.sweeps.commands import run_command
from learning.sweeps.folder_state import folder_state
from learning.sweeps.grid_runs import GridRun
from learning.sweeps.sweep_state import STATE_FILE, RunProgress, diverged_folders, write_state

POLL = 0.2
"""Seconds from one look at the processes to the next."""

BUSY = 10.0
"""Seconds after which a run that another process trains is looked at again."""

GRACE = 20.0
"""Seconds that a run has to end when it is asked to."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SweepLocked(UserError):
    """Another process is running the same sweep."""


class Started(Protocol):
    """A run that has been started."""

    def poll(self) -> int | None:
        """Return its exit code, that of a signal negative; None while it runs."""

    def stop(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""


Launch = Callable[[Sequence[str], pathlib.Path], Started]
"""Starts a run: takes the words after `run.py`, and the log for its output."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SweepOptions:
    """How a sweep goes about its runs.

    Attributes:
        jobs: How many run side by side.
        retries: How often a run that failed is gone on with.
        before: What stands before the sub-command of each run's command, such as `--plugin FILE`.
    """

    jobs: int
    retries: int
    before: Sequence[str] = ()


class Sweep:
    """A grid's runs, and what becomes of them.

    Args:
        grid: The grid's file.
        runs: Its runs.
        folder: Where its state, its lock and the runs' logs are.
        options: How it goes about them.
        on_look: Called after every look at the runs, with the sweep.
        launch: What starts a run: as a process of this machine.

    Attributes:
        runs: The runs, by folder.
        progress: What became of each, by folder, in the grid's order.
        jobs: How many run side by side.
        stopped_by: The signal that ended the sweep; None: none did.
    """

    def __init__(
        self,
        grid: pathlib.Path,
        runs: Sequence[GridRun],
        folder: pathlib.Path,
        options: SweepOptions,
        *,
        on_look: Callable[[Sweep], None],
        launch: Launch = Child,
    ) -> None:
        self._grid = grid
        self._folder = folder
        self._options = options
        self._on_look = on_look
        self._launch = launch
        self.jobs = options.jobs
        self.runs = {run.folder: run for run in runs}
        self.progress = {
            run.folder: RunProgress(name=run.name, folder=str(run.folder)) for run in runs
        }
        self.stopped_by: int | None = None
        self._running: dict[pathlib.Path, Started] = {}
        self._queue: collections.deque[pathlib.Path] = collections.deque()
        self._not_before: dict[pathlib.Path, float] = {}
        self._earlier: set[pathlib.Path] = set()

    @property
    def complete(self) -> bool:
        """Whether every run is done."""
        return all(each.status == "done" for each in self.progress.values())

    def run(self) -> None:
        """Run what is missing; a signal (Ctrl-C, SIGTERM, SIGHUP) ends it early.

        Raises:
            SweepLocked: Another process is at it.
        """
        with _only_one(self._folder), self._heeding_signals():
            self._look_at_folders()
            self._write()
            try:
                while (self._queue or self._running) and self.stopped_by is None:
                    self._start_some()
                    self._on_look(self)
                    time.sleep(POLL)
                    self._see_who_ended()
            finally:
                self._end_all()

    def _look_at_folders(self) -> None:
        diverged = diverged_folders(self._folder / STATE_FILE)
        for folder, progress in self.progress.items():
            state = folder_state(folder, self.runs[folder].until)
            before = diverged.get(str(folder))
            if state.status == "done":
                progress.status = "done"
            elif state.status == "damaged":
                progress.status, progress.message = "damaged", state.problem
            elif before is not None and state.status == "interrupted":
                self.progress[folder] = dataclasses.replace(before, name=progress.name)
            else:
                self._queue.append(folder)

    def _start_some(self) -> None:
        for _ in range(len(self._queue)):
            if len(self._running) >= self.jobs:
                return
            folder = self._queue.popleft()
            if not self._start(folder):
                self._queue.append(folder)

    def _start(self, folder: pathlib.Path) -> bool:
        """Start a run or go on with it; return False where it has to wait."""
        progress = self.progress[folder]
        if time.monotonic() < self._not_before.get(folder, 0.0):
            return False
        if is_held(folder):
            self._wait_for_other(folder)
            return False
        state = folder_state(folder, self.runs[folder].until)
        if state.status in ("done", "damaged"):
            # It was another process that went on with it.
            progress.status = "done" if state.status == "done" else "damaged"
            progress.message = state.problem
            self._write()
            return True
        words = run_command(
            self._options.before,
            self.runs[folder],
            begun=state.status == "interrupted",
            earlier=folder in self._earlier,
        )
        # Were it to fail for another reason, its newest snapshot is a good one again.
        self._earlier.discard(folder)
        if progress.message == _ELSEWHERE:
            progress.message = ""
        log = self._folder / "logs" / ("-".join(folder.parts[-3:]) + ".log")
        self._running[folder] = self._launch(words, log)
        progress.status, progress.log = "running", str(log)
        progress.attempts += 1
        self._write()
        return True

    def _see_who_ended(self) -> None:
        for folder, child in list(self._running.items()):
            code = child.poll()
            if code is None:
                continue
            del self._running[folder]
            self._ended(folder, code)
            self._write()

    def _ended(self, folder: pathlib.Path, code: int) -> None:
        progress = self.progress[folder]
        progress.exit_code = code
        state = folder_state(folder, self.runs[folder].until)
        if state.status == "done":
            progress.status, progress.last_lines = "done", []
            return
        progress.last_lines = last_lines(pathlib.Path(progress.log))
        if code == BusyError.exit_code:
            progress.attempts -= 1
            self._wait_for_other(folder)
            self._queue.append(folder)
        elif state.status == "damaged":
            progress.status, progress.message = "damaged", state.problem
        elif code == DivergenceError.exit_code:
            progress.status = "diverged"
        elif progress.attempts <= self._options.retries:
            progress.status = "waiting"
            if code == SnapshotError.exit_code:
                self._earlier.add(folder)
                progress.message = "its newest snapshot is damaged: went on from the one before"
            self._queue.append(folder)
        else:
            progress.status = "failed"

    def _wait_for_other(self, folder: pathlib.Path) -> None:
        progress = self.progress[folder]
        self._not_before[folder] = time.monotonic() + BUSY
        if progress.message != _ELSEWHERE or progress.status != "waiting":
            progress.status, progress.message = "waiting", _ELSEWHERE
            self._write()

    def _end_all(self) -> None:
        """End the runs in progress: they have their snapshots."""
        for child in self._running.values():
            child.stop()
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and any(
            child.poll() is None for child in self._running.values()
        ):
            time.sleep(POLL)
        for folder, child in self._running.items():
            child.kill()
            done = folder_state(folder, self.runs[folder].until).status == "done"
            self.progress[folder].status = "done" if done else "stopped"
        self._running.clear()
        for folder in self._queue:
            self.progress[folder].status = "stopped"
        self._queue.clear()
        self._write()

    def _write(self) -> None:
        write_state(self._folder / STATE_FILE, self._grid, self.progress.values())

    @contextlib.contextmanager
    def _heeding_signals(self) -> Iterator[None]:
        """Let signals be heeded between two looks, so that none comes between start and notice."""

        def heed(signum: int, frame: FrameType | None) -> None:
            del frame
            self.stopped_by = signum

        # `nohup` ignores SIGHUP, so that a sweep outlives its terminal.
        signals = [each for each in _SIGNALS if not _is_nohup(each)]
        before: dict[int, Any] = {each: signal.signal(each, heed) for each in signals}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _is_nohup(signum: signal.Signals) -> bool:
    return signum == signal.SIGHUP and signal.getsignal(signum) == signal.SIG_IGN


_ELSEWHERE = "another process is training it"


@contextlib.contextmanager
def _only_one(folder: pathlib.Path) -> Iterator[None]:
    """Hold the sweep's lock, which the kernel takes back when this process ends.

    Raises:
        SweepLocked: Another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="utf-8") as file:
        if not lock(file.fileno()):
            raise SweepLocked(
                f"another process is running this sweep (its lock: {folder / 'lock'}): wait for "
                "it, or end it with Ctrl-C"
            )
        yield

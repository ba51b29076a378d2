"""The parent's side of one worker process.

A worker is a fresh interpreter (`subprocess`, not `multiprocessing`, whose children import the
parent's main script again and with it torch and garage). It ends when the pipe closes, so it
cannot outlive its parent.
"""

import pickle
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Pipe
from typing import Any

from environments.registry import TaskSetFactory
from learning.samplers.environment_worker import ERROR, FOR_THE_PARENT, RESULT
from learning.samplers.shared_arrays import ArraySizes
from learning.samplers.task_environment_error import TaskEnvironmentError

CLOSE_TIMEOUT = 5.0
"""Seconds that a worker gets to end by itself, and then to obey SIGTERM."""


class WorkerProcess:
    """The parent's side of a worker, which it starts.

    The constructor returns before the worker is ready: wait for its first reply with `receive`.

    Args:
        worker: Number of the worker.
        tasks: Tasks that it steps, as (first, last + 1).
        task_names: Names of these tasks.
        factory: Maker of the task set in the worker; found there by its module and name.
        task_set_id: First argument of the factory.
        options: Keyword arguments of the factory.
        evaluation: Whether the environments are for evaluation; see `TaskSet.make`.
        sizes: Sizes of the shared arrays.
        memory: Descriptor of the anonymous file with the arrays.
    """

    def __init__(
        self,
        *,
        worker: int,
        tasks: tuple[int, int],
        task_names: Sequence[str],
        factory: TaskSetFactory,
        task_set_id: str,
        options: Mapping[str, Any],
        evaluation: bool,
        sizes: ArraySizes,
        memory: int,
    ) -> None:
        self._worker = worker
        self._task_names = tuple(task_names)
        self.tasks = slice(*tasks)
        # Before the process starts, so that what cannot be pickled leaves none behind.
        setup = pickle.dumps(
            (
                worker,
                factory,
                task_set_id,
                dict(options),
                evaluation,
                self._task_names,
                tasks,
                sizes,
            )
        )
        self._connection, theirs = Pipe()
        # `sys.path` too, so that the worker imports what this process does.
        code = (
            f"import sys; sys.path[:] = {sys.path!r}; "
            "from learning.samplers.environment_worker import run_worker; "
            f"run_worker({theirs.fileno()}, {memory})"
        )
        # The mask is inherited: a Ctrl-C does not kill a worker that is still starting.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, FOR_THE_PARENT)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                pass_fds=(theirs.fileno(), memory),
                stdin=subprocess.DEVNULL,
            )
        finally:
            theirs.close()
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        # `recv` reads it: a connection's own `send` is a pickle sent as bytes too.
        self._send(setup)

    def send(self, command: bytes, payload: object = None) -> None:
        """Send a command.

        Args:
            command: One of the worker module's command constants.
            payload: Argument of the command, None where it takes none.

        Raises:
            TaskEnvironmentError: The worker has died.
        """
        self._send(command)
        if payload is not None:
            self._send(payload)

    def _send(self, message: object) -> None:
        try:
            if isinstance(message, bytes):
                self._connection.send_bytes(message)
            else:
                self._connection.send(message)
        except ConnectionError:
            raise self._last_words() from None

    def receive(self) -> Any:
        """Wait for the reply to a command.

        Returns:
            Result of the command, None where it has none.

        Raises:
            TaskEnvironmentError: An environment raised, or the worker has died.
        """
        try:
            reply = self._connection.recv_bytes()
            result = self._connection.recv() if reply in (RESULT, ERROR) else None
        except (EOFError, ConnectionError):
            raise self._death() from None
        if isinstance(result, TaskEnvironmentError):
            raise result
        return result

    def _last_words(self) -> TaskEnvironmentError:
        """Return the error that a worker left in the pipe before it went, else how it went."""
        try:
            self.receive()
        except TaskEnvironmentError as error:
            return error
        return self._death()

    def _death(self) -> TaskEnvironmentError:
        """Return the error of a worker process that has ended by itself."""
        try:
            code = self._process.wait(CLOSE_TIMEOUT)
        except subprocess.TimeoutExpired:
            detail = "the worker process closed its pipe"
        else:
            cause = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            detail = f"the worker process died ({cause})"
        return TaskEnvironmentError(self._task_names, self._worker, detail)

    def hang_up(self) -> None:
        """Close the pipe, which tells the worker to end, without waiting for it."""
        self._connection.close()

    def join(self) -> None:
        """Wait for the worker's end; a worker that does not end is killed."""
        try:
            self._process.wait(CLOSE_TIMEOUT)
        except subprocess.TimeoutExpired:
            # It heeds no gentler signal, see `FOR_THE_PARENT`.
            self._process.kill()
            self._process.wait()

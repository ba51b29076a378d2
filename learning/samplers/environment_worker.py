"""Life of a worker process, which steps the environments of some tasks.

A worker process imports this module, NumPy and `environments`, never torch or garage. Numbers go
through `SharedArrays`; a pipe carries one small command a step, its reply, states and errors.
"""

import os
import select
import signal
import threading
import time
import traceback
from multiprocessing.connection import Connection

from environments.registry import TaskSetFactory
from learning.samplers.environment_rows import EnvironmentRows
from learning.samplers.shared_arrays import ArraySizes, map_file
from learning.samplers.task_environment_error import TaskEnvironmentError, TaskStateError

STEP, RESET, GET_STATE, SET_STATE = b"step", b"reset", b"get", b"set"
DONE, RESULT, ERROR = b"done", b"result", b"error"

FOR_THE_PARENT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals by which somebody ends a run."""

GRACE = 1.0
"""Seconds that a worker gets to finish its step once its parent has left."""


def _serve(connection: Connection, rows: EnvironmentRows) -> None:
    """Carry out commands until the parent closes the pipe, which raises EOFError."""
    while True:
        command = connection.recv_bytes()
        if command == STEP:
            rows.step()
            connection.send_bytes(DONE)
        elif command == RESET:
            seeds, same_run = connection.recv()
            rows.reset(seeds, same_run=same_run)
            connection.send_bytes(DONE)
        elif command == GET_STATE:
            state = rows.get_state()
            connection.send_bytes(RESULT)
            connection.send(state)
        else:
            try:
                rows.set_state(connection.recv())
            except TaskStateError as error:
                _report(connection, error)
            else:
                connection.send_bytes(DONE)


def _exit_with_parent(descriptor: int) -> None:
    """End this process soon after the pipe's other end is gone, even inside a hanging step."""
    poll = select.poll()
    poll.register(descriptor, 0)  # hang-ups are always reported
    poll.poll()
    time.sleep(GRACE)
    # `sys.exit` would end this thread alone.
    os._exit(1)


def run_worker(pipe: int, memory: int) -> None:
    """Live as a worker process: set up, serve commands, leave when the pipe closes.

    Args:
        pipe: Descriptor of this worker's end of the pipe. Its first message is
            (worker, factory, task set id, options, whether they are for evaluation, names of its
            tasks, (first, last + 1), sizes).
        memory: Descriptor of the anonymous file with the shared arrays.
    """
    # They may reach the whole process group; the parent decides what they mean, and is waited for
    # by its pipe.
    for each in FOR_THE_PARENT:
        signal.signal(each, signal.SIG_IGN)
    connection = Connection(pipe)
    threading.Thread(target=_exit_with_parent, args=(pipe,), daemon=True).start()
    # For an error before the set-up has arrived.
    worker: int = -1
    names: tuple[str, ...] = ()
    try:
        factory: TaskSetFactory
        sizes: ArraySizes
        setup = connection.recv()
        worker, factory, task_set_id, options, evaluation, names, (first, last), sizes = setup
        arrays = map_file(memory, sizes)
        os.close(memory)
        task_set = factory(task_set_id, **options)
        rows = EnvironmentRows(task_set, first, last, arrays, worker, evaluation=evaluation)
        connection.send_bytes(DONE)
        try:
            _serve(connection, rows)
        finally:
            rows.close()
    except (EOFError, ConnectionError):
        return
    except TaskEnvironmentError as error:
        _report(connection, error)
    except Exception:
        _report(connection, TaskEnvironmentError(names, worker, traceback.format_exc()))


def _report(connection: Connection, error: TaskEnvironmentError) -> None:
    """Send an error to the parent, if it is still there."""
    try:
        connection.send_bytes(ERROR)
        connection.send(error)
    except ConnectionError:
        return

"""The environments of some tasks of a task set, in this process or in a worker process.

A worker process imports this module, NumPy and `environments`, never torch or garage. Numbers go
through `SharedArrays` (infos in the order of `INFO_KEYS`, which is that of a `TaskEnv`); a pipe
carries one small command a step, its reply, states and errors.
"""

import os
import select
import signal
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

import numpy.typing as npt

from environments.task_env import TaskEnv
from environments.task_set import TaskSet
from learning.samplers.shared_arrays import ArraySizes, SharedArrays, map_file
from learning.samplers.task_environment_error import TaskEnvironmentError

TaskSetFactory = Callable[..., TaskSet]
State = dict[str, npt.NDArray[Any]]

STEP, RESET, GET_STATE, SET_STATE, CLOSE = b"step", b"reset", b"get", b"set", b"close"
DONE, RESULT, ERROR = b"done", b"result", b"error"


class EnvironmentRows:
    """The environments of tasks `first` to `last - 1`, which fill their rows of the arrays.

    An environment whose episode has ended is reset at once: `next_observations` keeps the
    observation before the reset, `observations` has the one after.

    Args:
        task_set: makes the environments.
        first: the first task.
        last: one past the last task.
        arrays: where actions are read and everything else is written.
        worker: this worker's number for error messages, None in the main process.

    Raises:
        TaskEnvironmentError: from every method, when an environment raises.
    """

    def __init__(
        self, task_set: TaskSet, first: int, last: int, arrays: SharedArrays, worker: int | None
    ) -> None:
        self._names = task_set.task_names
        self._arrays = arrays
        self._worker = worker
        self._environments: dict[int, TaskEnv] = {}
        for task in range(first, last):
            try:
                self._environments[task] = task_set.make(task)
            except Exception as error:
                raise self._failure(task) from error

    def _failure(self, task: int) -> TaskEnvironmentError:
        """The error of a task, with the traceback of the exception being handled."""
        return TaskEnvironmentError([self._names[task]], self._worker, traceback.format_exc())

    def reset(self, seeds: Sequence[int | None]) -> None:
        """Starts a new episode everywhere.

        Args:
            seeds: one for each task of the whole task set.
        """
        arrays = self._arrays
        for task, environment in self._environments.items():
            try:
                observation, info = environment.reset(seed=seeds[task])
                arrays.observations[task] = observation
                arrays.infos[task] = list(info.values())
            except Exception as error:
                raise self._failure(task) from error

    def step(self) -> None:
        """Steps the active rows."""
        arrays = self._arrays
        active = arrays.active.tolist()
        for task, environment in self._environments.items():
            if not active[task]:
                continue
            try:
                observation, reward, terminated, truncated, info = environment.step(
                    arrays.actions[task]
                )
                arrays.next_observations[task] = observation
                arrays.rewards[task] = reward
                arrays.terminated[task] = terminated
                arrays.truncated[task] = truncated
                arrays.infos[task] = list(info.values())
                if terminated or truncated:
                    observation, _ = environment.reset()
                arrays.observations[task] = observation
            except Exception as error:
                raise self._failure(task) from error

    def get_state(self) -> State:
        """The environments' states under the keys `<task index>/<key>`."""
        state: State = {}
        for task, environment in self._environments.items():
            try:
                values = environment.get_state()
            except Exception as error:
                raise self._failure(task) from error
            state |= {f"{task}/{key}": value for key, value in values.items()}
        return state

    def set_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Restores the environments and their rows of `observations`.

        Args:
            state: what `get_state` gave; keys of other tasks are left alone.
        """
        for task, environment in self._environments.items():
            prefix = f"{task}/"
            own = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            try:
                self._arrays.observations[task] = environment.set_state(own)
            except Exception as error:
                raise self._failure(task) from error

    def close(self) -> None:
        """Closes the environments; safe to call again."""
        while self._environments:
            _, environment = self._environments.popitem()
            environment.close()


def _serve(connection: Connection, rows: EnvironmentRows) -> None:
    """Carries out commands until told to close."""
    while (command := connection.recv_bytes()) != CLOSE:
        if command == STEP:
            rows.step()
            connection.send_bytes(DONE)
        elif command == RESET:
            rows.reset(connection.recv())
            connection.send_bytes(DONE)
        elif command == GET_STATE:
            state = rows.get_state()
            connection.send_bytes(RESULT)
            connection.send(state)
        else:
            rows.set_state(connection.recv())
            connection.send_bytes(DONE)


def _exit_with_parent(descriptor: int) -> None:
    """Ends this process when the other end of the pipe is gone, even inside a hanging step."""
    poll = select.poll()
    poll.register(descriptor, 0)  # hang-ups are always reported
    poll.poll()
    os._exit(1)


def run_worker(pipe: int, memory: int) -> None:
    """Life of a worker process: set up, serve commands, leave when the pipe closes.

    Args:
        pipe: descriptor of this worker's end of the pipe. Its first message is
            (worker, factory, task set id, options, first, last, sizes).
        memory: descriptor of the anonymous file with the shared arrays.
    """
    # Ctrl-C reaches the whole process group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = Connection(pipe)
    threading.Thread(target=_exit_with_parent, args=(pipe,), daemon=True).start()
    worker: int = -1
    names: tuple[str, ...] = ()
    try:
        factory: TaskSetFactory
        sizes: ArraySizes
        worker, factory, task_set_id, options, names, (first, last), sizes = connection.recv()
        arrays = map_file(memory, sizes)
        os.close(memory)
        rows = EnvironmentRows(factory(task_set_id, **options), first, last, arrays, worker)
        connection.send_bytes(DONE)
        _serve(connection, rows)
        rows.close()
    except (EOFError, ConnectionError):
        return
    except TaskEnvironmentError as error:
        _report(connection, error)
    except Exception:
        _report(connection, TaskEnvironmentError(names, worker, traceback.format_exc()))


def _report(connection: Connection, error: TaskEnvironmentError) -> None:
    """Sends an error to the parent, if it is still there."""
    try:
        connection.send_bytes(ERROR)
        connection.send(error)
    except ConnectionError:
        return

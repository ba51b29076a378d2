"""One process at a time trains in a run's folder.

The lock is the kernel's (flock on a file of the folder): it ends with the process, however that
ends, so that nothing stale is ever left. Where the file system has no such locks there is none.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import pathlib
from collections.abc import Iterator

from learning.errors import BusyError
from learning.logging.run_folder import LOCK_FILE

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@contextlib.contextmanager
def held(run_dir: pathlib.Path) -> Iterator[None]:
    """Hold the lock of a run's folder, which is made where it is missing.

    Raises:
        BusyError: Another process holds it.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    # Python's descriptors are not inherited: the workers of a killed run do not keep the lock.
    with (run_dir / LOCK_FILE).open("w", encoding="utf-8") as file:
        if not lock(file.fileno()):
            raise BusyError(f"another process is training in {run_dir}: wait for it, or end it")
        yield


def is_held(run_dir: pathlib.Path) -> bool:
    """Tell whether some process is training in a run's folder."""
    try:
        with (run_dir / LOCK_FILE).open("r+", encoding="utf-8") as file:
            return not lock(file.fileno())
    except FileNotFoundError:
        return False


def lock(descriptor: int) -> bool:
    """Lock an open file until it is closed; return False where another process has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True

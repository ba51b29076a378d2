"""Starts a command that the kernel ends when the process that asked for it is gone (Linux).

    python tethered.py PID COMMAND...

A driver that is killed by SIGKILL can tell its runs nothing; without this they would go on beside
those of the driver that is started next. Only the standard library is imported here, since the
command takes this process's place.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Take the command's place in this process.

    Args:
        parent: Process id of who asked for it.
        command: Program and arguments.
    """
    # A driver in a shell's background ignores SIGINT, and its runs must not inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have gone before the line above.
    if os.getppid() != parent:
        sys.exit("the process that started this is gone")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

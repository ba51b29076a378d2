"""What this machine lets the process use; defaults that depend on it are resolved at start."""

import functools
import math
import os
import pathlib

import psutil

_CGROUP_MEMORY = pathlib.Path("/sys/fs/cgroup/memory.max")
_CGROUP_LIMIT = pathlib.Path("/sys/fs/cgroup/cpu.max")


@functools.cache
def usable_memory() -> int:
    """Return the bytes of memory that this process may use: the machine's, or a container's."""
    limits = [int(psutil.virtual_memory().total)]
    if _CGROUP_MEMORY.is_file():
        limit = _CGROUP_MEMORY.read_text().strip()
        if limit != "max":
            limits.append(int(limit))
    return min(limits)


@functools.cache
def usable_cores() -> int:
    """Return the number of physical cores that this process may use, at least 1.

    The smallest of: the machine's physical cores, the cores that the process is bound to, and a
    container's quota of processor time.
    """
    limits = [psutil.cpu_count(logical=False) or os.cpu_count() or 1]
    if hasattr(os, "sched_getaffinity"):
        limits.append(len(os.sched_getaffinity(0)))
    if _CGROUP_LIMIT.is_file():
        quota, period = _CGROUP_LIMIT.read_text().split()
        if quota != "max":
            limits.append(math.floor(int(quota) / int(period)))
    return max(1, min(limits))

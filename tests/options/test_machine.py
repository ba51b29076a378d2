"""The usable cores: the smallest of the machine's, the process's and the container's."""

import os

import psutil
import pytest

from learning.options import machine


@pytest.mark.parametrize(
    ("physical", "bound", "quota", "cores"),
    [
        (8, 16, "max 100000", 8),
        (8, 3, "max 100000", 3),
        (8, 16, "250000 100000", 2),
        (8, 16, "50000 100000", 1),
        (8, 16, None, 8),
    ],
)
def test_usable_cores(tmp_path, monkeypatch, *, physical, bound, quota, cores):
    limit = tmp_path / "cpu.max"
    if quota is not None:
        limit.write_text(quota + "\n")
    monkeypatch.setattr(machine, "_CGROUP_LIMIT", limit)
    monkeypatch.setattr(psutil, "cpu_count", lambda logical: physical)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(bound)), raising=False)
    assert machine.usable_cores.__wrapped__() == cores

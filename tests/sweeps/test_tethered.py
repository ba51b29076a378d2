"""A tethered process ends with the one that started it, also when that is killed."""

import signal
import subprocess
import sys

import psutil
import pytest

from learning.sweeps import tethered

DRIVER = f"""
import os, subprocess, sys
command = [sys.executable, "-c", "import time; time.sleep(100)"]
child = subprocess.Popen(
    [sys.executable, "-P", {tethered.__file__!r}, str(os.getpid()), *command],
    start_new_session=True,
)
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it is the kernel's service")
def test_it_ends_with_a_killed_driver():
    driver = subprocess.Popen([sys.executable, "-c", DRIVER], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(driver.stdout.readline()))
    # Until it has become the command.
    while tethered.__file__ in child.cmdline():
        pass
    driver.send_signal(signal.SIGKILL)
    driver.communicate()
    assert not psutil.wait_procs([child], timeout=10)[1]


def test_it_does_not_start_for_who_is_gone():
    done = subprocess.run(
        [sys.executable, "-P", tethered.__file__, "1", sys.executable, "-c", "print('here')"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "is gone" in done.stderr
    assert done.stdout == ""

"""One process at a time in a run's folder."""

import subprocess
import sys

import pytest

from learning.errors import BusyError
from learning.logging.run_folder import check_run_folder
from learning.logging.run_lock import held, is_held

HOLD = """
import pathlib, sys
from learning.logging.run_lock import held
with held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_is_refused_until_this_one_ends(tmp_path):
    run_dir = tmp_path / "a" / "run"
    assert not is_held(run_dir)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(run_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout.readline() == "held\n"
    assert is_held(run_dir)
    with pytest.raises(BusyError, match="another process is training in"), held(run_dir):
        pass
    other.kill()
    other.communicate()
    # Killed as it was, it leaves the file and no lock, and the folder counts as unused.
    assert (run_dir / "lock").is_file()
    assert not is_held(run_dir)
    check_run_folder(run_dir)
    with held(run_dir):
        assert is_held(run_dir)
    assert not is_held(run_dir)

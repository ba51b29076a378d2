"""Ray is imported where it is wanted alone, and does not change what Ctrl-C does."""

import pathlib
import signal
import subprocess
import sys

import pytest

from learning.errors import RayError
from learning.ray_access.importing import import_ray

ROOT = pathlib.Path(__file__).parents[2]

CTRL_C = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
{imports}
os.kill(os.getpid(), signal.SIGINT)
"""


def exit_code(code):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.DEVNULL, check=False
    ).returncode


def test_without_ray_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RayError, match=r"--so needs Ray: pip install -r requirements-ray\.txt"):
        import_ray("--so")


def test_garage_is_imported_without_ray():
    code = "import sys, learning.garage_bridge.garage_compat as g; sys.exit('ray' in sys.modules)"
    assert exit_code(code) == 0


@pytest.mark.ray
def test_ctrl_c_ends_a_process_with_ray_as_one_without():
    ours = "from learning.ray_access.importing import import_ray; import_ray('this')"
    assert exit_code(CTRL_C.format(imports="")) == -signal.SIGINT
    assert exit_code(CTRL_C.format(imports=ours)) == -signal.SIGINT
    assert exit_code(CTRL_C.format(imports="import ray")) == 1, "the repair is no longer needed"

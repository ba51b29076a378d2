"""Multi-task learning on garage: networks, mixtures, samplers, algorithms, records."""

import os
import sys

_SPIN_COUNT = "GOMP_SPINCOUNT"

# A thread of torch (GNU OpenMP) that waits for the next product spins for milliseconds by default,
# on a core that the environments' processes need. OpenMP reads this once, when torch is imported,
# so it stands where every part of the project passes first; what the user sets is left alone.
# Measured with benchmarks.throughput: collecting for 50 tasks 1.3 times as fast, updates as before.
_is_set_here = "torch" not in sys.modules and _SPIN_COUNT not in os.environ
if _is_set_here:
    os.environ[_SPIN_COUNT] = "1000"


def forget_spin_count() -> None:
    """Take the variable back once torch has been imported, so that no other program inherits it."""
    global _is_set_here  # noqa: PLW0603  (it belongs to the process, as the variable does)
    if _is_set_here:
        os.environ.pop(_SPIN_COUNT, None)
        _is_set_here = False

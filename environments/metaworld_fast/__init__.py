"""Meta-World's environments with a step at least twice as fast and the same results.

Four fifths of the time of Meta-World's step go into Python around MuJoCo. `fast_class` makes of an
environment class of Meta-World a subclass in which

- `stepping.py` replaces the methods of the common base class that act, observe and look up bodies;
- `rebinding.py` lets the task's own methods (its reward function, its observation of objects) run
  unchanged, but in a private copy of their module's namespace, where some helpers on tiny arrays
  (`small_arrays.py`), the reward's `tolerance` (`tolerance.py`) and SciPy's conversion of a
  rotation matrix (`quaternions.py`) are faster ones with equal results.

Meta-World's own classes and modules are not touched. Equality is checked on all tasks by
tests/environments/test_metaworld_fast.py, the speed by `python -m benchmarks.metaworld_step`.
"""

from environments.metaworld_fast.rebinding import fast_class

METAWORLD_VERSION = "3.1.1"
"""Meta-World's version that the equality was last checked against."""

__all__ = ["METAWORLD_VERSION", "fast_class"]

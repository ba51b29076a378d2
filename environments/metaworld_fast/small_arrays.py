"""NumPy for vectors of a few numbers: a stand-in for the module `numpy` in Meta-World's methods.

It is NumPy, except for the functions below, whose Python layers cost more than their work. Each
answers the usual cases itself, bit for bit as NumPy does, and leaves all others to NumPy.
"""

from __future__ import annotations

import math
import types
from collections.abc import Sequence
from typing import Any

import numpy as np

_FLOAT64 = np.dtype(np.float64)
_NUMBERS = frozenset({float, int, np.float64})
_SCALARS = frozenset({float, np.float64})
_CLIPPED = frozenset({np.float64, np.float32})


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Return what `numpy.linalg.norm` does; fast for a float64 and for a float64 vector."""
    if type(x) is np.ndarray:
        if x.dtype is _FLOAT64 and x.ndim == 1 and (ord is None or ord == 2) and not keepdims:
            if axis is None:
                vector = x.ravel(order="K")  # the sum's rounding may depend on strides
                return np.float64(math.sqrt(vector.dot(vector)))
            # Along an axis NumPy adds the squares in turn and takes no dot product.
            if axis == 0 and x.size == 3:
                a, b, c = x.tolist()
                return np.float64(math.sqrt(a * a + b * b + c * c))
    elif type(x) is np.float64 and ord is None and axis is None and not keepdims:
        return np.float64(math.sqrt(x * x))
    return np.linalg.norm(x, ord=ord, axis=axis, keepdims=keepdims)


def clip(a: Any, a_min: Any = None, a_max: Any = None, **kwargs: Any) -> Any:
    """Return what `numpy.clip` does; fast for a NumPy scalar between two Python numbers."""
    usual = type(a) in _CLIPPED and type(a_min) in _NUMBERS and type(a_max) in _NUMBERS
    if usual and a_min <= a <= a_max and not kwargs:
        return a
    return np.clip(a, a_min, a_max, **kwargs)


def hstack(tup: Sequence[Any], **kwargs: Any) -> Any:
    """Return what `numpy.hstack` does; fast for floats alone and for vectors alone."""
    if type(tup) in (tuple, list) and tup and not kwargs:
        if all(type(entry) in _SCALARS for entry in tup):
            return np.array(tup)
        if all(type(entry) is np.ndarray and entry.ndim == 1 for entry in tup):
            return np.concatenate(tup)
    return np.hstack(tup, **kwargs)


def _stand_in(module: types.ModuleType, **replaced: Any) -> types.ModuleType:
    copy = types.ModuleType(module.__name__, module.__doc__)
    copy.__dict__.update(module.__dict__)
    copy.__dict__.update(replaced)
    return copy


numpy_stand_in = _stand_in(np, linalg=_stand_in(np.linalg, norm=norm), clip=clip, hstack=hstack)
"""NumPy with the functions above."""

"""`scipy.spatial.transform.Rotation.from_matrix(matrix).as_quat()` for one rotation matrix.

SciPy's way for a single matrix is 40 us of checks around four additions and a division (Markley,
"Unit Quaternion from Rotation Matrix", J. Guidance, Control and Dynamics 31.2, 2008). MuJoCo's
matrices are rotations to rounding; one that is not goes to SciPy, which repairs or refuses it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

_SKEW = 1e-13
"""Largest product of two rows; SciPy repairs a matrix from 1e-12 on."""
_STRETCH = 1e-6
"""Largest deviation of a row's squared length from 1; SciPy repairs from 1e-5 on."""


class RotationStandIn:
    """What Meta-World uses of SciPy's `Rotation`."""

    __slots__ = ("_matrix",)

    def __init__(self, matrix: npt.NDArray[np.float64]) -> None:
        """Keep the matrix, [3, 3]."""
        self._matrix = matrix

    @classmethod
    def from_matrix(cls, matrix: npt.NDArray[np.float64]) -> Any:
        """Take a matrix, [3, 3]; return SciPy's own rotation for any other shape."""
        return cls(matrix) if matrix.shape == (3, 3) else Rotation.from_matrix(matrix)

    def as_quat(self) -> npt.NDArray[np.float64]:
        """Return the unit quaternion, its scalar last, its sign by SciPy's rule, [4]."""
        row_0, row_1, row_2 = self._matrix.tolist()
        a, b, c = row_0
        d, e, f = row_1
        g, h, i = row_2
        is_rotation = (
            -_SKEW < a * d + b * e + c * f < _SKEW
            and -_SKEW < a * g + b * h + c * i < _SKEW
            and -_SKEW < d * g + e * h + f * i < _SKEW
            and -_STRETCH < a * a + b * b + c * c - 1 < _STRETCH
            and -_STRETCH < d * d + e * e + f * f - 1 < _STRETCH
            and -_STRETCH < g * g + h * h + i * i - 1 < _STRETCH
            # The determinant: SciPy refuses a matrix whose determinant is not positive.
            and a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) > 0
        )
        if not is_rotation:
            result: npt.NDArray[np.float64] = Rotation.from_matrix(self._matrix).as_quat()
            return result
        trace = a + e + i
        # The largest of the three diagonal entries and the trace, the first of equals.
        if a >= e and a >= i and a >= trace:
            x, y, z, w = 1 - trace + 2 * a, d + b, g + c, h - f
        elif e >= i and e >= trace:
            x, y, z, w = b + d, 1 - trace + 2 * e, h + f, c - g
        elif i >= trace:
            x, y, z, w = c + g, f + h, 1 - trace + 2 * i, d - b
        else:
            x, y, z, w = h - f, c - g, d - b, 1 + trace
        length = math.sqrt(x * x + y * y + z * z + w * w)
        return np.array([x / length, y / length, z / length, w / length])

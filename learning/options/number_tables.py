"""Tables of numbers that an option takes as a file: CSV, text or .npy."""

from __future__ import annotations

import os

_MAGIC = b"\x93NUMPY"
"""How an .npy file begins."""


def read_numbers(path: str) -> tuple[float, ...]:
    """Read a table of numbers, separated by commas or blanks, or an .npy file, row by row.

    Args:
        path: The file.

    Raises:
        ValueError: It cannot be read, or holds no table of numbers.
    """
    import numpy as np  # noqa: PLC0415 (only where a file is given)

    try:
        if not os.path.isfile(path):
            raise ValueError("there is no such file")
        if path.endswith(".npy"):
            with open(path, "rb") as file:
                if file.read(len(_MAGIC)) != _MAGIC:
                    raise ValueError("it is no .npy file")
            # Mapped, so that a file which claims more than it has is refused, not made room for.
            table = np.load(path, mmap_mode="r", allow_pickle=False)
            if table.dtype.kind not in "iuf":
                raise ValueError("it is no array of integers or floats")
        else:
            with open(path, encoding="utf-8") as file:
                table = np.loadtxt(file.read().replace(",", " ").splitlines(), ndmin=2)
        return tuple(float(number) for number in table.ravel())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path!r}: no table of finite numbers: {error}") from error

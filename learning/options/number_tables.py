"""Tables of numbers that an option takes as a file: CSV, text or .npy."""

from __future__ import annotations


def read_numbers(path: str) -> tuple[float, ...]:
    """Read a table of numbers, separated by commas or blanks, or an .npy file, row by row.

    Args:
        path: The file.

    Raises:
        ValueError: It cannot be read, or holds no table of numbers.
    """
    import numpy as np  # noqa: PLC0415 (only where a file is given)

    try:
        if path.endswith(".npy"):
            table = np.load(path, allow_pickle=False)
        else:
            with open(path, encoding="utf-8") as file:
                table = np.loadtxt(file.read().replace(",", " ").splitlines(), ndmin=2)
        return tuple(float(number) for number in table.ravel())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path!r}: no table of finite numbers: {error}") from error

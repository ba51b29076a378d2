"""Files that are written whole or not at all, and whose damage is seen when they are read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt
import safetensors
import safetensors.numpy

from learning.errors import SnapshotError


def write_file(path: Path, content: bytes) -> str:
    """Write a file aside, flush it to the disk, and move it into place.

    Returns:
        The SHA-256 of the content, in hex.
    """
    aside = path.with_name(f".{path.name}.writing")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    # Of what was meant to be written, so that reading sees where the file differs.
    return hashlib.sha256(content).hexdigest()


def read_file(path: Path, digest: str) -> bytes:
    """Read a file and check it against its SHA-256.

    Raises:
        SnapshotError: It is missing, or not what was written.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SnapshotError(f"{path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise SnapshotError(f"{path} is damaged: its content is not what was written")
    return content


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """Write named arrays in the safetensors format, which holds numbers only.

    Returns:
        The SHA-256 of the file, in hex.
    """
    return write_file(path, safetensors.numpy.save(dict(arrays)))


def read_arrays(path: Path, digest: str) -> dict[str, npt.NDArray[Any]]:
    """Read what :func:`write_arrays` wrote.

    Raises:
        SnapshotError: It is missing or damaged.
    """
    try:
        arrays: dict[str, npt.NDArray[Any]] = safetensors.numpy.load(read_file(path, digest))
    except safetensors.SafetensorError as error:
        raise SnapshotError(f"{path} is damaged: {error}") from error
    return arrays

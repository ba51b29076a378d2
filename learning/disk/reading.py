"""Texts and JSON that somebody else may have written: read as plain data, or refused in a sentence.

Nothing that is read here runs, a folder's file is never one that lies outside of it, and what a
file says about itself is checked against what the reader expects.
"""

from __future__ import annotations

import json
import pathlib
from typing import Any

from learning.errors import RecordError


def text_of(path: pathlib.Path) -> str:
    """Return a file's text.

    Raises:
        RecordError: It is no file of UTF-8 text, or cannot be read.
    """
    if not path.is_file():
        raise RecordError(f"{path} is no file")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RecordError(f"{path} is damaged: {error}") from error
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror}") from error


def json_of(text: str | bytes) -> Any:
    """Return the plain values of a JSON text; its numbers are finite.

    Raises:
        ValueError: It is no such text, is nested too deep, or holds a number that no float holds.
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("its lists and objects are nested too deep") from error


def json_object_of(path: pathlib.Path) -> dict[str, Any]:
    """Return the JSON object that a file holds.

    Raises:
        RecordError: It holds none.
    """
    try:
        values = json_of(text_of(path))
    except ValueError as error:
        raise RecordError(f"{path} is damaged: {error}") from error
    if not isinstance(values, dict):
        raise RecordError(f"{path} is damaged: it holds no JSON object")
    return values


def require_inside(folder: pathlib.Path, path: pathlib.Path) -> None:
    """Refuse a file of a folder that is a link to somewhere else, or lies behind one.

    Raises:
        RecordError: It is.
    """
    if not path.resolve().is_relative_to(folder.resolve()):
        raise RecordError(f"{path} lies outside of {folder}: a link in a record is not followed")


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:40]} is larger than any number here")
    return number

"""From a value of a grid's file to what `resolve` takes, and to words of a command line."""

from __future__ import annotations

import pathlib
from typing import Any

from environments.options import Option
from learning.options.number_tables import read_numbers


def given_value(option: Option, value: Any, folder: pathlib.Path) -> Any:
    """Return what the command line would make of a value.

    Args:
        option: The option that it is for.
        value: As the file has it; "none" is None where that is allowed, and a table of numbers is a
            file's name.
        folder: What the names of files are relative to.

    Raises:
        ValueError: The file cannot be read, or holds no table of numbers.
    """
    if isinstance(value, str) and option.optional and value.lower() == "none":
        return None
    if option.from_file:
        if not isinstance(value, str):
            raise ValueError(f"{value!r}: allowed is the name of a file, relative to the grid's")
        path = folder / value
        return path if option.from_file == "name: d" else read_numbers(str(path))
    return tuple(value) if isinstance(value, list) else value


def option_words(name: str, option: Option, value: Any, folder: pathlib.Path) -> list[str]:
    """Return the words of a command line that give an option a value.

    Args:
        name: Its name.
        option: The option.
        value: As the file has it.
        folder: What the names of files are relative to.
    """
    if option.from_file and str(value).lower() != "none":
        return [f"--{name}={folder / value}"]
    if isinstance(value, bool):
        return [f"--{name}={str(value).lower()}"]
    if isinstance(value, list | tuple):
        return [f"--{name}={','.join(map(str, value))}"]
    return [f"--{name}={value}"]


def flag_words(name: str, value: Any) -> list[str]:
    """Return the words of an option that takes none on the command line: there, or not."""
    return [f"--{name}"] if value else []

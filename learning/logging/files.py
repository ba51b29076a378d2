"""Files that are either the old or the new version, whenever the program is killed."""

import json
import os
import pathlib
from collections.abc import Mapping
from typing import Any


def write_text(path: pathlib.Path, text: str) -> None:
    """Write `text` aside, onto the disk, and move it into place."""
    aside = path.with_name(path.name + ".part")
    with aside.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        # Or else a power cut could leave the new name with nothing in it.
        os.fsync(file.fileno())
    aside.replace(path)


def write_json(path: pathlib.Path, values: Mapping[str, Any]) -> None:
    """Write a JSON object as `write_text` does."""
    write_text(path, json.dumps(values, indent=2, allow_nan=False) + "\n")

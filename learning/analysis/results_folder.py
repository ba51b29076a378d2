"""What the CSV files of a folder of `results/` do not say themselves: `runs.json` beside them.

It holds, for each label, what was run: `{"mtsac": {"method": "mtsac", "env": "JacoReachMT5-v1",
"precision": "bf16", "protocol": {...}}}`. Any of the keys may be missing, and so may the file.
"""

import dataclasses
import pathlib
from collections.abc import Mapping

from environments.options import OptionValue
from learning.disk.reading import json_object_of
from learning.errors import RecordError
from learning.logging.files import write_json

RUNS_FILE = "runs.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class CsvRun:
    """What is known of the runs of a label, beside their rows.

    Attributes:
        env: Id of the task set; where nothing says it, the name of the folder.
        method: Row of the method table, or None.
        precision: Numbers of the matrix products, or None.
        protocol: Protocol card, or None.
    """

    env: str
    method: str | None = None
    precision: str | None = None
    protocol: Mapping[str, OptionValue] | None = None


def read_csv_run(folder: pathlib.Path, label: str) -> CsvRun:
    """Read what `runs.json` says of a label.

    Raises:
        RecordError: The file is damaged, or has a key that is not known here.
    """
    path = folder / RUNS_FILE
    if not path.is_file():
        return CsvRun(env=folder.resolve().name)
    entry = json_object_of(path).get(label, {})
    if not isinstance(entry, dict):
        raise RecordError(f"{path} is damaged: an object a label is wanted")
    known = {field.name: dict if field.name == "protocol" else str for field in _FIELDS}
    for key, value in entry.items():
        if key not in known or not isinstance(value, known[key]):
            raise RecordError(f"{path}: {label} has {key} = {value!r}: allowed are {list(known)}")
    return CsvRun(**{"env": folder.resolve().name, **entry})


def add_csv_run(folder: pathlib.Path, label: str, run: CsvRun) -> None:
    """Write into `runs.json` what a label's runs are; the file is made where there is none.

    Args:
        folder: Folder of the CSV files.
        label: Their label.
        run: What they are.

    Raises:
        RecordError: The file is damaged, or says otherwise of this label.
    """
    path = folder / RUNS_FILE
    there = read_csv_run(folder, label)
    content = json_object_of(path) if path.is_file() else {}
    new = {key: value for key, value in dataclasses.asdict(run).items() if value is not None}
    for key, value in content.get(label, {}).items():
        if new.get(key, value) != getattr(there, key):
            raise RecordError(
                f"{path} has {key} = {value!r} for {label}, and another run of that label has "
                f"{new[key]!r}: give one of them a --name when training"
            )
    content[label] = content.get(label, {}) | new
    write_json(path, dict(sorted(content.items())))


_FIELDS = dataclasses.fields(CsvRun)

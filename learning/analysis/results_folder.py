"""What the CSV files of a folder of `results/` do not say themselves: `runs.json` beside them.

It holds, for each label, what was run: `{"mtsac": {"method": "mtsac", "env": "JacoReachMT5-v1",
"precision": "bf16", "protocol": {...}, "seeds": {"1": {"command": ..., "revision": ...}}}}`. Any of
the keys may be missing, and so may the file.
"""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

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
        seeds: Seed -> how its run was made, see `run_making`, and whether it has `finished`; or
            None.
    """

    env: str
    method: str | None = None
    precision: str | None = None
    protocol: Mapping[str, OptionValue] | None = None
    seeds: Mapping[str, Mapping[str, Any]] | None = None


def read_csv_run(folder: pathlib.Path, label: str) -> CsvRun:
    """Read what `runs.json` says of a label.

    Raises:
        RecordError: The file is damaged, or has a key that is not known here.
    """
    entry = _read_entries(folder).get(label, {})
    return CsvRun(**{"env": folder.resolve().name, **entry})


def written_csv_run(folder: pathlib.Path, label: str) -> dict[str, Any]:
    """Return what `runs.json` says of a label, and nothing that it does not say.

    Raises:
        RecordError: See `read_csv_run`.
    """
    return dict(_read_entries(folder).get(label, {}))


def write_csv_runs(folder: pathlib.Path, runs: Mapping[str, CsvRun]) -> None:
    """Write into `runs.json` what the runs of some labels are; what it says of others stays.

    Args:
        folder: Folder of the CSV files.
        runs: Label -> what its runs are.

    Raises:
        RecordError: The file is damaged.
    """
    content = _read_entries(folder)
    for label, run in runs.items():
        entry = dataclasses.asdict(run)
        content[label] = {key: value for key, value in entry.items() if value is not None}
    write_json(folder / RUNS_FILE, dict(sorted(content.items())))


_KINDS = {"env": str, "method": str, "precision": str, "protocol": dict, "seeds": dict}


def _read_entries(folder: pathlib.Path) -> dict[str, dict[str, Any]]:
    path = folder / RUNS_FILE
    if not path.is_file():
        return {}
    content = json_object_of(path)
    if not all(isinstance(each, dict) for each in content.values()):
        raise RecordError(f"{path} is damaged: an object a label is wanted")
    for label, entry in content.items():
        for key, value in entry.items():
            if key not in _KINDS or not isinstance(value, _KINDS[key]):
                raise RecordError(
                    f"{path}: {label} has {key} = {value!r}: allowed are {list(_KINDS)}"
                )
        if not all(isinstance(each, dict) for each in entry.get("seeds", {}).values()):
            raise RecordError(f"{path}: {label} has seeds of another kind: an object a seed wanted")
    return content

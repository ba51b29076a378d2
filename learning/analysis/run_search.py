"""Which runs lie where: folders of runs, and files of `results/`, searched in folders."""

import os
import pathlib
from collections.abc import Iterator, Sequence

from learning.analysis.run_names import CSV_NAME
from learning.errors import RecordError
from learning.logging.run_folder import CONFIG_FILE, PROGRESS_FILE, PROTOCOL_FILE


def find_runs(paths: Sequence[pathlib.Path]) -> list[pathlib.Path]:
    """Return the runs in some places, each once, sorted within each place.

    Args:
        paths: Folders of runs, folders that hold such at any depth (links are not followed), and
            files `<label>_seed<seed>.csv` or folders of them.

    Returns:
        A folder or a CSV file a run.

    Raises:
        RecordError: A path is not there, or holds no run.
    """
    found: dict[pathlib.Path, pathlib.Path] = {}
    for path in paths:
        if not path.exists():
            raise RecordError(f"{path} is not there")
        here = [path] if path.is_file() else list(_runs_below(path))
        if path.is_file() and CSV_NAME.fullmatch(path.name) is None:
            raise RecordError(f"{path} is no run: its name is not <label>_seed<seed>.csv")
        if not here:
            raise RecordError(
                f"{path} holds no run: neither a folder with {CONFIG_FILE} and {PROGRESS_FILE} nor "
                "a file <label>_seed<seed>.csv"
            )
        for each in here:
            found.setdefault(each.resolve(), each)
    return list(found.values())


def _runs_below(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    for name, folders, files in os.walk(folder):
        here = pathlib.Path(name)
        if CONFIG_FILE in files and (PROGRESS_FILE in files or PROTOCOL_FILE in files):
            folders.clear()  # What lies in a run belongs to it.
            yield here
            continue
        folders.sort()
        yield from (here / file for file in sorted(files) if CSV_NAME.fullmatch(file))

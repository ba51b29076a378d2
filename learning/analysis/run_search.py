"""Which runs lie where: folders of runs, and files of `results/`, searched in folders."""

import os
import pathlib
from collections.abc import Iterable, Iterator, Sequence

from learning.analysis.labelled_runs import LabelledRuns, Place
from learning.analysis.run_names import CSV_NAME
from learning.errors import RecordError
from learning.logging.run_folder import CONFIG_FILE, PROGRESS_FILE, PROTOCOL_FILE


def find_runs(places: Sequence[Place]) -> list[pathlib.Path]:
    """Return the runs in some places, each once, sorted within each place.

    Args:
        places: Folders of runs, folders that hold such at any depth (links are not followed), files
            `<label>_seed<seed>.csv` or folders of them, and labelled runs, of which those that are
            there are returned, in their order.

    Returns:
        A folder or a CSV file a run.

    Raises:
        RecordError: A place is not there, or holds no run.
    """
    found: dict[pathlib.Path, pathlib.Path] = {}
    for path in places:
        if isinstance(path, LabelledRuns):
            for each in _there(path):
                found.setdefault(each.resolve(), each)
            continue
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


def is_run(folder: pathlib.Path) -> bool:
    """Return whether a folder holds a run's record."""
    return _has_record(path.name for path in folder.iterdir()) if folder.is_dir() else False


def _has_record(files: Iterable[str]) -> bool:
    names = set(files)
    return CONFIG_FILE in names and bool(names & {PROGRESS_FILE, PROTOCOL_FILE})


def _there(place: LabelledRuns) -> list[pathlib.Path]:
    there = [run.source for run in place.runs if is_run(run.source)]
    if not there:
        raise RecordError(
            f"none of the {len(place.runs)} runs of {place.name} is there, such as "
            f"{place.runs[0].source}: `python run.py sweep {place.name}` trains them, with the "
            "folder that they are below as its --out"
        )
    return there


def _runs_below(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    for name, folders, files in os.walk(folder):
        here = pathlib.Path(name)
        if _has_record(files):
            folders.clear()  # What lies in a run belongs to it.
            yield here
            continue
        folders.sort()
        yield from (here / file for file in sorted(files) if CSV_NAME.fullmatch(file))

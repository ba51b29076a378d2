"""A run's folder: which, under what name, and what files it holds."""

from __future__ import annotations

import dataclasses
import os
import pathlib

from learning.disk.reading import require_inside, text_of
from learning.errors import ConfigError, RecordError
from learning.options import OptionGroup, option

CONFIG_FILE = "config.json"
PROTOCOL_FILE = "protocol.json"
VERSIONS_FILE = "versions.json"
VERSIONS_OF_RESUMPTION = "versions_after_epoch_{}.json"
"""Name of the same file for a resumption, with the last epoch before it."""
PROGRESS_FILE = "progress.csv"
EVALUATION_FILE = "eval.csv"
SNAPSHOTS_FOLDER = "snapshots"
LOCK_FILE = "lock"
"""Held by the process that trains (`run_lock.py`); the file stays, and means nothing by itself."""

_OURS = "chosen by us"

_LONGEST_NAME = 200
"""Bytes; a folder's name has 255 at most, and the seed is added."""

_ROOM_BELOW = 200
"""Bytes of a path that a run's own files take beneath its folder."""

_NOT_FOR_FILES = ("/dev", "/proc", "/sys")
"""Folders of the kernel's own."""

_MEMORY_DISK = "/dev/shm"
"""The one folder in them that is for files."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunOptions(OptionGroup):
    """Which run it is, and where its record goes.

    Raises:
        ConfigError: A value is not allowed.
    """

    seed: int = option(
        1,
        at_least=0,
        source=_OURS,
        help="Seed of all random streams of the run; the same seed gives the same run on the CPU.",
    )
    name: str = option(
        "run",
        source=_OURS,
        help="Name of the run; runs of one method, task set, name and seed share a folder.",
    )
    log_dir: str | None = option(
        None,
        source=_OURS,
        help="Folder of the run's record; a folder with something in it is never overwritten. "
        "none: `runs/<method>/<env>/<name>_<seed>`.",
    )
    wandb: bool = option(
        False,
        source=_OURS,
        help="Log to Weights & Biases too (requirements-wandb.txt).",
    )

    def __post_init__(self) -> None:
        """Check every value; see the class."""
        super().__post_init__()
        for name in ("name", "log_dir"):
            value = getattr(self, name)
            if value is not None and not value.strip():
                raise ConfigError(f"{name} = {value!r}: must not be empty")
            if value is not None and not value.isprintable():
                raise ConfigError(f"{name} = {value!r}: allowed is a text of printable characters")
        if "/" in self.name or self.name in (".", ".."):
            raise ConfigError(f"name = {self.name!r}: allowed is a name without '/'")
        if len(self.name.encode()) > _LONGEST_NAME:
            raise ConfigError(
                f"name = '{self.name[:40]}...': allowed are at most {_LONGEST_NAME} bytes"
            )


def check_run_folder(run_dir: pathlib.Path) -> None:
    """Refuse a folder in which no new run can begin.

    Raises:
        RecordError: There is something in it.
        ConfigError: No folder can be made there.
    """
    problem = _problem_with(run_dir)
    if problem is not None:
        shown = str(run_dir) if len(str(run_dir)) <= 200 else f"{str(run_dir)[:200]}..."
        raise ConfigError(f"{shown} {problem}: choose another with --log_dir")
    if run_dir.is_dir() and not is_unused(run_dir):
        raise RecordError(
            f"{run_dir} holds a run already, which is never overwritten. Go on with it: "
            f"`python run.py resume {run_dir}`; or start another: give --name, --seed or --log_dir."
        )


def _problem_with(run_dir: pathlib.Path) -> str | None:
    """Return why no folder can be made or written there; None: one can."""
    if str(run_dir).startswith("~"):
        return "begins with the home of a user who is not there"
    path = run_dir.absolute()
    # Of a folder that is not there yet, the nearest that is.
    while not os.path.lexists(path):
        path = path.parent
    try:
        place = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        return f"cannot be a folder ({error})"
    if not place.is_dir():
        return f"is no folder ({path} is none)"
    kernels = any(place.is_relative_to(each) for each in _NOT_FOR_FILES)
    if kernels and not place.is_relative_to(_MEMORY_DISK):
        return "is among the kernel's own folders, which are not for files"
    if not os.access(place, os.W_OK | os.X_OK):
        return f"cannot be written ({path} is read-only for this user)"
    return _too_long(run_dir, place)


def _too_long(run_dir: pathlib.Path, place: pathlib.Path) -> str | None:
    """Return what is too long for the file system of a place above the folder; None: nothing."""
    longest = os.pathconf(place, "PC_NAME_MAX")
    if any(len(part.encode()) > longest for part in run_dir.parts):
        return f"has a name of more than {longest} bytes"
    whole = os.pathconf(place, "PC_PATH_MAX") - _ROOM_BELOW
    if len(str(run_dir.absolute()).encode()) > whole:
        return f"is longer than {whole} bytes"
    return None


def is_unused(run_dir: pathlib.Path) -> bool:
    """Tell whether a folder holds nothing but what a run leaves that ended before it began."""
    begun = {LOCK_FILE, CONFIG_FILE + ".part"}
    return all(path.name in begun for path in run_dir.iterdir())


def require_file(run_dir: pathlib.Path, name: str) -> pathlib.Path:
    """Return the path of a file of a run.

    Raises:
        RecordError: It is not there, or is a link out of the folder.
    """
    path = run_dir / name
    if not path.is_file():
        raise RecordError(f"{run_dir} is not the folder of a run: it has no {name}")
    require_inside(run_dir, path)
    return path


def read_file(run_dir: pathlib.Path, name: str) -> str:
    """Return the text of a file of a run.

    Raises:
        RecordError: It is not there, is a link out of the folder, or is no text.
    """
    return text_of(require_file(run_dir, name))

"""A run's folder: which, under what name, and what files it holds."""

from __future__ import annotations

import dataclasses
import pathlib

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
        if "/" in self.name or self.name in (".", ".."):
            raise ConfigError(f"name = {self.name!r}: allowed is a name without '/'")


def check_run_folder(run_dir: pathlib.Path) -> None:
    """Refuse a folder in which no new run can begin.

    Raises:
        RecordError: There is something in it, or it is no folder.
    """
    if run_dir.exists() and not run_dir.is_dir():
        raise RecordError(f"{run_dir} is no folder: choose another with --log_dir")
    if run_dir.is_dir() and not is_unused(run_dir):
        raise RecordError(
            f"{run_dir} holds a run already, which is never overwritten. Go on with it: "
            f"`python run.py resume {run_dir}`; or start another: give --name, --seed or --log_dir."
        )


def is_unused(run_dir: pathlib.Path) -> bool:
    """Tell whether a folder holds nothing but what a run leaves that ended before it began."""
    begun = {LOCK_FILE, CONFIG_FILE + ".part"}
    return all(path.name in begun for path in run_dir.iterdir())


def require_file(run_dir: pathlib.Path, name: str) -> pathlib.Path:
    """Return the path of a file of a run.

    Raises:
        RecordError: It is not there.
    """
    path = run_dir / name
    if not path.is_file():
        raise RecordError(f"{run_dir} is not the folder of a run: it has no {name}")
    return path


def read_file(run_dir: pathlib.Path, name: str) -> str:
    """Return the text of a file of a run.

    Raises:
        RecordError: It is not there.
    """
    return require_file(run_dir, name).read_text(encoding="utf-8")

"""The snapshots of one run, in its folder ``snapshots/``.

A snapshot is a folder ``epoch_000123`` with ``arrays.safetensors`` and ``snapshot.json``. The
latter holds plain values, the SHA-256 of every file that belongs to it, and the run's config; it is
written last, so a snapshot without it does not exist. Replay transitions stand in chunks under
``replay/``, each written once, when it is new; a snapshot names the chunks it needs.

The last two snapshots are kept, so that one is left where the other is damaged.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from learning.disk.reading import json_of
from learning.errors import SnapshotError
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer, StoredRows
from learning.snapshots.state import State
from learning.snapshots.verified_files import read_arrays, write_arrays, write_file

FORMAT = "behaviour-sharing snapshot"
FORMAT_VERSION = 1
_KEPT = 2

OF_THE_MACHINE = ("gpu", "torch_threads", "n_workers", "snapshot_frequency")
"""Options of where and how a run is computed: a snapshot fits a run that differs in them."""

_ANY = frozenset((*OF_THE_MACHINE, "n_epochs"))
"""Keys of a config in which a snapshot may differ from its run, which may have got longer too."""


def snapshot_name(epoch: int) -> str:
    """Return the name of an epoch's snapshot."""
    # Padded, so that names sort as epochs do.
    return f"epoch_{epoch:06d}"


class SnapshotStore:
    """Writes and reads snapshots.

    Args:
        folder: The folder ``snapshots`` of a run.
        config: The run's resolved config as plain values; a snapshot of another is foreign.
    """

    def __init__(self, folder: Path, config: dict[str, Any]) -> None:
        self._folder = folder
        self._config = config
        self._chunks: list[dict[str, Any]] = []
        self._lineage: list[str] = []

    def names(self) -> list[str]:
        """Return the names of the snapshots that are there, oldest first."""
        return sorted(path.parent.name for path in self._folder.glob("epoch_*/snapshot.json"))

    def save(self, epoch: int, state: State, replay_buffer: MultiTaskReplayBuffer) -> None:
        """Write a snapshot; older ones stay untouched until it is complete.

        Raises:
            OSError: It cannot be written (a full disk, say); those before it are as they were.
        """
        name = snapshot_name(epoch)
        folder = self._folder / name
        chunks = self._with_new_chunk(name, replay_buffer)
        manifest = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "config": self._config,
            "values": state.values,
            "replay_added": replay_buffer.added.tolist(),
            "replay_chunks": chunks,
        }
        # Left by a save that was cut short, or of an epoch that resuming took back.
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        try:
            manifest["arrays_sha256"] = write_arrays(folder / "arrays.safetensors", state.arrays)
            write_file(folder / "snapshot.json", json.dumps(manifest).encode())
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._chunks = chunks
        self._lineage = [*self._lineage, name][-_KEPT:]
        self._remove_what_is_not_needed()

    def load(
        self, name: str | None = None, replay_buffer: MultiTaskReplayBuffer | None = None
    ) -> State:
        """Read a snapshot, check every file of it, and fill the replay buffer.

        Args:
            name: Which one; the last one if not given.
            replay_buffer: What to fill; None to leave the transitions on the disk.

        Raises:
            SnapshotError: There is none of that name, or it is damaged or foreign. The message
                names the snapshot before it.
        """
        names = self.names()
        if not names:
            raise SnapshotError(f"{self._folder} holds no snapshot")
        name = names[-1] if name is None else name
        if name not in names:
            raise SnapshotError(
                f"{self._folder} holds no snapshot {name!r}, but {', '.join(names)}"
            )
        try:
            manifest = self._read_manifest(name)
            arrays = read_arrays(
                self._folder / name / "arrays.safetensors", str(manifest["arrays_sha256"])
            )
            if replay_buffer is not None:
                added = np.array(manifest["replay_added"], dtype=np.int64)
                replay_buffer.restore(
                    [self._read_chunk(chunk) for chunk in manifest["replay_chunks"]], added
                )
        except (SnapshotError, KeyError, TypeError, ValueError) as error:
            earlier = [other for other in names if other < name]
            hint = f"; the one before it: --snapshot {earlier[-1]}" if earlier else ""
            raise SnapshotError(f"snapshot {name} cannot be used: {error}{hint}") from error
        self._chunks = manifest["replay_chunks"]
        # The next save removes all others, those of epochs that are taken back among them.
        self._lineage = [name]
        return State(arrays=arrays, values=manifest["values"])

    def _with_new_chunk(
        self, name: str, replay_buffer: MultiTaskReplayBuffer
    ) -> list[dict[str, Any]]:
        """Write what is new in the buffer; return all chunks that still hold live transitions."""
        added = replay_buffer.added
        saved = np.array(self._chunks[-1]["ends"]) if self._chunks else np.zeros_like(added)
        oldest = added - replay_buffer.capacity
        chunks = [chunk for chunk in self._chunks if (np.array(chunk["ends"]) > oldest).any()]
        if (added > saved).any():
            new = replay_buffer.rows_since(saved)
            file = f"replay/{name}.safetensors"
            path = self._folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            digest = write_arrays(
                path, {"starts": new.starts, "counts": new.counts, "rows": new.rows}
            )
            chunks = [*chunks, {"file": file, "sha256": digest, "ends": added.tolist()}]
        return chunks

    def _read_chunk(self, chunk: dict[str, Any]) -> StoredRows:
        file = str(chunk["file"])
        if Path(file).is_absolute() or ".." in Path(file).parts:
            raise SnapshotError(f"a replay chunk lies outside the run: {file}")
        arrays = read_arrays(self._folder / file, str(chunk["sha256"]))
        return StoredRows(starts=arrays["starts"], counts=arrays["counts"], rows=arrays["rows"])

    def _read_manifest(self, name: str) -> dict[str, Any]:
        path = self._folder / name / "snapshot.json"
        try:
            manifest = json_of(path.read_bytes())
        except (OSError, ValueError) as error:
            raise SnapshotError(f"{path} is damaged: {error}") from error
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise SnapshotError(f"{path} is not a snapshot of this program")
        if manifest.get("format_version") != FORMAT_VERSION:
            raise SnapshotError(
                f"{path} has format version {manifest.get('format_version')!r}; this program reads "
                f"{FORMAT_VERSION}: use the program that wrote it (its revision: versions.json)"
            )
        theirs = manifest["config"]
        if not isinstance(theirs, dict):
            raise SnapshotError(f"{path} is damaged: its config is no object")
        different = [
            key
            for key in sorted((theirs.keys() | self._config.keys()) - _ANY)
            if theirs.get(key) != self._config.get(key)
        ]
        if different:
            raise SnapshotError(
                f"{path} belongs to a run with another config; different: {', '.join(different)}"
            )
        return manifest

    def _remove_what_is_not_needed(self) -> None:
        """Remove snapshots and chunks that no kept snapshot needs."""
        needed = {"replay/" + Path(chunk["file"]).name for chunk in self._chunks}
        for name in self.names():
            if name in self._lineage:
                chunks = self._read_manifest(name)["replay_chunks"]
                needed |= {str(chunk["file"]) for chunk in chunks}
        for path in self._folder.glob("epoch_*"):
            if path.name not in self._lineage:
                shutil.rmtree(path)
        for path in (self._folder / "replay").glob("*"):
            if f"replay/{path.name}" not in needed:
                path.unlink()

"""From run folders to a folder of results: a small CSV file a run, and `runs.json` beside them."""

from __future__ import annotations

import collections
import csv
import dataclasses
import io
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from learning.analysis.results_folder import (
    RUNS_FILE,
    CsvRun,
    write_csv_runs,
    written_csv_run,
)
from learning.analysis.run_making import run_making
from learning.analysis.run_names import CSV_NAME
from learning.analysis.run_record import RunRecord
from learning.errors import RecordError
from learning.logging.columns import EPOCH, MIXTURE, OWN, TOTAL_ENV_STEPS
from learning.logging.files import write_text
from learning.logging.run_description import read_description

KEPT = (EPOCH, TOTAL_ENV_STEPS, OWN, MIXTURE, "Behaviour", "Levy", "AlphaTemperature/mean")
"""Columns of progress.csv that go into a file of results, or the part of their name before a /."""

_COUNTS = (EPOCH, TOTAL_ENV_STEPS)

What = Literal["written", "replaced", "unchanged"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Export:
    """A run and the file that it goes to.

    Attributes:
        run: The run.
        label: What it is called there.
        path: `<label>_seed<seed>.csv`.
        text: The file's content.
    """

    run: RunRecord
    label: str
    path: pathlib.Path
    text: str


def export_runs(
    runs: Sequence[RunRecord],
    folder: pathlib.Path,
    *,
    label: str | None = None,
    replace: bool = False,
) -> dict[pathlib.Path, What]:
    """Write the evaluated rows of runs into a folder of results, and what they are beside them.

    Nothing is written where anything is refused.

    Args:
        runs: What `read_runs` gives for run folders, of one task set.
        folder: Folder of results; made where there is none.
        label: What all of them are called; None: each as `read_runs` calls it, `_` for `:`.
        replace: Whether a file of another content may be written anew.

    Returns:
        File -> what was done.

    Raises:
        RecordError: The runs are of several task sets, one is no folder, two would share a file, a
            file is there with another content, or runs of one label differ in more than their seed.
        ConfigError: A run's method or task set is not known here.
    """
    _require_one_task_set(runs)
    exports = [_export(run, folder, label) for run in runs]
    _require_own_files(exports, label)
    there = {each.path: each.path.read_bytes() for each in exports if each.path.is_file()}
    done: dict[pathlib.Path, What] = {}
    for each in exports:
        same = there.get(each.path) == each.text.encode()
        done[each.path] = "unchanged" if same else "replaced" if each.path in there else "written"
    others = [path for path, what in done.items() if what == "replaced"]
    if others and not replace:
        raise RecordError(
            f"{', '.join(map(str, others))} is there already, with other numbers: give --label to "
            "call these runs otherwise, another --out, or --replace to write it anew"
        )
    by_label = collections.defaultdict(list)
    for each in exports:
        by_label[each.label].append(each)
    entries = {called: _entry(folder, called, of_label) for called, of_label in by_label.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for each in exports:
        if done[each.path] != "unchanged":
            write_text(each.path, each.text)
    write_csv_runs(folder, entries)
    return done


def _require_one_task_set(runs: Sequence[RunRecord]) -> None:
    envs = dict.fromkeys(run.env for run in runs)
    if len(envs) > 1:
        raise RecordError(
            f"the runs are of {', '.join(envs)}: a folder of results is of one task set; choose "
            "one with --env"
        )


def _export(run: RunRecord, folder: pathlib.Path, label: str | None) -> Export:
    if run.source.is_file():
        raise RecordError(f"{run.source} is a file of results already: name the folders of runs")
    called = run.label.replace(":", "_") if label is None else label
    if not called.strip() or pathlib.PurePath(called).name != called:
        raise RecordError(f"--label={called}: must be a name for a file, without '/'")
    name = f"{called}_seed{run.seed}.csv"
    return Export(run=run, label=called, path=folder / name, text=csv_text(run.columns))


def csv_text(columns: Mapping[str, Any]) -> str:
    """Return the columns of `KEPT` as CSV with all digits, a line an evaluation.

    Args:
        columns: Column -> values, [N].
    """
    kept = [name for name in columns if name in KEPT or name.partition("/")[0] in KEPT]
    values = [columns[name].astype(int if name in _COUNTS else float).tolist() for name in kept]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(kept)
    writer.writerows(zip(*values, strict=True))
    return text.getvalue()


def _require_own_files(exports: Sequence[Export], label: str | None) -> None:
    labels = dict.fromkeys(each.run.label for each in exports)
    if label is not None and len(labels) > 1:
        raise RecordError(
            f"the runs are of {', '.join(labels)}: --label={label} would call them all alike; "
            "export one of them at a time"
        )
    first: dict[pathlib.Path, Export] = {}
    for each in exports:
        other = first.setdefault(each.path, each)
        if other is not each:
            raise RecordError(
                f"{other.run.source} and {each.run.source} would both be {each.path}: export them "
                "one after another, each with a --label of its own"
            )


def _entry(folder: pathlib.Path, label: str, exports: Sequence[Export]) -> CsvRun:
    """Return what runs.json is to say of a label.

    Raises:
        RecordError: Its runs, those whose files are there already among them, are not of one kind.
    """
    new = {str(each.run.seed): _made(each.run) for each in exports}
    there = written_csv_run(folder, label)
    staying = _seeds_there(folder, label) - new.keys()
    kinds = [_kind(each.run) for each in exports]
    if staying:
        kinds.insert(0, {key: there.get(key) for key in kinds[0]})
    _require_agreement(folder, label, kinds)
    seeds = {seed: made for seed, made in there.get("seeds", {}).items() if seed in staying}
    seeds |= new
    off_preset = [made["off_preset"] for made in seeds.values() if "off_preset" in made]
    _require_agreement(folder, label, off_preset, missing="the preset's")
    return CsvRun(**kinds[-1], seeds=dict(sorted(seeds.items(), key=lambda item: int(item[0]))))


def _seeds_there(folder: pathlib.Path, label: str) -> set[str]:
    if not folder.is_dir():
        return set()
    matches = (CSV_NAME.fullmatch(path.name) for path in folder.iterdir())
    return {match["seed"] for match in matches if match is not None and match["label"] == label}


def _kind(run: RunRecord) -> dict[str, Any]:
    card = None if run.protocol is None else dict(run.protocol)
    return {
        "env": run.env,
        "method": run.method,
        "precision": run.precision,
        "protocol": card,
    }


def _made(run: RunRecord) -> dict[str, Any]:
    made = run_making(run.source, read_description(run.source))
    return {"finished": run.finished, **made} if run.finished is not None else made


def _require_agreement(
    folder: pathlib.Path,
    label: str,
    kinds: Sequence[dict[str, Any]],
    missing: str = "not known",
) -> None:
    for kind in kinds[1:]:
        for key in {**kinds[0], **kind}:
            one, other = (each.get(key) for each in (kinds[0], kind))
            if one == other:
                continue
            if isinstance(one, dict) and isinstance(other, dict):
                _require_agreement(folder, label, [one, other])
            said = " and of another ".join(_said(each, missing) for each in (one, other))
            raise RecordError(
                f"the runs called {label} in {folder / RUNS_FILE} would differ in more than their "
                f"seed: {key} is of one {said}; give --label to call them otherwise"
            )


def _said(value: object, missing: str) -> str:
    if value is None:
        return missing
    return "known" if isinstance(value, dict) else repr(value)

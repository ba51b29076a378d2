"""The part of a run's record that is written once, at the start."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from environments import options_before
from environments.options import OptionValue
from environments.plugin_files import PluginFile
from learning.disk.reading import json_object_of
from learning.errors import RecordError
from learning.logging.files import write_json, write_text
from learning.logging.run_folder import (
    CONFIG_FILE,
    PROTOCOL_FILE,
    VERSIONS_FILE,
    VERSIONS_OF_RESUMPTION,
    require_file,
)


def protocol_card(
    task_set_protocol: Mapping[str, OptionValue], *, num_evaluation_episodes: int
) -> dict[str, OptionValue]:
    """Return what two runs must agree on to be compared: the task set's part and the evaluation's.

    Args:
        task_set_protocol: What `TaskSet.protocol()` gives, with the number of tasks as `n_tasks`.
        num_evaluation_episodes: Episodes of one evaluation of one policy, over all tasks.
    """
    n_tasks = int(task_set_protocol["n_tasks"])
    return {
        **task_set_protocol,
        "evaluation_episodes_per_task": num_evaluation_episodes // n_tasks,
        "evaluation_actions": "deterministic: the acting policy's mean action",
        "env_step_unit": "total over tasks",
    }


def write_record(
    run_dir: pathlib.Path, *, config: str, protocol: Mapping[str, OptionValue]
) -> None:
    """Write config and protocol card into a new run's folder, which is made where it is missing."""
    run_dir.mkdir(parents=True, exist_ok=True)
    write_text(run_dir / CONFIG_FILE, config)
    write_json(run_dir / PROTOCOL_FILE, protocol)


def write_versions(
    run_dir: pathlib.Path,
    *,
    gpu: int | None,
    plugins: Sequence[PluginFile] = (),
    resumed_after: int | None = None,
    changed: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write versions.json, or beside it what the run goes on with after an epoch.

    Call it when torch's threads and device are set, since the file names them.

    Args:
        run_dir: The run's folder.
        gpu: Index of the CUDA device in use; None: the CPU.
        plugins: The plug-ins that have been loaded.
        resumed_after: The last epoch before resuming; None at the start of a run.
        changed: Options that the run goes on with otherwise: name -> value before and after.
    """
    name = VERSIONS_FILE
    if resumed_after is not None:
        name = VERSIONS_OF_RESUMPTION.format(resumed_after)
    # Only a running experiment needs torch here; reading a record does not.
    from learning.logging.versions import collect_versions  # noqa: PLC0415

    versions: dict[str, Any] = collect_versions(gpu)
    versions["plugins"] = [dataclasses.asdict(each) for each in plugins]
    if changed:
        versions["changed_options"] = dict(changed)
    write_json(run_dir / name, versions)


def read_versions(run_dir: pathlib.Path) -> list[dict[str, Any]]:
    """Read what a run was made with: at its start, and at each resumption.

    Args:
        run_dir: The run's folder.

    Returns:
        Content of versions.json, then of each `versions_after_epoch_N.json` by N, which is its
        `after_epoch`. A start that left no file is an empty one.

    Raises:
        RecordError: A file is damaged.
    """
    pattern = re.compile(re.escape(VERSIONS_OF_RESUMPTION).replace(r"\{\}", r"(-?\d+)"))
    later = {
        int(match[1]): path
        for path in run_dir.iterdir()
        if (match := pattern.fullmatch(path.name)) is not None
    }
    first = run_dir / VERSIONS_FILE
    return [
        json_object_of(first) if first.is_file() else {},
        *({**json_object_of(later[epoch]), "after_epoch": epoch} for epoch in sorted(later)),
    ]


def read_protocol(run_dir: pathlib.Path) -> dict[str, OptionValue]:
    """Read a run's protocol card.

    What a card of before lacks, since the task set got the option later, is what was done then.

    Raises:
        RecordError: The folder holds no run, or its protocol.json is damaged.
    """
    path = require_file(run_dir, PROTOCOL_FILE)
    card = json_object_of(path)
    if not all(isinstance(each, (str, int, float, bool)) for each in card.values()):
        raise RecordError(f"{path} is damaged: it holds no JSON object of plain values")
    return {**options_before(str(card.get("env"))), **card}

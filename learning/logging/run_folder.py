"""A run's folder and the part of its record that is written once, at the start."""

import json
import pathlib
from collections.abc import Mapping

from learning.config.experiment_config import ExperimentConfig, OptionValue
from learning.errors import RecordError
from learning.logging.files import write_json, write_text

CONFIG_FILE = "config.json"
PROTOCOL_FILE = "protocol.json"
VERSIONS_FILE = "versions.json"
PROGRESS_FILE = "progress.csv"
EVALUATION_FILE = "eval.csv"
LOG_FILE = "debug.log"
SNAPSHOTS_FOLDER = "snapshots"


def create_run_folder(run_dir: pathlib.Path) -> pathlib.Path:
    """Makes the folder of a new run.

    Args:
        run_dir: the folder; it may exist if it is empty.

    Returns:
        `run_dir`.

    Raises:
        RecordError: there is something in it, or it is no folder.
    """
    if run_dir.exists() and not run_dir.is_dir():
        raise RecordError(f"{run_dir} is no folder: choose another with --log_dir")
    if run_dir.is_dir() and any(run_dir.iterdir()):
        raise RecordError(
            f"{run_dir} holds a run already, which is never overwritten. Go on with it: "
            f"`python run.py resume {run_dir}`; or start another: give --name, --seed or --log_dir."
        )
    run_dir.mkdir(parents=True, exist_ok=True)
    return run_dir


def protocol_card(
    config: ExperimentConfig, task_set_protocol: Mapping[str, OptionValue]
) -> dict[str, OptionValue]:
    """What two runs must agree on to be compared: the task set's part and the evaluation's.

    Args:
        config: the run's config.
        task_set_protocol: what `TaskSet.protocol()` gives, with the number of tasks as `n_tasks`.
    """
    n_tasks = int(task_set_protocol["n_tasks"])
    return {
        **task_set_protocol,
        "evaluation_episodes_per_task": config.num_evaluation_episodes // n_tasks,
        "evaluation_actions": "deterministic: the acting policy's mean action",
        "env_step_unit": "total over tasks",
    }


def write_record(
    run_dir: pathlib.Path,
    config: ExperimentConfig,
    task_set_protocol: Mapping[str, OptionValue],
) -> None:
    """Writes config, protocol card and versions into a new run's folder.

    Call it when torch's threads and device are set, since versions.json names them.
    """
    write_text(run_dir / CONFIG_FILE, config.to_json())
    write_json(run_dir / PROTOCOL_FILE, protocol_card(config, task_set_protocol))
    write_versions(run_dir, config)


def write_versions(
    run_dir: pathlib.Path, config: ExperimentConfig, *, resumed_after: int | None = None
) -> None:
    """Writes versions.json, or beside it what the run goes on with after an epoch.

    Args:
        run_dir: the run's folder.
        config: the run's config.
        resumed_after: the last epoch before resuming; None at the start of a run.
    """
    # Only a running experiment needs torch here; reading a record does not.
    from learning.logging.versions import collect_versions  # noqa: PLC0415

    name = VERSIONS_FILE
    if resumed_after is not None:
        name = f"versions_after_epoch_{resumed_after}.json"
    write_json(run_dir / name, collect_versions(config.gpu))


def read_config(run_dir: pathlib.Path) -> ExperimentConfig:
    """Reads a run's config.

    Raises:
        RecordError: the folder holds no run.
        ConfigError: its config.json is damaged or of another version.
    """
    return ExperimentConfig.from_json(_read(run_dir, CONFIG_FILE))


def read_protocol(run_dir: pathlib.Path) -> dict[str, OptionValue]:
    """Reads a run's protocol card.

    Raises:
        RecordError: the folder holds no run, or its protocol.json is damaged.
    """
    try:
        card = json.loads(_read(run_dir, PROTOCOL_FILE))
    except json.JSONDecodeError as error:
        raise RecordError(f"{run_dir / PROTOCOL_FILE} is damaged: {error}") from error
    if not isinstance(card, dict):
        raise RecordError(f"{run_dir / PROTOCOL_FILE} is damaged: it holds no JSON object")
    return card


def _read(run_dir: pathlib.Path, name: str) -> str:
    path = run_dir / name
    if not path.is_file():
        raise RecordError(f"{run_dir} is not the folder of a run: it has no {name}")
    return path.read_text(encoding="utf-8")

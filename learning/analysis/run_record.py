"""One run as it was recorded: which it is, and its evaluated rows."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from environments.options import OptionValue
from learning.analysis.results_folder import read_csv_run
from learning.analysis.run_names import CSV_NAME, run_label, run_method
from learning.errors import ConfigError, RecordError
from learning.logging.columns import EPOCH, MIXTURE, OWN, TOTAL_ENV_STEPS
from learning.logging.gaps import read_gaps
from learning.logging.record import read_protocol
from learning.logging.run_description import read_description
from learning.logging.run_folder import PROGRESS_FILE
from learning.logging.tables import read_rows

Array = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A run's record.

    Attributes:
        source: The run's folder, or its CSV file.
        label: Name of what was run, see `run_label`.
        method: Method with its members, see `run_method`; None: a CSV file does not say.
        env: Id of the task set; of a CSV file without a word on it, the name of its folder.
        seed: Seed of the run.
        precision: Numbers of its matrix products; None: a CSV file does not say.
        protocol: Protocol card; None: a CSV file has none.
        options: Its config.json; None: a CSV file has none.
        finished: Whether it ran to the end of its epochs; None: nothing beside a CSV file says.
        gaps: Rows that the record lacks, which somebody accepted: file -> epochs.
        columns: Column of progress.csv -> values of the evaluated rows, [N].
    """

    source: pathlib.Path
    label: str
    method: str | None
    env: str
    seed: int
    precision: str | None
    protocol: Mapping[str, OptionValue] | None
    options: Mapping[str, Any] | None
    finished: bool | None
    gaps: Mapping[str, Sequence[int]]
    columns: Mapping[str, Array]

    @functools.cached_property
    def tasks(self) -> tuple[str, ...]:
        """Tasks with columns of evaluation, in the order of the columns."""
        parts = [name.split("/") for name in self.columns if name.startswith(f"{OWN}/")]
        return tuple(dict.fromkeys(part[1] for part in parts if len(part) == 3))


def read_record(source: pathlib.Path) -> RunRecord:
    """Read a run: text and numbers alone, nothing of it is executed.

    Args:
        source: A run's folder, or its file `<label>_seed<seed>.csv`.

    Raises:
        RecordError: Something in it is missing or damaged; the message names the file.
    """
    if source.is_file():
        return _read_file(source)
    try:
        run = read_description(source)
    except ConfigError as error:
        raise RecordError(f"{source}: {error}") from error
    path = source / PROGRESS_FILE
    rows = read_columns(path) if path.is_file() else {}
    epochs = rows.get(EPOCH, np.empty(0))
    wanted = run.values.get("n_epochs")
    return RunRecord(
        source=source,
        label=run_label(run),
        method=run_method(run),
        env=run.env,
        seed=run.seed,
        # What a config of before an option lacks is what was done before the option came.
        precision=str(run.values.get("precision", "float32")),
        protocol=read_protocol(source),
        options=run.values,
        gaps=read_gaps(source),
        finished=None if wanted is None else bool(len(epochs) and epochs[-1] + 1 >= wanted),
        columns=_evaluated(rows),
    )


def _read_file(path: pathlib.Path) -> RunRecord:
    match = CSV_NAME.fullmatch(path.name)
    if match is None:
        raise RecordError(f"{path} is no run: its name is not <label>_seed<seed>.csv")
    said = read_csv_run(path.parent, match["label"])
    of_seed = (said.seeds or {}).get(match["seed"], {})
    return RunRecord(
        source=path,
        label=match["label"],
        method=said.method,
        env=said.env,
        seed=int(match["seed"]),
        precision=said.precision,
        protocol=said.protocol,
        options=None,
        finished=of_seed.get("finished"),
        gaps={},
        columns=_evaluated(read_columns(path)),
    )


def read_columns(path: pathlib.Path) -> dict[str, Array]:
    """Read a table of numbers: column -> [N].

    Raises:
        RecordError: A line is damaged, or the env steps do not grow.
    """
    names, lines = read_rows(path)
    if not lines:
        return {}
    if TOTAL_ENV_STEPS not in names:
        raise RecordError(f"{path} is damaged: it has no column {TOTAL_ENV_STEPS}")
    values = np.empty((len(lines), len(names)))
    for number, line in enumerate(lines):
        try:
            values[number] = [float(cell) for cell in line]
        except ValueError as error:
            raise RecordError(f"{path}, line {number + 2} is damaged: {error}") from error
    columns = dict(zip(names, values.T, strict=True))
    if not (np.diff(columns[TOTAL_ENV_STEPS]) > 0).all():
        raise RecordError(f"{path} is damaged: {TOTAL_ENV_STEPS} does not grow from row to row")
    return columns


def _evaluated(columns: Mapping[str, Array]) -> dict[str, Array]:
    """Keep the rows in which some column of evaluation is a number."""
    values = [
        values for name, values in columns.items() if name.partition("/")[0] in (OWN, MIXTURE)
    ]
    if not values:
        return {}
    rows = ~np.isnan(values).all(axis=0)
    return {name: column[rows] for name, column in columns.items()}

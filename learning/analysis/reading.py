"""Many runs at once: found, read, and checked to be runs of their own."""

import collections
import dataclasses
import pathlib
from collections.abc import Sequence
from typing import Any, Literal

from learning.analysis.labelled_runs import LabelledRun, LabelledRuns, Place
from learning.analysis.run_record import RunRecord, read_record
from learning.analysis.run_search import find_runs, is_run
from learning.errors import RecordError
from learning.logging.columns import EPOCH, TOTAL_ENV_STEPS

OnDamage = Literal["error", "skip"]
OnDoubles = Literal["error", "apart"]

OF_THE_RUN = frozenset(
    (
        *("seed", "name", "log_dir", "wandb", "snapshot_frequency", "config_version", "plugins"),
        *("gpu", "torch_threads", "n_workers"),
    )
)
"""Keys of a config in which the seeds of one label may differ without a word."""


@dataclasses.dataclass(frozen=True)
class Reading:
    """Runs that were read.

    Attributes:
        runs: Those with an evaluation.
        notes: What a reader of the numbers must know: who was left out and why, who has not
            ended, in which options the seeds of a label differ.
        order: Labels that have an order, those of grids.
    """

    runs: tuple[RunRecord, ...]
    notes: tuple[str, ...]
    order: tuple[str, ...] = ()

    @property
    def labels(self) -> list[str]:
        """Labels of the runs: those with an order first, the others sorted."""
        there = {run.label for run in self.runs}
        ordered = [label for label in self.order if label in there]
        return [*ordered, *sorted(there.difference(ordered))]


def read_runs(
    places: Sequence[Place],
    *,
    on_damage: OnDamage = "error",
    on_doubles: OnDoubles = "error",
) -> Reading:
    """Read the runs in some places.

    Args:
        places: See `find_runs`; the labels of labelled runs win over the runs' own names.
        on_damage: Whether a damaged run is an error, or is left out with a note.
        on_doubles: Whether two runs of the same label, task set and seed, which would count one
            seed twice, are an error; or the runs of such a label get labels of their own.

    Raises:
        RecordError: There is no run, none with an evaluation, a damaged one, or a double.
    """
    labelled, notes = _labelled(places)
    runs = []
    for source in find_runs(places):
        try:
            run = read_record(source)
        except RecordError as error:
            if on_damage == "error":
                raise
            notes.append(f"{source} is left out: {error}")
            continue
        if not run.columns or not len(run.columns[TOTAL_ENV_STEPS]):
            notes.append(f"{source} is left out: it has no evaluation yet")
            continue
        for name, epochs in run.gaps.items():
            notes.append(f"{source} went on although {name} lacked rows of {len(epochs)} epochs")
        by_grid = labelled.get(source.resolve())
        if by_grid is not None:
            run = _as_labelled(run, by_grid)
        if run.finished is False:
            steps = int(run.columns[TOTAL_ENV_STEPS][-1])
            notes.append(f"{source} has not ended: its last evaluation is at {steps} env steps")
        runs.append(run)
    if not runs:
        names = ", ".join(
            each.name if isinstance(each, LabelledRuns) else str(each) for each in places
        )
        raise RecordError("\n".join([f"no run with an evaluation in {names}", *notes]))
    runs, split = _apart(runs, but=frozenset(labelled))
    if on_doubles == "apart":
        runs = _doubles_apart(runs)
    _refuse_doubles(runs)
    return Reading(
        tuple(runs),
        (*notes, *split, *_differing_options(runs)),
        order=tuple(dict.fromkeys(each.label for each in labelled.values())),
    )


def of_task_sets(runs: Sequence[RunRecord], envs: Sequence[str]) -> list[RunRecord]:
    """Return the runs of some task sets; none named: all.

    Raises:
        RecordError: There is no run of one of them.
    """
    there = list(dict.fromkeys(run.env for run in runs))
    for env in envs:
        if env not in there:
            raise RecordError(f"no run of {env}: there are runs of {', '.join(there)}")
    return [run for run in runs if not envs or run.env in envs]


def labelled(runs: Sequence[RunRecord], label: str) -> list[RunRecord]:
    """Return the runs of a label.

    Raises:
        RecordError: There is none.
    """
    found = [run for run in runs if run.label == label]
    if not found:
        there = ", ".join(dict.fromkeys(run.label for run in runs))
        raise RecordError(f"no run is called {label}: there are {there}")
    return found


def _labelled(places: Sequence[Place]) -> tuple[dict[pathlib.Path, LabelledRun], list[str]]:
    """Return the labelled runs by their resolved folders, and a note on those not there."""
    runs: dict[pathlib.Path, LabelledRun] = {}
    notes = []
    for place in places:
        if not isinstance(place, LabelledRuns):
            continue
        for run in place.runs:
            runs.setdefault(run.source.resolve(), run)
        missing = [run for run in place.runs if not is_run(run.source)]
        if missing:
            notes.append(place.missing_text(missing))
    return runs, notes


def _as_labelled(run: RunRecord, labelled: LabelledRun) -> RunRecord:
    """Give a run its grid's label; it has ended where it was wanted to."""
    epochs = run.columns[EPOCH][-1] + 1
    return dataclasses.replace(
        run, label=labelled.label, finished=bool(run.finished or epochs >= labelled.until)
    )


def _apart(
    runs: Sequence[RunRecord], *, but: frozenset[pathlib.Path]
) -> tuple[list[RunRecord], list[str]]:
    """Tell runs of different methods apart that were given one name, and say so.

    Args:
        runs: The runs.
        but: Folders of runs whose labels were chosen, and stay as they are.
    """
    methods: dict[str, dict[str, None]] = {}
    chosen = {run.source for run in runs if run.source.resolve() in but}
    for run in runs:
        if run.method is not None and run.source not in chosen:
            methods.setdefault(run.label, {})[run.method] = None
    shared = {label: list(each) for label, each in methods.items() if len(each) > 1}
    notes = [
        f"several methods have runs called {label}: they are "
        + ", ".join(f"{method}:{label}" for method in each)
        for label, each in shared.items()
    ]
    return [
        dataclasses.replace(run, label=f"{run.method}:{run.label}")
        if run.label in shared and run.method is not None and run.source not in chosen
        else run
        for run in runs
    ], notes


def _doubles_apart(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Call the runs of a label that has one seed twice by their folders too."""
    counts = collections.Counter((run.label, run.env, run.seed) for run in runs)
    doubled = {(label, env) for (label, env, _), count in counts.items() if count > 1}
    return [
        dataclasses.replace(run, label=f"{run.label} ({run.source})")
        if (run.label, run.env) in doubled
        else run
        for run in runs
    ]


def _refuse_doubles(runs: Sequence[RunRecord]) -> None:
    seen: dict[tuple[str, str, int], RunRecord] = {}
    for run in runs:
        first = seen.setdefault((run.label, run.env, run.seed), run)
        if first is run:
            continue
        differing = _differences([first, run], but=OF_THE_RUN)
        told = f"They differ in {', '.join(differing)}: " if differing else ""
        raise RecordError(
            f"{first.source} and {run.source} are both {run.label} on {run.env} with seed "
            f"{run.seed}, and a seed must not count twice. {told}leave one out, or tell them apart "
            "with --name when training"
        )


def _differing_options(runs: Sequence[RunRecord]) -> list[str]:
    labels = dict.fromkeys((run.label, run.env) for run in runs)
    notes = []
    for label, env in labels:
        group = [run for run in runs if (run.label, run.env) == (label, env)]
        differing = _differences(group, but=OF_THE_RUN)
        if differing:
            notes.append(
                f"the seeds of {label} on {env} differ in more than their seed: "
                f"{', '.join(differing)}"
            )
    return notes


def _differences(runs: Sequence[RunRecord], *, but: frozenset[str]) -> list[str]:
    """Return the options in which runs differ, of those that have a config."""
    configs: list[dict[str, Any]] = [dict(run.options) for run in runs if run.options is not None]
    keys = dict.fromkeys(key for config in configs for key in config if key not in but)
    return [
        key for key in keys if len({repr(config.get(key, "missing")) for config in configs}) > 1
    ]

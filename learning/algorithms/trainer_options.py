"""How long is trained, how much is gathered at a time, and when a snapshot is due."""

from __future__ import annotations

import dataclasses

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainerOptions(OptionGroup):
    """How long is trained, how much is gathered at a time, and when a snapshot is due."""

    n_epochs: int = option(
        1000,
        at_least=1,
        source="QMP reference code, run.py",
        help="Epochs to train; one row of progress.csv each.",
    )
    batch_size: int = option(
        "500 a task",
        rule=lambda tasks: 500 * tasks,
        at_least=1,
        total_over_tasks=True,
        source="chosen by us",
        help="Environment steps collected in a step, in total over the tasks: a multiple of T.",
    )
    snapshot_frequency: int = option(
        10,
        at_least=1,
        source="chosen by us",
        help="Epochs from one snapshot to the next, which is what `resume` can go on from; the "
        "last epoch always has one.",
    )

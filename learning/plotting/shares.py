"""Who acted for whom during training, out of the records of a mixture's runs."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from learning.errors import RecordError
from learning.logging.columns import TOTAL_ENV_STEPS, behaviour_column
from learning.logging.run_folder import PROGRESS_FILE
from learning.plotting.runs import Run

Array = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shares:
    """The shares of steps of one run.

    Attributes:
        steps: Environment steps at the end of each row, in total over the tasks, [N].
        matrices: Share of task i's steps of the row in which policy j acted, [N, T, T].
    """

    steps: Array
    matrices: Array


def read_shares(run: Run) -> Shares:
    """Read a run's shares.

    Raises:
        RecordError: The run has no mixture.
    """
    places = {name: place for place, name in enumerate(run.columns)}
    n_tasks = len(run.tasks)
    names = [behaviour_column(task, policy) for task, policy in np.ndindex(n_tasks, n_tasks)]
    if names[0] not in places:
        raise RecordError(
            f"{run.folder} is a run of {run.config.method}, which has no mixture: each task's own "
            f"policy acts always ({PROGRESS_FILE} has no column {names[0]}). --behaviour draws "
            "runs with a mixture, such as those of qmp_dnc"
        )
    rows = np.array(run.rows)
    chosen = rows[:, [places[name] for name in names]].astype(np.float64)
    return Shares(
        steps=rows[:, places[TOTAL_ENV_STEPS]].astype(np.float64),
        matrices=chosen.reshape(len(rows), n_tasks, n_tasks),
    )


def common_span(seeds: Sequence[Shares]) -> tuple[float, float]:
    """Return the first and last environment step that the rows of all seeds reach."""
    return max(each.steps[0] for each in seeds), min(each.steps[-1] for each in seeds)


def windows(seeds: Sequence[Shares], count: int, width: float) -> tuple[Array, Array]:
    """Cut windows out of training, evenly spread from its beginning to its end.

    Args:
        seeds: Shares of one run for each seed.
        count: Number of windows, K; fewer where there are fewer rows.
        width: Width of each window, as a share of the span of training that all seeds have.

    Returns:
        Centres of the windows, in environment steps, [K], and in each window the mean over seeds
        of each seed's mean over its rows, or of its nearest row, [K, T, T].
    """
    first, last = common_span(seeds)
    half = (last - first) * width / 2
    count = min(count, *(len(each.steps) for each in seeds))
    centres = np.linspace(first + half, last - half, count)
    means = [[_around(each, centre, half) for each in seeds] for centre in centres]
    return centres, np.mean(means, axis=1)


def _around(shares: Shares, centre: float, half: float) -> Array:
    distances = np.abs(shares.steps - centre)
    # Rounding must not lose a row on the border; where none is inside, the nearest one counts.
    inside = distances <= max(half * (1 + 1e-9), distances.min())
    mean: Array = shares.matrices[inside].mean(axis=0)
    return mean

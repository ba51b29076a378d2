"""What the gathered data itself says: who acted for whom, for how long, and what episodes gave.

It reads garage's EpisodeBatch and so serves every sampler.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from learning.garage_bridge.env_infos import TASK_ID
from learning.garage_bridge.episode_ends import ended_steps
from learning.garage_bridge.garage_compat import EpisodeBatch
from learning.logging.columns import HOLD_LENGTH, OTHER_SHARE, SWITCHES, behaviour_column

_Values = npt.NDArray[np.float64]


class TrainingStatistics:
    """Counts over one epoch.

    Args:
        task_names: The tasks' names.
        log_behaviour: Whether to log who acted for whom and for how long (for mixtures).
    """

    def __init__(self, task_names: tuple[str, ...], *, log_behaviour: bool) -> None:
        self._task_names = task_names
        self._log_behaviour = log_behaviour
        self._clear()

    def _clear(self) -> None:
        n_tasks = len(self._task_names)
        self._acted = np.zeros((n_tasks, n_tasks), dtype=np.int64)
        self._switches = np.zeros(n_tasks, dtype=np.int64)
        self._stretches = np.zeros(n_tasks, dtype=np.int64)
        self._acted_last = np.full(n_tasks, -1)
        self._episodes = np.zeros(n_tasks, dtype=np.int64)
        self._successes = np.zeros(n_tasks)
        self._returns = np.zeros(n_tasks)

    def observe(self, batch: EpisodeBatch) -> None:
        """Count a batch; its episodes may be fragments."""
        n_tasks = len(self._task_names)
        tasks = batch.env_infos[TASK_ID].astype(np.int64)
        acting = batch.agent_infos["acting_policy"]
        pairs = tasks * n_tasks + acting
        self._acted += np.bincount(pairs, minlength=n_tasks * n_tasks).reshape(n_tasks, n_tasks)
        self._observe_changes(batch, tasks, acting)
        ended = ended_steps(batch)
        infos = batch.env_infos
        self._episodes += np.bincount(tasks[ended], minlength=n_tasks)
        self._successes += np.bincount(tasks[ended], infos["episode_success"][ended], n_tasks)
        self._returns += np.bincount(tasks[ended], infos["episode_return"][ended], n_tasks)

    def _observe_changes(
        self,
        batch: EpisodeBatch,
        tasks: npt.NDArray[np.int64],
        acting: npt.NDArray[np.int64],
    ) -> None:
        """Count the changes of the acting policy, and the stretches that no change begins."""
        n_tasks = len(self._task_names)
        last_steps = np.cumsum(batch.lengths) - 1
        first_steps = last_steps - batch.lengths + 1
        changes = np.append(False, acting[1:] != acting[:-1])
        # A task's first fragment may go on with the episode of its last one.
        goes_on = batch.env_infos["episode_length"][first_steps] > 1
        owners = tasks[first_steps]
        known = goes_on & (self._acted_last[owners] >= 0)
        changes[first_steps] = known & (self._acted_last[owners] != acting[first_steps])
        self._switches += np.bincount(tasks[changes], minlength=n_tasks)
        self._stretches += np.bincount(owners[~known], minlength=n_tasks)
        self._acted_last[tasks[last_steps]] = acting[last_steps]

    def read(self) -> dict[str, float]:
        """Return the epoch's shares and rates by column, and begin anew.

        Rates of episodes are NaN where none ended; what is said of who acted never is.
        """
        columns: dict[str, float] = {}
        episodes = np.where(self._episodes > 0, self._episodes, np.nan)
        for column, sums in (("SuccessRate", self._successes), ("AverageReturn", self._returns)):
            rates = sums / episodes
            mean = rates[~np.isnan(rates)].mean() if (self._episodes > 0).any() else np.nan
            columns[f"Training/{column}"] = float(mean)
            for name, rate in zip(self._task_names, rates, strict=True):
                columns[f"Training/{name}/{column}"] = float(rate)
        columns["Training/NumEpisodes"] = int(self._episodes.sum())
        if self._log_behaviour:
            columns |= self._behaviour()
        self._clear()
        return columns

    def _behaviour(self) -> dict[str, float]:
        """Return the measures of each task first, then the T x T shares."""
        # A task without a step in this epoch has zeros everywhere.
        steps = np.maximum(self._acted.sum(axis=1), 1)
        shares = self._acted / steps[:, None]
        runs = np.maximum(self._stretches + self._switches, 1)
        measures: Mapping[str, _Values] = {
            OTHER_SHARE: (self._acted.sum(axis=1) - self._acted.diagonal()) / steps,
            HOLD_LENGTH: self._acted.sum(axis=1) / runs,
            SWITCHES: 100.0 * self._switches / steps,
        }
        columns: dict[str, float] = {}
        for measure, values in measures.items():
            columns[f"Behaviour/{measure}"] = float(values.mean())
            for name, value in zip(self._task_names, values, strict=True):
                columns[f"Behaviour/{name}/{measure}"] = float(value)
        for (task, policy), share in np.ndenumerate(shares):
            columns[behaviour_column(task, policy)] = float(share)
        return columns

"""What the gathered data itself says: who acted for whom, and the episodes that ended.

It reads garage's EpisodeBatch and so serves every sampler.
"""

from __future__ import annotations

import numpy as np
from dowel import tabular

from learning.garage_compat import EpisodeBatch, StepType


class TrainingStatistics:
    """Counts over one epoch.

    Args:
        task_names: The tasks' names.
        log_behaviour: Whether to log the T x T shares of steps (for mixtures).
    """

    def __init__(self, task_names: tuple[str, ...], *, log_behaviour: bool) -> None:
        self._task_names = task_names
        self._log_behaviour = log_behaviour
        self._clear()

    def _clear(self) -> None:
        n_tasks = len(self._task_names)
        self._acted = np.zeros((n_tasks, n_tasks), dtype=np.int64)
        self._episodes = np.zeros(n_tasks, dtype=np.int64)
        self._successes = np.zeros(n_tasks)
        self._returns = np.zeros(n_tasks)

    def observe(self, batch: EpisodeBatch) -> None:
        """Count a batch; its episodes may be fragments."""
        n_tasks = len(self._task_names)
        tasks = batch.env_infos["task_id"].astype(np.int64)
        pairs = tasks * n_tasks + batch.agent_infos["acting_policy"]
        self._acted += np.bincount(pairs, minlength=n_tasks * n_tasks).reshape(n_tasks, n_tasks)
        # Only the last step of a fragment can end an episode.
        last_steps = np.cumsum(batch.lengths) - 1
        types = batch.step_types[last_steps]
        ended = last_steps[(types == StepType.TERMINAL) | (types == StepType.TIMEOUT)]
        infos = batch.env_infos
        self._episodes += np.bincount(tasks[ended], minlength=n_tasks)
        self._successes += np.bincount(tasks[ended], infos["episode_success"][ended], n_tasks)
        self._returns += np.bincount(tasks[ended], infos["episode_return"][ended], n_tasks)

    def record(self) -> None:
        """Record the epoch's shares and rates (NaN where no episode ended), and begin anew."""
        episodes = np.where(self._episodes > 0, self._episodes, np.nan)
        for column, sums in (("SuccessRate", self._successes), ("AverageReturn", self._returns)):
            rates = sums / episodes
            mean = rates[~np.isnan(rates)].mean() if (self._episodes > 0).any() else np.nan
            tabular.record(f"Training/{column}", mean)
            for name, rate in zip(self._task_names, rates, strict=True):
                tabular.record(f"Training/{name}/{column}", rate)
        tabular.record("Training/NumEpisodes", int(self._episodes.sum()))
        if self._log_behaviour:
            shares = self._acted / self._acted.sum(axis=1, keepdims=True)
            for (task, policy), share in np.ndenumerate(shares):
                tabular.record(f"Behaviour/{task}_{policy}", share)
        self._clear()

"""How many updates an iteration makes, and how many transitions each of them sees.

Separate networks learn from a batch of their own task, and a batched update is a gradient step for
each of them: G gradient steps in total are G / T batched updates. Networks that share parameters
take one step an update, so that G gradient steps are G updates; QMP's reference code (arXiv
2302.00671) draws their batch from one buffer of all tasks, and its number is a total.

Here every task has its part of that total. Where T does not divide it, tasks take turns at having
one transition more; the reference's draw gives each task its part on average.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from learning.algorithms.sac_options import SACOptions
from learning.errors import ConfigError


class UpdateSchedule:
    """The numbers of one run.

    Args:
        options: The algorithm's own.
        n_tasks: Tasks T.

    Attributes:
        n_updates: Batched updates of an iteration.
        n_first_updates: Those of the first iteration that has any.
        batch_size: Own transitions B of a task in a batch; of those who take turns, the most.
        n_transitions: Own transitions of all tasks in an update.
        n_with_one_more: How many tasks have B of them, the others having B - 1; 0: all have B.

    Raises:
        ConfigError: The tasks cannot share the gradient steps equally, or some would get nothing.
    """

    def __init__(self, options: SACOptions, n_tasks: int) -> None:
        self._n_tasks = n_tasks
        steps, size = options.gradient_steps_per_itr, options.buffer_batch_size
        first = options.first_gradient_steps or steps
        if options.update_schedule == "shared":
            self.n_updates, self.n_first_updates, self.n_transitions = steps, first, size
            self.batch_size = -(-size // n_tasks)
            self.n_with_one_more = size % n_tasks
            self._check_shares(options)
            return
        self.n_updates = self._of_each("gradient_steps_per_itr", steps)
        self.n_first_updates = self._of_each("first_gradient_steps", first)
        self.n_transitions = size * n_tasks
        self.batch_size, self.n_with_one_more = size, 0

    def _of_each(self, name: str, steps: int) -> int:
        """Return a task's part of gradient steps in total."""
        n_tasks = self._n_tasks
        if steps % n_tasks:
            below, above = steps // n_tasks * n_tasks, (steps // n_tasks + 1) * n_tasks
            raise ConfigError(
                f"{name} = {steps}: with update_schedule = 'per_task' it is a total over "
                f"{n_tasks} tasks, each of which gets the same; allowed is a multiple of "
                f"{n_tasks}, such as " + (f"{below} or {above}" if below else f"{above}")
            )
        return steps // n_tasks

    def _check_shares(self, options: SACOptions) -> None:
        least = options.actor_steps * self._n_tasks
        if options.buffer_batch_size < least:
            raise ConfigError(
                f"buffer_batch_size = {options.buffer_batch_size}: with update_schedule = 'shared' "
                f"it is a total over {self._n_tasks} tasks, each of which needs a transition for "
                f"each of actor_steps = {options.actor_steps}; allowed is {least} or more"
            )

    def turns(self) -> npt.NDArray[np.float32]:
        """Return for T updates in a row which tasks have one transition more, 1 or 0, [T, T]."""
        update, task = np.ogrid[: self._n_tasks, : self._n_tasks]
        places = (task - update * self.n_with_one_more) % self._n_tasks
        turns: npt.NDArray[np.float32] = (places < self.n_with_one_more).astype(np.float32)
        return turns

    def __str__(self) -> str:
        """Say it in a line."""
        a_task = str(self.batch_size)
        if self.n_with_one_more:
            a_task = f"{self.batch_size - 1} or {self.batch_size}"
        once = ""
        if self.n_first_updates != self.n_updates:
            once = f" ({self.n_first_updates:,} after the first collection)"
        return (
            f"updates: {self.n_updates:,} an iteration{once}, each of {self.n_transitions:,} own "
            f"transitions ({a_task} a task)"
        )

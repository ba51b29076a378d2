"""All that an architecture is built from, in one frozen value."""

from __future__ import annotations

import dataclasses

from environments import TaskKnowledge
from learning.architectures.architecture_options import ArchitectureOptions
from learning.architectures.initializers import Initializer


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ArchitectureSpec:
    """Rows, groups, sizes, options, and what is known of the tasks.

    Attributes:
        n_tasks: Tasks T, the rows of one group.
        n_groups: Groups G.
        input_size: Numbers that enter a row.
        output_sizes: Numbers that leave a row, head after head. Each head is initialised as a
            layer of its own, as garage does for mean and log standard deviation.
        initializer: How the weights are drawn.
        options: The architecture's own `Options`.
        tasks: What the task set knows of its tasks.
        n_blocks: Residual blocks of its hidden layers, all as wide as the last of the
            `hidden_sizes`; None: the hidden layers are those `hidden_sizes`, without normalisation.
    """

    n_tasks: int
    n_groups: int
    input_size: int
    output_sizes: tuple[int, ...]
    initializer: Initializer
    options: ArchitectureOptions
    tasks: TaskKnowledge
    n_blocks: int | None = None

    @property
    def n_rows(self) -> int:
        """Rows of all groups."""
        return self.n_groups * self.n_tasks

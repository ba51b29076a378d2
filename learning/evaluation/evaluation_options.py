"""How often and how much is evaluated."""

from __future__ import annotations

import dataclasses

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvaluationOptions(OptionGroup):
    """How often and how much is evaluated."""

    num_evaluation_episodes: int = option(
        "5 a task",
        rule=lambda tasks: 5 * tasks,
        at_least=1,
        total_over_tasks=True,
        source="chosen by us",
        help="Episodes of one evaluation of one policy, in total over the tasks: a multiple of T. "
        "A mixture is evaluated beside the own policies, with as many again.",
    )
    evaluation_frequency: int = option(
        10,
        at_least=1,
        source="chosen by us",
        help="Epochs from one evaluation to the next; the last epoch is always evaluated.",
    )

    def is_due(self, epoch: int, n_epochs: int) -> bool:
        """Tell whether an epoch of a run with so many is evaluated."""
        return (epoch + 1) % self.evaluation_frequency == 0 or epoch + 1 == n_epochs

    def epochs(self, last: int, n_epochs: int) -> list[int]:
        """Return the epochs until `last`, itself among them, that are evaluated."""
        return [epoch for epoch in range(last + 1) if self.is_due(epoch, n_epochs)]

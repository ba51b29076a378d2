"""The options of the learned task embedding."""

from __future__ import annotations

import dataclasses

from learning.options import OptionGroup, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaskEmbeddingOptions(OptionGroup):
    """How much is learned of a task."""

    task_embedding_size: int = option(
        32,
        at_least=1,
        new_in=5,
        source="BRC reference code",
        help="Numbers learned of each task, which networks see beside the state.",
    )

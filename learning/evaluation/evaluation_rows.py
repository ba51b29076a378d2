"""From the episodes of an evaluation to the rows of eval.csv."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from learning.evaluation.lock_step_episodes import EvaluatedEpisodes
from learning.logging.columns import MIXTURE
from learning.logging.evaluation_csv import EvaluationRow


def evaluation_rows(
    evaluated: Mapping[str, EvaluatedEpisodes],
    *,
    task_names: tuple[str, ...],
    epoch: int,
    total_env_steps: int,
) -> Iterator[EvaluationRow]:
    """Make a row an episode.

    Args:
        evaluated: Prefix of the policy's columns -> its episodes.
        task_names: The tasks' names.
        epoch: Epoch after which this is.
        total_env_steps: Training's environment steps until then, in total over the tasks.
    """
    for prefix, episodes in evaluated.items():
        for task, episode in np.ndindex(episodes.returns.shape):
            yield EvaluationRow(
                epoch=epoch,
                total_env_steps=total_env_steps,
                policy="mixture" if prefix == MIXTURE else "own",
                task=task_names[task],
                episode=episode,
                episode_return=float(episodes.returns[task, episode]),
                success=int(episodes.success[task, episode]),
                any_subgoal=int(episodes.any_subgoal[task, episode]),
                length=int(episodes.lengths[task, episode]),
            )

"""Names of the columns of progress.csv that more than one part reads or writes."""

EPOCH = "Epoch"
"""Index of the epoch, from 0; a row each."""

TOTAL_ENV_STEPS = "TotalEnvSteps"
"""Environment steps of training so far, in total over the tasks; the x axis of every curve."""

OWN = "Evaluation"
"""Prefix of the columns in which every task acts with its own policy."""

MIXTURE = "EvaluationMixture"
"""Prefix of the columns in which the mixture acts."""

SUCCESS_RATE = "SuccessRate"
"""Share of episodes with a success at any step; mean over the tasks where no task is named."""

ANY_SUBGOAL_RATE = "AnySubgoalRate"
"""Share of episodes that reached some sub-goal; only where the task set has sub-goals."""

AVERAGE_RETURN = "AverageReturn"
"""Mean undiscounted return of an episode, of the raw rewards."""


def column(prefix: str, measure: str, task: str | None = None) -> str:
    """The column's name.

    Args:
        prefix: `OWN` or `MIXTURE`.
        measure: `SUCCESS_RATE`, `ANY_SUBGOAL_RATE` or `AVERAGE_RETURN`.
        task: the task's name; None: the mean over the tasks.
    """
    return "/".join((prefix, measure) if task is None else (prefix, task, measure))

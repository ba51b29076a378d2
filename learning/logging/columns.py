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

OTHER_SHARE = "OtherShare"
"""Share of a task's training steps in which another task's policy acted."""

HOLD_LENGTH = "HoldLength"
"""Mean number of steps for which one policy acted without a break."""

SWITCHES = "Switches"
"""Changes of the acting policy, per 100 steps."""


def behaviour_column(task: int, policy: int) -> str:
    """Return the name of a column of shares: how often a task's steps were a policy's.

    Args:
        task: Index of the task whose data was gathered.
        policy: Index of the policy that acted.
    """
    return f"Behaviour/{task}_{policy}"


def column(prefix: str, measure: str, task: str | None = None) -> str:
    """Return the name of a column of evaluation.

    Args:
        prefix: Either `OWN` or `MIXTURE`.
        measure: One of `SUCCESS_RATE`, `ANY_SUBGOAL_RATE` and `AVERAGE_RETURN`.
        task: Name of the task; None: the mean over the tasks.
    """
    return "/".join((prefix, measure) if task is None else (prefix, task, measure))

"""What is measured: the columns of evaluation by their short names."""

from learning.logging.columns import ANY_SUBGOAL_RATE, AVERAGE_RETURN, MIXTURE, OWN, SUCCESS_RATE

MEASURES = {"success": SUCCESS_RATE, "any_subgoal": ANY_SUBGOAL_RATE, "return": AVERAGE_RETURN}
"""Column of a frame -> measure in progress.csv."""

ACTORS = {"own": OWN, "mixture": MIXTURE}
"""Who acts in the evaluation -> prefix in progress.csv."""

TASK = "<task>"
"""Stands for every task's name in the name of a column."""

SHARES = ("success", "any_subgoal")
"""Measures that lie between 0 and 1, so that their intervals end there."""


def bounds(measure: str) -> tuple[float, float]:
    """Return between what numbers the mean of a measure must lie."""
    return (0.0, 1.0) if measure in SHARES else (float("-inf"), float("inf"))

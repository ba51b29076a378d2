"""What a run is called in tables and figures, and what its file in `results/` is called."""

import re

from learning.config.methods import METHODS, method_label
from learning.logging.run_description import RunDescription
from learning.logging.run_folder import RunOptions

USUAL_NAME = RunOptions().name
"""Name of a run that was given none."""

CSV_NAME = re.compile(r"(?P<label>.+)_seed(?P<seed>\d+)\.csv")
"""What a run's file in a folder of `results/` is called."""


def run_label(run: RunDescription) -> str:
    """Return the name of what was run: the run's own where it has one, else `run_method`.

    Args:
        run: What the run's config.json says.
    """
    return run.name if run.name != USUAL_NAME else run_method(run)


def run_method(run: RunDescription) -> str:
    """Return the run's method, and the members that differ from its row: `mtsac+pcgrad`.

    A method of a plug-in that has not been loaded is called by its name alone, since its row is
    not known here.

    Args:
        run: What the run's config.json says.
    """
    if run.method not in METHODS:
        return run.method
    return method_label(run.method, run.values)

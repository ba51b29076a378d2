"""The page of an outcome, `report.html`."""

from __future__ import annotations

import pathlib

from learning.report.page import write_report
from learning.reproduction.outcome import Outcome
from learning.sweeps.sweep_state import states_below

REPORT = "report.html"


def write_page(outcome: Outcome, folder: pathlib.Path, out: pathlib.Path) -> pathlib.Path:
    """Write the outcome's page, and return it.

    Args:
        outcome: What came out.
        folder: Where to.
        out: The folder of the runs and of the sweep's state.
    """
    page = folder / REPORT
    write_report(
        outcome.reading,
        page,
        title=outcome.study.grid.title,
        question=outcome.question,
        grid=outcome.study.grid,
        papers=outcome.study.papers,
        verdicts=outcome.verdicts,
        states=states_below([out]),
    )
    return page

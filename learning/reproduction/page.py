"""The page of an outcome, `report.html`: the one place that knows who draws it."""

from __future__ import annotations

import importlib
import importlib.util
import pathlib

from learning.reproduction.outcome import Outcome

REPORT = "report.html"
_WRITER = "learning.report.page"


def write_page(outcome: Outcome, folder: pathlib.Path) -> pathlib.Path | None:
    """Write the outcome's page.

    Args:
        outcome: What came out.
        folder: Where to.

    Returns:
        The page; None: this program has no reports yet.
    """
    if importlib.util.find_spec("learning.report") is None:
        return None
    writer = importlib.import_module(_WRITER)
    page = folder / REPORT
    writer.write_report(
        outcome.reading,
        page,
        title=outcome.study.grid.title,
        question=outcome.question,
        grid=outcome.study.grid,
        papers=outcome.study.papers,
        verdicts=outcome.verdicts,
    )
    return page

"""What grids would cost on this machine: runs, env steps, time and disk."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from learning.reproduction.rates import Rate, rate_key
from learning.sweeps.estimates import duration, side_by_side
from learning.sweeps.forecast import Forecast, forecast
from learning.sweeps.grid_runs import GridRun
from learning.sweeps.reports import aligned
from learning.sweeps.study import Study

_GIGABYTE = 1e9


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cost:
    """What is still to be done of a grid.

    Attributes:
        name: The grid's.
        runs: Its runs.
        done: How many of them are done.
        env_steps: Env steps to go, in total over runs and tasks.
        seconds: Time to go; None: unknown of some run.
        bytes: What they will write yet, at least.
        claims: How many claims it has.
    """

    name: str
    runs: int
    done: int
    env_steps: int
    seconds: float | None
    bytes: int
    claims: int


def cost_of(study: Study, rates: Mapping[str, Rate], jobs: int) -> Cost:
    """Return what is still to be done of a grid.

    A run's time is by the epochs of late of it or of the same with another seed, where there are
    such, and else by the measured rate of its method.

    Args:
        study: The grid with its runs.
        rates: What was measured, by `rate_key`.
        jobs: How many run side by side.
    """
    forecasts = forecast(study.runs)
    seconds = [_seconds(each, rates) for each in forecasts]
    known = [each for each in seconds if each is not None]
    return Cost(
        name=study.grid.name,
        runs=len(forecasts),
        done=sum(each.state.status == "done" for each in forecasts),
        env_steps=sum(each.env_steps for each in forecasts),
        seconds=side_by_side([], known, jobs) if len(known) == len(seconds) else None,
        bytes=sum(each.bytes for each in forecasts),
        claims=len(study.claims),
    )


def unmeasured(studies: Sequence[Study], rates: Mapping[str, Rate]) -> dict[str, GridRun]:
    """Return a run of each kind whose time is unknown, by `rate_key`.

    Args:
        studies: Grids.
        rates: What was measured.
    """
    runs: dict[str, GridRun] = {}
    for study in studies:
        for each in forecast(study.runs):
            if _seconds(each, rates) is None:
                runs.setdefault(rate_key(each.run), each.run)
    return runs


def _seconds(each: Forecast, rates: Mapping[str, Rate]) -> float | None:
    if each.seconds is not None:
        return each.seconds
    rate = rates.get(rate_key(each.run))
    return None if rate is None else rate.seconds(each.run, each.epochs)


def costs_text(costs: Sequence[Cost], jobs: int) -> str:
    """Return a line a grid."""
    head = ("grid", "runs", "done", "env steps to go", "time", "disk", "claims")
    rows = [
        (
            each.name,
            str(each.runs),
            str(each.done),
            f"{each.env_steps:,}",
            duration(each.seconds),
            f"{each.bytes / _GIGABYTE:.1f} GB",
            str(each.claims),
        )
        for each in costs
    ]
    lines = [aligned([head, *rows]), ""]
    lines.append(
        f"Time: with {jobs} side by side; rough, as runs slow each other down. Disk: at least."
    )
    if any(each.seconds is None for each in costs):
        lines.append("Unknown: --measure runs each such method for some seconds, and keeps it.")
    return "\n".join(lines)

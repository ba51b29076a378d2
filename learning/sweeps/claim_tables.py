"""A grid's `[[claims]]`: what its paper claims of its runs.

    [[claims]]
    text = "With QMP shared networks solve more of the maze (figure, 3 million steps)."
    better = "Parameters + QMP"
    worse = "Parameters"

    [[claims]]
    text = "QMP-Uniform reaches about 60 % (version 1, text)."
    label = "QMP-Uniform"
    env_steps = 500000

A claim of a difference has `better` and `worse`, labels of the grid, and may have `env_steps`,
`window = [START, END]`, `area = true` and `margin`; a claim of a value has `label` and `env_steps`,
where the grid's CSV has a number, and may have `within`. Both have `text`, and may have `env` and
`metric`; without them they are of the grid's one task set and of its paper's one metric.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from learning.analysis.claims import Claim, DifferenceClaim, Look, ValueClaim
from learning.analysis.papers import PaperNumber, find_number, papers_metric
from learning.sweeps.grid_file import Grid
from learning.sweeps.grid_runs import GridRun
from learning.sweeps.paper_numbers import METRICS

_BOTH = ("text", "env", "metric", "env_steps")
_DIFFERENCE = (*_BOTH, "better", "worse", "window", "area", "margin")
_VALUE = (*_BOTH, "label", "within")
_TENTH = 0.1


def read_claims(
    grid: Grid, runs: Sequence[GridRun], papers: Sequence[PaperNumber]
) -> tuple[Claim, ...]:
    """Read what a grid claims.

    Args:
        grid: The grid.
        runs: Its runs.
        papers: The paper's numbers beside it.

    Raises:
        ConfigError: A key, a label or a value is not allowed; the message names file and line.
    """
    return tuple(
        _Table(grid, index, values, runs, papers).claim()
        for index, values in enumerate(grid.claims)
    )


@dataclasses.dataclass(frozen=True)
class _Table:
    """One `[[claims]]`."""

    grid: Grid
    index: int
    values: Mapping[str, Any]
    runs: Sequence[GridRun]
    papers: Sequence[PaperNumber]

    def claim(self) -> Claim:
        is_value = "label" in self.values
        allowed = _VALUE if is_value else _DIFFERENCE
        for key in self.values:
            if key not in allowed:
                kind = "with a `label`" if is_value else "of a difference"
                message = f"{key!r} is no key of a claim {kind}: allowed is one of "
                self.fail(message + ", ".join(allowed), key)
        env, metric = self.env(), self.metric()
        if is_value:
            return self.value_claim(env, metric)
        better, worse = self.label("better", env), self.label("worse", env)
        if better == worse:
            self.fail(f"worse = {worse!r}: it is what `better` is", "worse")
        return DifferenceClaim(
            text=self.text(),
            better=better,
            worse=worse,
            env=env,
            metric=metric,
            look=self.look(),
            margin=self.number("margin", 0.0),
        )

    def value_claim(self, env: str, metric: str) -> ValueClaim:
        label, steps = self.label("label", env), self.env_steps()
        if steps is None:
            self.fail("a claim of a value needs env_steps, where the CSV has it", "label")
        paper = find_number(self.papers, label=label, env=env, env_steps=steps, metric=metric)
        if paper is None:
            csv = self.grid.path.with_suffix(".csv")
            self.fail(f"{csv} has no {metric} of {label!r} on {env} at {steps}", "env_steps")
        usual = _TENTH * (abs(paper.value) if metric == "return" else 1.0)
        return ValueClaim(
            text=self.text(),
            label=label,
            env=env,
            metric=metric,
            env_steps=steps,
            within=self.number("within", usual),
        )

    def text(self) -> str:
        text = self.values.get("text")
        if not isinstance(text, str) or not text.strip():
            self.fail("a claim has a text, one sentence with its source", "text")
        return text

    def env(self) -> str:
        envs = list(dict.fromkeys(run.config.env for run in self.runs))
        env = self.values.get("env", envs[0])
        if "env" not in self.values and len(envs) > 1:
            self.fail(f"the grid has several task sets: env is one of {', '.join(envs)}", "text")
        if env not in envs:
            self.fail(f"env = {env!r}: the grid has {', '.join(envs)}", "env")
        return str(env)

    def metric(self) -> str:
        metric = self.values.get("metric", papers_metric(self.papers))
        if metric not in METRICS:
            self.fail(f"metric = {metric!r}: allowed is one of {', '.join(METRICS)}", "metric")
        return str(metric)

    def label(self, key: str, env: str) -> str:
        labels = list(dict.fromkeys(run.label for run in self.runs if run.config.env == env))
        label = self.values.get(key)
        if label not in labels:
            said = f"{key} = {label!r}" if key in self.values else f"it has no {key}"
            self.fail(f"{said}: allowed is a label of the grid, {', '.join(labels)}", key)
        return str(label)

    def look(self) -> Look:
        window, area = self.values.get("window"), self.values.get("area", False)
        if type(area) is not bool:
            self.fail(f"area = {area!r}: allowed is true or false", "area")
        if window is None:
            return Look(env_steps=self.env_steps(), area=area)
        if area or "env_steps" in self.values:
            self.fail(
                "window, env_steps and area are ways to look: give the window alone", "window"
            )
        is_pair = isinstance(window, list) and [type(each) for each in window] == [int, int]
        if not is_pair or not 0 <= window[0] < window[1]:
            self.fail(f"window = {window!r}: allowed is [START, END], env steps", "window")
        return Look(window=(window[0], window[1]))

    def env_steps(self) -> int | None:
        steps = self.values.get("env_steps")
        if steps is not None and (type(steps) is not int or steps < 1):
            self.fail(f"env_steps = {steps!r}: allowed is an integer from 1", "env_steps")
        return steps

    def number(self, key: str, usual: float) -> float:
        value = self.values.get(key, usual)
        if type(value) not in (int, float) or value < 0:
            self.fail(f"{key} = {value!r}: allowed is a number from 0", key)
        return float(value)

    def fail(self, message: str, key: str) -> NoReturn:
        raise self.grid.error(message, "claims", self.index, key)

"""Where the presets' numbers come from, in the words that `--dry_run` shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from learning.options import Rule, Value

Preset = Mapping[str, Value | Rule]
"""Option -> what it is by default."""

OURS = "chosen by us"
COMMON_CODE = "QMP reference code, run.py"
JACO_CODE = "QMP reference code, run.py, JacoReachMT5-v1"
MT10_CODE = "QMP reference code, run.py, MetaWorldMT10-v2"
AS_MT10 = "chosen by us: as much a task as the reference's MT10"
MT50_CODE = "QMP reference code, run.py, MetaWorldMT50-v2"
MAZE_CODE = "QMP reference code, run.py, MazeLarge-10-v0"
WALKER_CODE = "QMP reference code, run.py, Walker2dMT4-v0"
KITCHEN_CODE = "QMP reference code, run.py, KitchenMTEasy-v0"
CDS_CODE = "QMP reference code, run.py, MetaWorldCDS-v1"
TENTH = "chosen by us: evaluation costs at most a tenth of training's env steps"
WITH_EVALUATION = "chosen by us: with each evaluation"
CHEAP_STEPS = "chosen by us: its steps are cheaper than a process's messages"
MT_LEVY_CODE = "MT-Levy reference code"
MTRL_CODE = "mtrl, CARE on Meta-World"
PTSL_CODE = "PTSL reference code"
SOFTMOD_CODE = "Soft Modularization's official code"
VERSION_1 = "QMP, arXiv version 1"
META_WORLD_PLUS = "Meta-World+'s code"
NO_EMBEDDINGS = "chosen by us: this task set has no embeddings of its tasks"
SHARED_CODE = "QMP reference code, networks that share parameters"
FLOOR = "QMP, final version, as its public reviews quote it: 70 % own policy"


def as_on(where: str, values: Preset) -> Preset:
    """Return a reference's numbers for a task set that it does not have: that is our choice."""
    return {
        name: each
        if each.source.startswith(OURS)
        else dataclasses.replace(each, source=f"{OURS}: as on {where} ({each.source})")
        for name, each in values.items()
    }


def a_million_over_tasks(source: str) -> Rule:
    """Return what a task has of a replay buffer of a million transitions in total."""
    return Rule(lambda tasks: 1_000_000 // tasks, "1,000,000 over the tasks", source)

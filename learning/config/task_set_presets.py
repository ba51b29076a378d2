"""What each task set overrides of the options' defaults: the QMP reference's numbers, mostly.

Rules of our own choice, where the reference's number is not taken:
- Evaluation costs at most a tenth of the training's environment steps (episodes x horizon, twice
  for a mixture, against evaluation_frequency epochs); tests/config/test_presets.py holds the table
  to it. The reference's reacher preset evaluates 20 steps for each step that it trains on. A task
  set's default horizon is its longest, so that this holds for its other horizons too; a method with
  a horizon of its own evaluates more where the user gives a longer one.
- The reference has one row a task set for networks of either kind, and what its numbers count
  depends on the kind. Where networks share parameters they are totals over the tasks, and
  `SHARED_SCHEDULE` has those that differ then. With separate networks the batch is per task; where
  the reference's number is meant for a shared network (its Meta-World and Kitchen presets are) the
  paper's number per task is taken.
"""

from __future__ import annotations

from learning.config.sources import (
    AS_MT10,
    CDS_CODE,
    CHEAP_STEPS,
    JACO_CODE,
    KITCHEN_CODE,
    MAZE_CODE,
    MT10_CODE,
    MT50_CODE,
    NO_EMBEDDINGS,
    OURS,
    SHARED_CODE,
    TENTH,
    WALKER_CODE,
    WITH_EVALUATION,
    Preset,
    a_million_over_tasks,
    as_on,
)
from learning.options import Rule, Value
from learning.options.machine import usable_cores

AS_MANY_AS_CORES = Rule(lambda tasks: min(usable_cores(), tasks), "physical cores", OURS)


_META_WORLD: Preset = {
    "steps_per_epoch": Value(10, MT10_CODE),
    "min_buffer_size": Value(5000, MT10_CODE),
    "lr": Value(1.5e-3, MT10_CODE),
    "buffer_batch_size": Value(256, "QMP, arXiv version 1, table 1; its code: 2560 in total"),
    "n_workers": AS_MANY_AS_CORES,
    "evaluation_frequency": Value(10, TENTH),
    "snapshot_frequency": Value(10, WITH_EVALUATION),
}

TASK_SETS: dict[str, Preset] = {
    "JacoReachMT5-v1": {
        "neighbors": Value("all", NO_EMBEDDINGS),
        "care_context": Value("learned", NO_EMBEDDINGS),
        "n_epochs": Value(2000, JACO_CODE),
        "steps_per_epoch": Value(1, JACO_CODE),
        "batch_size": Value(1000, JACO_CODE),
        "gradient_steps_per_itr": Value(1000, JACO_CODE),
        "min_buffer_size": Value(10_000, JACO_CODE),
        "buffer_batch_size": Value(32, JACO_CODE),
        "n_workers": Value(0, CHEAP_STEPS),
        "num_evaluation_episodes": Value(10, TENTH + " (reference: 50 every epoch)"),
        "evaluation_frequency": Value(50, TENTH),
        "snapshot_frequency": Value(50, WITH_EVALUATION),
    },
    "MetaWorldMT10-v2": {
        **_META_WORLD,
        "batch_size": Value(5000, MT10_CODE),
        "gradient_steps_per_itr": Value(500, MT10_CODE),
        "num_evaluation_episodes": Value(50, TENTH + " (reference: 100 every epoch)"),
    },
    "MetaWorldMT25-v2": {
        **as_on("MT10", _META_WORLD),
        "batch_size": Value(12_500, AS_MT10),
        "gradient_steps_per_itr": Value(1250, AS_MT10),
        "num_evaluation_episodes": Value(125, TENTH),
    },
    "MetaWorldMT50-v2": {
        **_META_WORLD,
        "steps_per_epoch": Value(8, MT50_CODE),
        "batch_size": Value(25_000, MT50_CODE),
        "gradient_steps_per_itr": Value(2500, MT50_CODE),
        "min_buffer_size": Value(1500, MT50_CODE),
        "lr": Value(3e-4, MT50_CODE),
        "hidden_sizes": Value((400, 400), MT50_CODE),
        "buffer_batch_size": Value(128, "chosen by us (reference: 1280 in total, shared network)"),
        "replay_buffer_size": Value(
            600_000, "chosen by us: 50 tasks fit 24 GiB; all of the paper's 30M env steps"
        ),
        "num_evaluation_episodes": Value(100, TENTH + " (reference: 250 every epoch)"),
        "evaluation_frequency": Value(5, TENTH),
        "snapshot_frequency": Value(5, WITH_EVALUATION),
    },
    "MetaWorldCustom-v2": {
        **as_on("MT10", _META_WORLD),
        "batch_size": Rule(lambda tasks: 500 * tasks, "500 a task", AS_MT10),
        "gradient_steps_per_itr": Rule(lambda tasks: 50 * tasks, "50 a task", AS_MT10),
        "num_evaluation_episodes": Rule(lambda tasks: 5 * tasks, "5 a task", TENTH),
    },
    "MazeLarge-10-v0": {
        "neighbors": Value("all", NO_EMBEDDINGS),
        "care_context": Value("learned", NO_EMBEDDINGS),
        "n_epochs": Value(2000, MAZE_CODE),
        "steps_per_epoch": Value(1, MAZE_CODE),
        "batch_size": Value(6000, MAZE_CODE),
        "gradient_steps_per_itr": Value(1000, MAZE_CODE),
        "min_buffer_size": Value(3000, MAZE_CODE),
        "buffer_batch_size": Value(256, MAZE_CODE),
        "n_workers": Value(0, CHEAP_STEPS),
        "num_evaluation_episodes": Value(20, TENTH + " (reference: 100 every epoch)"),
        "evaluation_frequency": Value(40, TENTH),
        "snapshot_frequency": Value(40, WITH_EVALUATION),
    },
    "Walker2dMT4-v0": {
        "neighbors": Value("all", NO_EMBEDDINGS),
        "care_context": Value("learned", NO_EMBEDDINGS),
        "n_epochs": Value(2000, WALKER_CODE),
        "steps_per_epoch": Value(1, WALKER_CODE),
        "batch_size": Value(4000, WALKER_CODE),
        "gradient_steps_per_itr": Value(6000, WALKER_CODE),
        "min_buffer_size": Value(10_000, WALKER_CODE),
        "buffer_batch_size": Value(32, WALKER_CODE),
        "n_workers": Value(0, CHEAP_STEPS),
        "num_evaluation_episodes": Value(8, TENTH + " (reference: 40 every epoch)"),
        "evaluation_frequency": Value(40, TENTH),
        "snapshot_frequency": Value(40, WITH_EVALUATION),
    },
    "KitchenMTEasy-v0": {
        "neighbors": Value("all", NO_EMBEDDINGS),
        "care_context": Value("learned", NO_EMBEDDINGS),
        "n_epochs": Value(500, KITCHEN_CODE + ", as it means to (it sets a name that is not read)"),
        "steps_per_epoch": Value(5, KITCHEN_CODE),
        "batch_size": Value(2000, KITCHEN_CODE),
        "gradient_steps_per_itr": Value(500, KITCHEN_CODE),
        "min_buffer_size": Value(2000, KITCHEN_CODE),
        "buffer_batch_size": Value(128, "chosen by us (reference: 1280 in total, shared network)"),
        "n_workers": AS_MANY_AS_CORES,
        "num_evaluation_episodes": Value(
            10, "chosen by us: one a task, since nothing in it is random (reference: 50)"
        ),
        "evaluation_frequency": Value(5, TENTH),
        "snapshot_frequency": Value(5, WITH_EVALUATION),
    },
    "MetaWorldCDS-v1": {
        "neighbors": Value("all", NO_EMBEDDINGS),
        "care_context": Value("learned", NO_EMBEDDINGS),
        "n_epochs": Value(500, CDS_CODE),
        "steps_per_epoch": Value(10, CDS_CODE),
        "batch_size": Value(2000, CDS_CODE),
        "gradient_steps_per_itr": Value(200, CDS_CODE),
        "min_buffer_size": Value(5000, CDS_CODE),
        "lr": Value(1.5e-3, CDS_CODE),
        "buffer_batch_size": Value(256, CDS_CODE),
        "n_workers": AS_MANY_AS_CORES,
        "num_evaluation_episodes": Value(20, TENTH + " (reference: 40 every epoch)"),
        "evaluation_frequency": Value(10, TENTH),
        "snapshot_frequency": Value(10, WITH_EVALUATION),
    },
}
"""What each task set overrides."""


def _in_total(min_buffer_size: int, **values: Value | Rule) -> Preset:
    """Return what networks that share parameters have instead, the reference's totals."""
    return {
        "min_buffer_size": Rule(
            lambda tasks: max(1, min_buffer_size // tasks),
            f"{min_buffer_size} over the tasks",
            SHARED_CODE,
        ),
        "replay_buffer_size": a_million_over_tasks(SHARED_CODE),
        **values,
    }


SHARED_SCHEDULE: dict[str, Preset] = {
    "JacoReachMT5-v1": _in_total(10_000),
    "MetaWorldMT10-v2": _in_total(5000, buffer_batch_size=Value(2560, MT10_CODE)),
    "MetaWorldMT25-v2": _in_total(
        5000, buffer_batch_size=Value(2560, "chosen by us: as the reference's MT10")
    ),
    "MetaWorldMT50-v2": _in_total(1500, buffer_batch_size=Value(1280, MT50_CODE)),
    "MetaWorldCustom-v2": _in_total(
        5000,
        buffer_batch_size=Rule(
            lambda tasks: min(2560, 256 * tasks), "256 a task, at most 2560", MT10_CODE
        ),
    ),
    "MazeLarge-10-v0": _in_total(3000),
    "Walker2dMT4-v0": _in_total(10_000),
    "KitchenMTEasy-v0": _in_total(2000, buffer_batch_size=Value(1280, KITCHEN_CODE)),
    "MetaWorldCDS-v1": _in_total(5000),
}
"""What each task set overrides where policy or critics share parameters: totals over the tasks."""

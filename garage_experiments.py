"""An experiment as a function: train, resume, evaluate, act with what was learned, load runs.

`docs/python.md` shows each of them. An experiment leaves no trace in its process: torch's threads,
random generators, dowel's logger and the environment's variables stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from learning.algorithms.trainer import OnEpoch
from learning.analysis.frames import load_runs
from learning.config.experiment_config import ExperimentConfig
from learning.config.plugin_loading import load_plugin
from learning.evaluation.all_pairs import evaluate_pairs
from learning.evaluation.pair_results import PairResults
from learning.experiment.evaluation import evaluator_of_snapshot, load_policy
from learning.experiment.isolation import undisturbed
from learning.experiment.matching import resolve
from learning.experiment.preflight import check_before_start
from learning.experiment.training import RunResult, resume_run, train_run

__all__ = [
    "RunResult",
    "evaluate",
    "evaluate_all_pairs",
    "load_plugin",
    "load_policy",
    "load_runs",
    "resolve",
    "resume",
    "run_experiment",
]


def run_experiment(config: ExperimentConfig, *, on_epoch: OnEpoch | None = None) -> RunResult:
    """Train from the start; the record goes into the folder `config.log_dir`.

    Args:
        config: What `resolve(method, env, ...)` returned.
        on_epoch: Called with each epoch's row, column -> number; where true the run ends.

    Raises:
        UserError: What the user can mend, such as a folder that holds a run; what was saved stays.
    """
    check_before_start(config)
    with undisturbed():
        return train_run(config, Path(config.log_dir), resuming=False, on_epoch=on_epoch)


def resume(
    run_dir: Path | str,
    *,
    snapshot: str | None = None,
    accept_gaps: bool = False,
    on_epoch: OnEpoch | None = None,
    changed_plugin: bool = False,
    **changed: Any,
) -> RunResult:
    """Go on with a run from a snapshot; one that was stopped before its first begins anew.

    Args:
        run_dir: The run's folder.
        snapshot: Which snapshot; None: the newest.
        accept_gaps: Whether to go on with a record that lacks rows, and mark it.
        on_epoch: See `run_experiment`.
        changed_plugin: Whether a plug-in may have another content than when the run began.
        **changed: Options that get another value, such as a greater `n_epochs`.

    Raises:
        UserError: The folder is no run, or its snapshot, tables or plug-ins are not as they were.
    """
    with undisturbed():
        return resume_run(
            Path(run_dir),
            snapshot=snapshot,
            accept_gaps=accept_gaps,
            on_epoch=on_epoch,
            changed_plugin=changed_plugin,
            changed=changed,
        )


def evaluate(
    run_dir: Path | str,
    *,
    snapshot: str | None = None,
    num_evaluation_episodes: int | None = None,
    seed: int | None = None,
    changed_plugin: bool = False,
) -> dict[str, float]:
    """Evaluate a snapshot.

    With the run's own episodes and seed this repeats what the run logged at the snapshot's epoch,
    but with DnC's distillation, which comes between the two.

    Args:
        run_dir: The run's folder.
        snapshot: Which snapshot; None: the newest.
        num_evaluation_episodes: Episodes of each policy, in total over tasks; None: the run's.
        seed: Seed of the evaluation's streams; None: the run's.
        changed_plugin: See `resume`.

    Returns:
        The columns ``Evaluation/...`` and, for a mixture, ``EvaluationMixture/...``.

    Raises:
        UserError: See `resume`; or the episodes are not a multiple of the number of tasks.
    """
    with evaluator_of_snapshot(
        Path(run_dir),
        snapshot=snapshot,
        num_evaluation_episodes=num_evaluation_episodes,
        seed=seed,
        changed_plugin=changed_plugin,
    ) as loaded:
        return loaded.evaluator.columns(loaded.evaluator.evaluate(loaded.epoch))


def evaluate_all_pairs(
    run_dir: Path | str,
    *,
    snapshot: str | None = None,
    num_evaluation_episodes: int | None = None,
    seed: int | None = None,
    changed_plugin: bool = False,
    on_round: Callable[[int, int], None] = lambda done, total: None,
) -> PairResults:
    """Evaluate every policy of a snapshot on every task: T times the episodes of `evaluate`.

    Arguments, errors and each policy's result on its own task are those of `evaluate`; `on_round`
    is called after each of the T rounds, with the rounds done and T.
    """
    with evaluator_of_snapshot(
        Path(run_dir),
        snapshot=snapshot,
        num_evaluation_episodes=num_evaluation_episodes,
        seed=seed,
        changed_plugin=changed_plugin,
    ) as loaded:
        return evaluate_pairs(
            loaded.networks.policies,
            loaded.networks.mixture,
            loaded.evaluator,
            task_names=loaded.task_set.task_names,
            epoch=loaded.epoch,
            on_round=on_round,
        )

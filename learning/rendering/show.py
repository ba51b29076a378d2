"""What `run.py render` does: a task set, or what a run has learned on it, in pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from environments import OptionValue, TaskSet, make_task_set
from learning.config.experiment_config import ExperimentConfig
from learning.errors import ConfigError
from learning.experiment.evaluation import load_policy, task_set_of
from learning.experiment.reading import read_config
from learning.rendering.actors import Actor, SmoothRandomActor
from learning.rendering.render import Request, chosen_tasks, render


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShowOptions:
    """What is to be shown, and where it goes.

    Attributes:
        env: Id of the task set; None: that of the run.
        env_options: The task set's own options that were given.
        tasks: Names; empty: all.
        policy: Folder of the run that acts; None: random actions.
        snapshot: Which of its snapshots; None: the newest.
        mixture: Whether the run's mixture acts.
        out: The video, or of a sheet alone the sheet.
        sheet_only: Write no video.
        seed: Seed of the episodes.
        steps: Steps of an episode at most; None: all.
        changed_plugin: Whether a plug-in of the run may have another content than it had.
    """

    env: str | None
    env_options: Mapping[str, OptionValue]
    tasks: tuple[str, ...]
    policy: Path | None
    snapshot: str | None
    mixture: bool
    out: Path
    sheet_only: bool
    seed: int
    steps: int | None
    changed_plugin: bool = False


def show(options: ShowOptions) -> list[Path]:
    """Write a video and a contact sheet of a task set, with random actions or a run's snapshot.

    Returns:
        The files.

    Raises:
        UserError: No task of that name, a folder that is no run or is of another task set, a
            damaged snapshot, or nothing to draw with.
    """
    task_set, actor, who, run_seed = _actor_of(options)
    return render(
        Request(
            task_set=task_set,
            tasks=chosen_tasks(task_set, options.tasks),
            actor=actor,
            actor_text=f"{who}, seed {options.seed}",
            run_seed=run_seed,
            seed=options.seed,
            max_steps=options.steps,
            out=options.out,
            sheet_only=options.sheet_only,
        )
    )


def _actor_of(options: ShowOptions) -> tuple[TaskSet, Actor, str, int]:
    """Return the task set, who acts, that in words, and the seed of the goals."""
    if options.policy is None:
        assert options.env is not None
        task_set = make_task_set(options.env, **options.env_options)
        action_size = task_set.action_space.shape[0]
        actor = SmoothRandomActor(action_size, task_set.task_names, seed=options.seed)
        return task_set, actor, "random actions", options.seed
    config = read_config(options.policy, command="render", changed_plugin=options.changed_plugin)
    _check_same_task_set(config, options)
    if options.mixture and config.member("behaviour") is None:
        raise ConfigError(f"--mixture: {config.method} has no mixture, only own policies")
    policy = load_policy(
        options.policy,
        snapshot=options.snapshot,
        mixture=options.mixture,
        seed=options.seed,
        changed_plugin=options.changed_plugin,
    )
    who = "mixture" if options.mixture else "own policies"
    text = f"{config.label}, {who} after epoch {policy.epoch}"
    return task_set_of(config), policy, text, config.seed


def _check_same_task_set(config: ExperimentConfig, options: ShowOptions) -> None:
    """Refuse another task set than the run's.

    Raises:
        ConfigError: What was given differs from the run's config.
    """
    ours = {"env": config.env, **dict(config.env_options)}
    given = dict(options.env_options)
    if options.env is not None:
        given["env"] = options.env
    for name, value in given.items():
        if ours.get(name) != value:
            raise ConfigError(
                f"--{name}={value}: the run in {options.policy} has {name} = {ours.get(name)}; "
                f"leave --{name} out"
            )

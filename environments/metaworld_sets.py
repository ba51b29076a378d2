"""Meta-World's MT10, MT25 and MT50, and any list of its tasks (docs/environments/metaworld.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from environments import metaworld_tasks
from environments.metaworld_descriptions import DESCRIPTIONS
from environments.metaworld_distances import distances_between
from environments.metaworld_embeddings import embeddings_of
from environments.options import Option, OptionTable, OptionValue
from environments.resumable_env import ResumableEnv
from environments.run_goals import EVALUATION_GOALS
from environments.task_knowledge import TaskKnowledge
from environments.task_set import TaskSet

# As in `metaworld_env`, whose import takes long and is not needed to name the tasks.
_OBSERVATION_SIZE = 39
_ACTION_SIZE = 4
_OPTIONS: Mapping[str, Option] = {
    "reward_version": Option(
        default="v2",
        allowed=("v2", "v1"),
        help="Meta-World's reward functions, which also judge success.",
    ),
    "reward": Option(
        default="dense",
        allowed=("dense", "sparse"),
        help="Meta-World's own, or 1 at success, which ends the episode.",
    ),
    # Meta-World itself refuses a step beyond its 500.
    "horizon": Option(
        default=500, at_least=1, at_most=500, help="Time limit of an episode (steps)."
    ),
    "n_goals": Option(
        default=50, at_least=1, help="Goals a task, drawn from its seed; 1: a fixed goal."
    ),
    "evaluation_goals": EVALUATION_GOALS,
}


class MetaWorldTaskSet(TaskSet):
    """Any Meta-World tasks, the goal visible; by default 50 goals, 500 steps, dense rewards."""

    OPTIONS: ClassVar[OptionTable] = _OPTIONS
    PACKAGES: ClassVar[tuple[str, ...]] = (*TaskSet.PACKAGES, "metaworld")

    def __init__(
        self,
        task_set_id: str,
        options: Mapping[str, OptionValue],
        *,
        task_names: Sequence[str],
    ) -> None:
        """Take the tasks by name.

        Args:
            task_set_id: Id that it is registered by.
            options: A value for each of `OPTIONS`.
            task_names: Meta-World's names without version ending, none twice.

        Raises:
            ValueError: A name is unknown or given twice, or there is none.
        """
        super().__init__(task_set_id, options)
        unknown = [name for name in task_names if name not in metaworld_tasks.MT50]
        if unknown or not task_names or len(set(task_names)) < len(task_names):
            allowed = ", ".join(metaworld_tasks.MT50)
            problem = f"unknown task {unknown[0]!r}" if unknown else "each task once, at least one"
            raise ValueError(f"{task_set_id}: {problem}; the tasks of Meta-World: {allowed}")
        self.task_names = tuple(task_names)
        self.observation_space = Box(-np.inf, np.inf, (_OBSERVATION_SIZE,), np.float64)
        self.action_space = Box(-1.0, 1.0, (_ACTION_SIZE,), np.float32)
        self.max_episode_steps = int(options["horizon"])
        self.has_subgoals = False
        self.success_rule = "Meta-World's success at any step of the episode"
        self.min_reward = (0.0,) * len(self.task_names)
        self._sparse = options["reward"] == "sparse"

    def protocol(self) -> dict[str, OptionValue]:
        """Add how goals are drawn and shown, which rewards are given, and what ends an episode."""
        card = super().protocol()
        n_goals, version = self.options["n_goals"], self.options["reward_version"]
        card["goals"] = f"{n_goals} a task, drawn from the task's seed; " + (
            "one of them at random an episode" if n_goals != 1 else "the same in every episode"
        )
        card["goal_observable"] = True
        card["reward_rule"] = (
            f"1 at success by Meta-World's {version} reward function, 0 elsewhere"
            if self._sparse
            else f"Meta-World's {version} reward function"
        )
        card["terminates_on_success"] = self._sparse
        return card

    def knowledge(self) -> TaskKnowledge:
        """Return names, and descriptions in a sentence with their embeddings."""
        return TaskKnowledge(
            names=self.task_names,
            descriptions=tuple(DESCRIPTIONS[name] for name in self.task_names),
            embeddings=embeddings_of(self.task_names),
        )

    def task_distances(self) -> npt.NDArray[np.float64]:
        """Return the L2 distances of the embedded descriptions of the tasks, [T, T]."""
        return distances_between(self.task_names)

    def _make_task(self, task: int) -> ResumableEnv:
        return self._env(task, None)

    def _make_evaluation_task(self, task: int) -> ResumableEnv:
        return self._env(task, str(self.options["evaluation_goals"]))

    def _env(self, task: int, evaluation_goals: str | None) -> ResumableEnv:
        # Meta-World takes long to import, and only who makes its environments needs it.
        from environments.metaworld_env import MetaWorldEnv  # noqa: PLC0415
        from environments.metaworld_sparse import SparseMetaWorldEnv  # noqa: PLC0415

        return (SparseMetaWorldEnv if self._sparse else MetaWorldEnv)(
            self.task_names[task],
            str(self.options["reward_version"]),
            n_goals=int(self.options["n_goals"]),
            evaluation_goals=evaluation_goals,
        )


class MetaWorldMT10(MetaWorldTaskSet):
    """`MetaWorldMT10-v2`: Meta-World's MT10."""

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Take a value for each of `OPTIONS`."""
        super().__init__(task_set_id, options, task_names=metaworld_tasks.MT10)


class MetaWorldMT25(MetaWorldTaskSet):
    """`MetaWorldMT25-v2`: Meta-World's MT25, MT10 among them."""

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Take a value for each of `OPTIONS`."""
        super().__init__(task_set_id, options, task_names=metaworld_tasks.MT25)


class MetaWorldMT50(MetaWorldTaskSet):
    """`MetaWorldMT50-v2`: all of Meta-World's tasks."""

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Take a value for each of `OPTIONS`."""
        super().__init__(task_set_id, options, task_names=metaworld_tasks.MT50)


class MetaWorldCustom(MetaWorldTaskSet):
    """`MetaWorldCustom-v2`: the tasks that the option `tasks` lists, separated by commas."""

    OPTIONS: ClassVar[OptionTable] = {
        **_OPTIONS,
        "tasks": Option(
            default="door-open,door-close,drawer-open,drawer-close",
            help="Meta-World's names, with or without -v2 or -v3, separated by commas.",
        ),
    }

    def __init__(self, task_set_id: str, options: Mapping[str, OptionValue]) -> None:
        """Take a value for each of `OPTIONS`."""
        names = [
            name.strip().removesuffix("-v2").removesuffix("-v3")
            for name in str(options["tasks"]).split(",")
        ]
        # One way of writing, so that protocol cards of the same tasks are the same.
        options = {**options, "tasks": ",".join(names)}
        super().__init__(task_set_id, options, task_names=names)

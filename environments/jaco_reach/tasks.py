"""The five tasks of the multistage reacher: goals, rewards and stages as a table.

Source: the QMP reference (arXiv 2302.00671, clvrai/qmp@278a76b, `jaco_reach_multistage.py`).
A step's reward is

    r = -dense d  -  time_penalty (N - stage after the step)  +  shift  +  bonus [stage ended]
        -  (.01 |a|^2 + .001 mean|qvel| + 1e-5 mean|qacc|)

with d the distance of the hand from the goal of the stage that the step began in and N = 3.
The reference's stage bonus of task 1 is (|shift| + 1) * horizon / N = (2 + 1) * 200 / 3 = 200:
what the shift and the time take from an episode, spread over its stages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

N_STAGES = 3
HORIZON = 200
GOAL_RADIUS = 0.05
"""A goal is reached where the hand is nearer than this (m)."""
STAY_STEPS_PER_STAGE = 30
"""The stay task ends a stage for every so many steps near its goal."""
FAILURE_REWARD = -100.0
"""Reward of a step in which the simulation fails; the episode terminates."""
MIN_REWARD = -5.0
"""The smallest reward as the paper's UDS baseline takes it, for all tasks; no lower bound, since a
failed simulation gives less."""

Position: TypeAlias = tuple[float, float, float]
"""Coordinates in the world (m)."""

SUB_GOALS: tuple[Position, ...] = (
    (0.2, 0.3, 0.5),
    (0.3, 0.0, 0.3),
    (0.4, -0.3, 0.4),
    (0.4, 0.3, 0.2),
)
"""Positions of the sub-goals S0 to S3 in the world (m)."""


@dataclass(frozen=True, kw_only=True)
class ReachTask:
    """One row of the table of tasks."""

    name: str
    """Unique in the task set."""
    sub_goals: tuple[int, ...]
    """Indices into `SUB_GOALS`, a stage each; empty: stay where the hand is at reset."""
    dense: float
    """1 where the distance to the goal is part of the reward, 0 where it is not."""
    time_penalty: float
    """Taken each step for each stage that is still to be ended."""
    shift: float
    """Added each step."""
    bonus: float
    """Added at a step that ends a stage."""

    @cached_property
    def goals(self) -> tuple[Position, ...]:
        """Positions of the goals by stage (m); empty: those of `stay` are the episode's own."""
        return tuple(SUB_GOALS[i] for i in self.sub_goals)

    def reward(self, distance: float, stage: int, ended: bool, control_cost: float) -> float:
        """Return a step's reward, by the formula at the top of this file.

        Args:
            distance: Distance of the hand from the goal of the stage in which the step began (m).
            stage: The stage after the step.
            ended: Whether the step ended a stage.
            control_cost: The formula's last bracket.
        """
        reward = (
            self.shift
            - self.dense * distance
            - self.time_penalty * max(N_STAGES - stage, 0)
            - control_cost
        )
        return reward + self.bonus if ended else reward


TASKS: tuple[ReachTask, ...] = (
    ReachTask(
        name="reach-0-1-2", sub_goals=(0, 1, 2), dense=1.0, time_penalty=0.4, shift=0.0, bonus=0.0
    ),
    ReachTask(
        name="reach-0-1-3",
        sub_goals=(0, 1, 3),
        dense=1.0,
        time_penalty=0.0,
        shift=-2.0,
        bonus=200.0,
    ),
    ReachTask(
        name="reach-1-3-2", sub_goals=(1, 3, 2), dense=1.0, time_penalty=0.4, shift=0.0, bonus=0.0
    ),
    ReachTask(
        name="sparse-1-2-0", sub_goals=(1, 2, 0), dense=0.0, time_penalty=0.4, shift=0.0, bonus=0.0
    ),
    ReachTask(name="stay", sub_goals=(), dense=1.0, time_penalty=0.0, shift=0.0, bonus=0.0),
)

"""The four tasks of the walker: rewards, falls and pushes as a table.

Source: the QMP reference (arXiv 2302.00671, clvrai/qmp@278a76b, `walker2d_multitask.py` and the
four tasks' own files). A step's reward is

    r = speed_weight (|u| - |v - u|)  -  height_weight |1.1 - h|  +  .1 cos(theta)  +  1
        -  foot_weight f  -  .001 |a|^2  -  10 [a crawler touches the ceiling]

with u the task's target speed, v the mean speed over the step, h the height of the torso over the
higher foot, theta the torso's angle, f the sum of the two foot joints' mean absolute speeds over
the step and a the action.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

HORIZON = 1000
UPRIGHT_HEIGHT = 1.1
"""Height of the torso over the higher foot that the rewards ask for (m)."""
COLLISION_PENALTY = 10.0
FAILURE_REWARD = 0.0
"""Reward of a step in which the simulation fails; the episode terminates."""
MIN_REWARD = 0.0
"""The smallest reward as the paper's UDS baseline takes it, for all tasks; a step may give less."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Motion:
    """What the rewards see of a step."""

    speed: float
    """Displacement of the torso over the step's duration (m/s)."""
    angle: float
    """Of the torso, after the step (rad)."""
    height: float
    """Torso over the higher foot (m)."""
    foot_speed: float
    """The two foot joints' mean absolute speeds over the step, added (rad/s)."""
    effort: float
    """Sum of the squared actions."""
    touches_ceiling: bool
    """Whether some part of the walker is where the crawl task's ceiling is."""


@dataclass(frozen=True, kw_only=True)
class WalkerTask:
    """One row of the table of tasks."""

    name: str
    """Unique in the task set."""
    target_speed: float
    """The speed whose reward is highest (m/s)."""
    speed_weight: float = 1.0
    """Weight of the speed's term."""
    height_weight: float = 1.0
    """Weight of the distance from `UPRIGHT_HEIGHT`."""
    foot_weight: float = 0.01
    """Weight of the foot joints' speeds."""
    fall_height: float = 0.8
    """A torso below this has fallen (m)."""
    has_ceiling: bool = False
    """Whether the ceiling is there: it is hard, costs, and ends the episode."""
    random_steps: int = 5
    """Steps with random actions before the episode."""
    push_force: float
    """Bound of each component of a push (N and N m)."""

    def reward(self, motion: Motion) -> float:
        """Return the reward that the task gives for a step."""
        target = self.target_speed
        reward = (
            self.speed_weight * (abs(target) - abs(motion.speed - target))
            - self.height_weight * abs(UPRIGHT_HEIGHT - motion.height)
            + 0.1 * math.cos(motion.angle)
            + 1.0
            - self.foot_weight * motion.foot_speed
            - 0.001 * motion.effort
        )
        if self.has_ceiling and motion.touches_ceiling:
            reward -= COLLISION_PENALTY
        return reward


TASKS: tuple[WalkerTask, ...] = (
    WalkerTask(name="forward", target_speed=3.0, push_force=100.0),
    WalkerTask(name="backward", target_speed=-3.0, push_force=100.0),
    WalkerTask(
        name="balance",
        target_speed=0.0,
        height_weight=0.5,
        foot_weight=0.0,
        random_steps=10,
        push_force=400.0,
    ),
    WalkerTask(
        name="crawl",
        target_speed=3.0,
        speed_weight=2.0,
        height_weight=0.0,
        fall_height=0.3,
        has_ceiling=True,
        push_force=300.0,
    ),
)

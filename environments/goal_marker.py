"""What a picture shows of a task's goal where the simulated model has nothing to see there."""

from __future__ import annotations

from dataclasses import dataclass

GOAL_COLOUR = (0.1, 0.75, 0.25, 0.55)
"""Red, green, blue, opacity of the goal that counts now."""
LATER_COLOUR = (0.95, 0.65, 0.1, 0.4)
"""Colour of a goal that counts later."""
PAST_COLOUR = (0.5, 0.5, 0.5, 0.25)
"""Colour of a goal that has been reached."""


@dataclass(frozen=True, kw_only=True)
class GoalMarker:
    """A sphere in the picture; it is in no one's way and not simulated."""

    position: tuple[float, float, float]
    """Its middle in the world (m)."""
    radius: float
    """Of the sphere (m)."""
    colour: tuple[float, float, float, float] = GOAL_COLOUR
    """Red, green, blue, opacity, 0 to 1."""
    label: str = ""
    """A word beside it."""

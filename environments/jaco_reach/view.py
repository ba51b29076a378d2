"""How pictures show the reacher: from where, and which goals."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco

from environments.goal_marker import GOAL_COLOUR, LATER_COLOUR, PAST_COLOUR, GoalMarker
from environments.jaco_reach.tasks import GOAL_RADIUS, Position


def camera() -> mujoco.MjvCamera:
    """Return a camera that has the arm and the four sub-goals in view."""
    view = mujoco.MjvCamera()
    view.lookat[:] = (0.2, 0.0, 0.38)
    view.distance, view.azimuth, view.elevation = 1.5, 150.0, -18.0
    return view


def goal_markers(goals: Sequence[Position], stage: int) -> list[GoalMarker]:
    """Return a marker for each place that is a goal; the arm's model shows the others in grey.

    Args:
        goals: Positions by stage (m).
        stage: The present one, or the number of stages after the last.
    """
    colours: dict[Position, tuple[float, float, float, float]] = {}
    for k, goal in reversed(list(enumerate(goals))):  # a place may be the goal of several stages
        colours[goal] = GOAL_COLOUR if k == stage else LATER_COLOUR if k > stage else PAST_COLOUR
    if stage < len(goals):
        colours[goals[stage]] = GOAL_COLOUR
    radius = GOAL_RADIUS + 0.001  # not to share its surface with the model's own sphere
    return [
        GoalMarker(position=position, radius=radius, colour=colour)
        for position, colour in colours.items()
    ]

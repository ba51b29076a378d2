"""The four tasks with door and drawer as a table.

Source: the QMP reference (arXiv 2302.00671, clvrai/qmp@278a76b, `metaworld_cds.py`), whose classes
derive from Meta-World's of the same names: targets and the starts of episodes are Meta-World's,
but for where objects and hand are put.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

HORIZON = 500
N_GOALS = 50
MIN_REWARD = 0.0
"""The smallest reward as the paper's UDS baseline takes it, for all tasks."""

Vector: TypeAlias = tuple[float, float, float]

DOOR_PLACE: Vector = (-0.1, 0.9, 0.15)
"""Where the door stands in the drawer's tasks (m)."""
DRAWER_PLACE: Vector = (0.4, 0.9, 0.0)
"""Where the drawer stands in the door's tasks (m)."""


@dataclass(frozen=True, kw_only=True)
class CdsTask:
    """One row of the table of tasks."""

    name: str
    """Meta-World's name without version ending; its class gives the reward."""
    moved: Literal["door", "drawer"]
    """The object of the task; only it is placed at random."""
    place_low: Vector
    """Corner of the box out of which its place is drawn (m)."""
    place_high: Vector
    """The opposite corner (m)."""
    target: Vector
    """From its place to where the handle shall be (m)."""
    joint_start: float
    """Position of its joint at reset (door: rad, drawer: m)."""
    hand_start: Vector
    """Where the hand is at reset (m)."""
    success: Literal["x", "distance"]
    """What must be small: the handle's distance from the target along x, or all of it."""
    radius: float
    """How small (m)."""


_DOOR_LOW, _DOOR_HIGH = (-0.1, 0.85, 0.15), (0.0, 0.95, 0.15)
_DRAWER_LOW, _DRAWER_HIGH = (0.3, 0.9, 0.0), (0.4, 0.9, 0.0)
_HAND: Vector = (0.0, 0.6, 0.2)

TASKS: tuple[CdsTask, ...] = (
    CdsTask(
        name="door-open",
        moved="door",
        place_low=_DOOR_LOW,
        place_high=_DOOR_HIGH,
        target=(-0.3, -0.45, 0.0),
        joint_start=0.0,
        hand_start=_HAND,
        success="x",
        radius=0.08,
    ),
    CdsTask(
        name="door-close",
        moved="door",
        place_low=_DOOR_LOW,
        place_high=_DOOR_HIGH,
        target=(0.2, -0.2, 0.0),
        joint_start=-1.5708,
        # Outside of the box that actions keep to: the first one puts the mocap body at x = -.5.
        hand_start=(-0.6, 0.6, 0.2),
        success="distance",
        radius=0.08,
    ),
    CdsTask(
        name="drawer-open",
        moved="drawer",
        place_low=_DRAWER_LOW,
        place_high=_DRAWER_HIGH,
        target=(0.0, -0.36, 0.09),
        joint_start=0.0,
        hand_start=_HAND,
        success="distance",
        radius=0.03,
    ),
    CdsTask(
        name="drawer-close",
        moved="drawer",
        place_low=_DRAWER_LOW,
        place_high=_DRAWER_HIGH,
        target=(0.0, -0.16, 0.09),
        joint_start=-0.15,
        hand_start=_HAND,
        success="distance",
        radius=0.065,
    ),
)
"""Of a drawer that is open as far as its joint goes, the handle is .03 from drawer-open's target.
The radii of the drawer are Meta-World's own: .03 to open it, `TARGET_RADIUS` + .015 to close it."""

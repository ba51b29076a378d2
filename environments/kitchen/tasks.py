"""The ten kitchen tasks: elements, their two positions, and thresholds, as a table.

Source: the QMP reference (arXiv 2302.00671, clvrai/qmp@278a76b, `kitchen_v0.py`). A step's reward:

    r = 20 (.4 g(d; threshold, |d0 - threshold|) + .6 g(h; .08, |h0 - .08|) - 1)

with d the distance of the element's joints from the goal, h that of the element's site from the
middle of the fingers, d0 and h0 those at reset (h0 from the end effector's site instead), and
g = `reward_shaping.gaussian`. Success, d < threshold, gives 20 horizon instead and ends the
episode.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HORIZON = 140
REWARD_SCALE = 20.0
GOAL_WEIGHT = 0.4
HAND_WEIGHT = 0.6
HAND_BOUND = 0.08
"""The hand is at the element where it is nearer to its site than this (m)."""
SUCCESS_REWARD = REWARD_SCALE * HORIZON
MIN_REWARD = -REWARD_SCALE
"""The smallest reward, for all tasks; also that of a step in which the simulation fails."""


@dataclass(frozen=True, kw_only=True)
class Element:
    """Something in the kitchen that is opened and closed, or switched on and off."""

    name: str
    first: int
    """Index of its first joint position in the model's (and the observation's) positions."""
    closed: tuple[float, ...]
    """Its joint positions when closed or off (rad, m)."""
    open: tuple[float, ...]
    """The same when open or on."""
    site: str
    """Name of the model's site that the hand shall be near."""


BOTTOM_BURNER = Element(
    name="bottom-burner",
    first=11,
    closed=(3.12877220e-05, -4.51199853e-05),
    open=(-0.88, -0.01),
    site="knob2_site",
)
TOP_BURNER = Element(
    name="top-burner",
    first=15,
    closed=(6.28065475e-05, 4.04984708e-05),
    open=(-0.92, -0.01),
    site="knob4_site",
)
LIGHT_SWITCH = Element(
    name="light-switch",
    first=17,
    closed=(4.62730939e-04, -2.26906415e-04),
    open=(-0.69, -0.05),
    site="light_site",
)
SLIDE_CABINET = Element(
    name="slide-cabinet", first=19, closed=(-4.65501369e-04,), open=(0.37,), site="slide_site"
)
HINGE_CABINET = Element(
    name="hinge-cabinet",
    first=20,
    closed=(-6.44129196e-03, -1.77048263e-03),
    open=(0.0, 1.45),
    site="hinge_site2",
)

SHOWN_GOALS: tuple[tuple[int, tuple[float, ...]], ...] = (
    (22, (-0.75,)),
    (23, (-0.23, 0.75, 1.62, 0.99, 0.0, 0.0, -0.06)),
    (BOTTOM_BURNER.first, BOTTOM_BURNER.open),
    (LIGHT_SWITCH.first, LIGHT_SWITCH.open),
)
"""What the observed goal holds in every task: microwave, kettle, bottom burner and light switch.

They are written last, so that the tasks of the burner and the light show "on" in both directions.
"""

START: tuple[float, ...] = (
    *(1.48388023e-01, -1.76848573, 1.84390296, -2.47685760, 2.60252026e-01, 7.12533105e-01),
    *(1.59515394, 4.79267505e-02, 3.71350919e-02),
    *(-2.66279850e-04, -5.18043486e-05, *BOTTOM_BURNER.closed),
    *(-3.90842156e-06, -4.22629655e-05, *TOP_BURNER.closed),
    *(*LIGHT_SWITCH.closed, *SLIDE_CABINET.closed, *HINGE_CABINET.closed),
    *(1.08009684e-03, -2.69397440e-01, 3.50383255e-01, 1.61944683, 1.00618764),
    *(4.06395120e-03, -6.62095997e-03, -2.68278933e-04),
)
"""The model's 30 positions at reset, before the task's element is put where it starts.

What is written out is gymnasium-robotics' own initial state.
"""


@dataclass(frozen=True, kw_only=True)
class KitchenTask:
    """One row of the table of tasks."""

    name: str
    """Unique in the task set."""
    element: Element
    """What is moved; everything else may move too and does not count."""
    start: tuple[float, ...]
    """The element's joint positions at reset."""
    goal: tuple[float, ...]
    """Those to be reached; one task's goal is its partner's start."""
    threshold: float
    """The goal is reached where the joints are nearer to it than this."""


def _both_ways(
    element: Element, verbs: tuple[str, str], thresholds: tuple[float, float]
) -> Iterator[KitchenTask]:
    ends = ((element.closed, element.open), (element.open, element.closed))
    for verb, (start, goal), threshold in zip(verbs, ends, thresholds, strict=True):
        name = f"{element.name}-{verb}"
        yield KitchenTask(name=name, element=element, start=start, goal=goal, threshold=threshold)


TASKS: tuple[KitchenTask, ...] = (
    *_both_ways(SLIDE_CABINET, ("open", "close"), (0.1, 0.1)),
    *_both_ways(HINGE_CABINET, ("open", "close"), (0.1, 0.3)),
    *_both_ways(BOTTOM_BURNER, ("on", "off"), (0.3, 0.3)),
    *_both_ways(TOP_BURNER, ("on", "off"), (0.3, 0.3)),
    *_both_ways(LIGHT_SWITCH, ("on", "off"), (0.3, 0.3)),
)

"""Meta-World's own v2 rewards, called without Meta-World's environments.

Its reward functions are methods that read a handful of attributes of their environment. A
`RewardTerms` has those attributes and nothing else, so that the formulas stay Meta-World's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import mujoco
import numpy as np
import numpy.typing as npt
from metaworld.env_dict import ALL_V3_ENVIRONMENTS

from environments.metaworld_fast.rebinding import fast_class

Array: TypeAlias = npt.NDArray[np.float64]
RewardFunction: TypeAlias = Callable[["RewardTerms", npt.NDArray[np.float32], Array], Any]


@dataclass(kw_only=True)
class RewardTerms:
    """What `compute_reward` of the four tasks reads of its environment, by Meta-World's names."""

    data: mujoco.MjData
    """The simulation, for the joint `doorjoint`."""
    hand_init_pos: Array
    """Where the hand was put at reset (m), [3]."""
    init_tcp: Array
    """Middle of the finger tips at reset (m), [3]."""
    obj_init_pos: Array = field(default_factory=lambda: np.zeros(3))
    """Door: its place; drawer: .05 above its handle at reset (m), [3]."""
    _target_pos: Array = field(default_factory=lambda: np.zeros(3))
    """Where the handle shall be (m), [3]."""
    tcp_center: Array = field(default_factory=lambda: np.zeros(3))
    """Middle of the finger tips (m), [3]."""
    maxDist: float = 0.2
    """How far drawer-open's target is from the closed drawer (m)."""
    TARGET_RADIUS: float = 0.05
    """Meta-World's default, which the four tasks keep (m)."""
    reward_function_version: str = "v2"


def reward_function(task_name: str) -> RewardFunction:
    """Return Meta-World's `compute_reward` of a task, with its faster arithmetic.

    Args:
        task_name: Meta-World's name without version ending.

    Returns:
        A function of the terms, the action [4] and an observation whose slots 0-2 are the hand,
        3 the gripper's opening and 4-6 the task's object; the first of its results is the reward.
    """
    # Any: Meta-World's types give the class no hash.
    env_class: Any = ALL_V3_ENVIRONMENTS[f"{task_name}-v3"]
    function: RewardFunction = fast_class(env_class).compute_reward
    return function

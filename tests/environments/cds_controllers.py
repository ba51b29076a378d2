"""Scripted controllers for the tasks with door and drawer.

Three are Meta-World's own policies. Its policy for opening a door pulls along a straight line and
jams with the door this far left (in Meta-World's own environment too); here the hand follows the
handle's arc.
"""

import numpy as np

from environments.metaworld_cds.tasks import CdsTask

HINGE = np.array([-0.185, -0.1])
"""From the door's place to its hinge (m)."""


def controller(task: CdsTask):
    """A function from the observation [21] to an action [4] in [-1, 1]."""
    if task.name == "door-open":
        return open_door
    from metaworld.policies import ENV_POLICY_MAP

    policy = ENV_POLICY_MAP[f"{task.name}-v3"]()

    def act(observation: np.ndarray) -> np.ndarray:
        return np.clip(policy.get_action(as_meta_world_sees_it(task, observation)), -1.0, 1.0)

    return act


def as_meta_world_sees_it(task: CdsTask, observation: np.ndarray) -> np.ndarray:
    """Meta-World's 39 slots: the task's object alone, and no earlier observation."""
    seen = np.zeros(39)
    seen[:4] = observation[:4]
    seen[4:7] = observation[11:14] if task.moved == "door" else observation[4:7]
    if task.name == "drawer-close":
        seen[6] += 0.05  # Meta-World's slot is above the handle
    seen[36:] = observation[18:]
    return seen


def open_door(observation: np.ndarray) -> np.ndarray:
    """Reaches behind the handle from above, then pulls it along its arc around the hinge."""
    hand, handle, target = observation[:3], observation[11:14], observation[18:]
    place = target - np.array([-0.3, -0.45, 0.0])
    behind = handle + np.array([0.02, 0.025, 0.0])
    over = np.linalg.norm(hand[:2] - behind[:2])
    if hand[2] - handle[2] > 0.03 and over > 0.02:
        goal = behind + np.array([0.0, 0.0, 0.12 if over > 0.04 else 0.06])
    elif hand[2] - handle[2] > 0.03:
        goal = behind
    else:
        radius = handle[:2] - place[:2] - HINGE
        tangent = np.array([radius[1], -radius[0], 0.0]) / np.linalg.norm(radius)
        goal = hand + 0.1 * tangent
        goal[2] = handle[2]
    return np.append(np.clip(15.0 * (goal - hand), -1.0, 1.0), 1.0)

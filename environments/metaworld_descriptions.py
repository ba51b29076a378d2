"""What each Meta-World task is about, in one sentence, for embeddings of the tasks.

Written after the tasks' scenes and the table of tasks in the appendix of the Meta-World paper
(Yu et al., CoRL 2019, arXiv 1910.10897). `tools/embed_meta_world_tasks.py` makes
`metaworld_distances.csv` of it.
"""

from __future__ import annotations

from collections.abc import Mapping

DESCRIPTIONS: Mapping[str, str] = {
    "assembly": "Pick up a nut and put it onto a peg.",
    "basketball": "Dunk the ball into the basket.",
    "bin-picking": "Grasp the object in one bin and move it to the other bin.",
    "box-close": "Grasp the cover and close the box with it.",
    "button-press-topdown": "Press a button from the top.",
    "button-press-topdown-wall": "Reach over a wall and press a button from the top.",
    "button-press": "Press a button.",
    "button-press-wall": "Reach around a wall and press a button.",
    "coffee-button": "Push a button on the coffee machine.",
    "coffee-pull": "Pull a mug away from the coffee machine.",
    "coffee-push": "Push a mug under the coffee machine.",
    "dial-turn": "Turn a dial by half a turn.",
    "disassemble": "Take a nut off the peg.",
    "door-close": "Close a door with a revolving joint.",
    "door-lock": "Lock the door by turning the lock clockwise.",
    "door-open": "Open a door with a revolving joint.",
    "door-unlock": "Unlock the door by turning the lock counter-clockwise.",
    "hand-insert": "Insert the gripper into a hole.",
    "drawer-close": "Push and close a drawer.",
    "drawer-open": "Open a drawer.",
    "faucet-open": "Turn the faucet counter-clockwise to open it.",
    "faucet-close": "Turn the faucet clockwise to close it.",
    "hammer": "Hammer a screw into the wall.",
    "handle-press-side": "Press a handle down from the side.",
    "handle-press": "Press a handle down.",
    "handle-pull-side": "Pull a handle up from the side.",
    "handle-pull": "Pull a handle up.",
    "lever-pull": "Pull a lever up by a quarter of a turn.",
    "pick-place-wall": "Pick up a puck, get past a wall and place it at the goal.",
    "pick-out-of-hole": "Pick up a puck from a hole.",
    "pick-place": "Pick up a puck and place it at the goal.",
    "plate-slide": "Slide a plate into a cabinet.",
    "plate-slide-side": "Slide a plate into a cabinet sideways.",
    "plate-slide-back": "Slide a plate back from a cabinet.",
    "plate-slide-back-side": "Slide a plate back from a cabinet sideways.",
    "peg-insert-side": "Insert a peg sideways into a hole.",
    "peg-unplug-side": "Unplug a peg sideways.",
    "soccer": "Kick a soccer ball into the goal.",
    "stick-push": "Grasp a stick and push a box with it.",
    "stick-pull": "Grasp a stick and pull a box with it.",
    "push": "Push the puck to a goal.",
    "push-wall": "Get past a wall and push a puck to a goal.",
    "push-back": "Pull a puck back to a goal.",
    "reach": "Reach a goal position.",
    "reach-wall": "Get past a wall and reach a goal position.",
    "shelf-place": "Pick up a puck and place it onto a shelf.",
    "sweep-into": "Sweep a puck into a hole.",
    "sweep": "Sweep a puck off the table.",
    "window-open": "Push and open a window.",
    "window-close": "Push and close a window.",
}
"""Sentences by the tasks' names."""

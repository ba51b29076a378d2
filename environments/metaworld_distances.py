"""How far Meta-World's tasks lie apart, by embeddings of what they are about.

The numbers stand in `metaworld_distances.csv`, which `tools/embed_meta_world_tasks.py` makes.
"""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FILE = pathlib.Path(__file__).with_name("metaworld_distances.csv")
"""A line of the fifty tasks' names, then a line of fifty distances for each of them."""


def distances_between(task_names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return the L2 distances of the descriptions' embeddings, [T, T].

    Args:
        task_names: Meta-World's names without version ending, T of them.
    """
    names, *lines = FILE.read_text(encoding="utf-8").splitlines()
    distances = np.loadtxt(lines, delimiter=",")
    places = [names.split(",").index(name) for name in task_names]
    chosen: npt.NDArray[np.float64] = distances[np.ix_(places, places)]
    return chosen

"""What Meta-World's tasks are about, as embeddings of their descriptions.

The numbers stand in `metaworld_embeddings.npy`, which `tools/embed_meta_world_tasks.py` makes.
"""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from environments.metaworld_descriptions import DESCRIPTIONS

FILE = pathlib.Path(__file__).with_name("metaworld_embeddings.npy")
"""float32 [50, 384], a row for each of `DESCRIPTIONS`, in their order."""


def embeddings_of(task_names: Sequence[str]) -> npt.NDArray[np.float32]:
    """Return the embeddings of the tasks' descriptions, of unit length, [T, 384].

    Args:
        task_names: Meta-World's names without version ending.
    """
    places = [list(DESCRIPTIONS).index(name) for name in task_names]
    embeddings: npt.NDArray[np.float32] = np.load(FILE, allow_pickle=False)[places]
    return embeddings

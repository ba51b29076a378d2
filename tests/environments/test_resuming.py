"""A state saved mid-episode goes on the same way in another process."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from environments import make_task_set

RESTORE = """
import sys, numpy as np, environments
state = dict(np.load(sys.argv[1]))
env = environments.make_task_set(sys.argv[2]).make(int(sys.argv[3]))
env.set_state(state)
actions = np.random.default_rng(1).uniform(-1, 1, (int(sys.argv[5]), env.action_space.shape[0]))
np.save(sys.argv[4], np.stack([np.append(*env.step(action)[:2]) for action in actions]))
"""


@pytest.mark.parametrize(
    ("task_set_id", "task", "n_steps"),
    [
        ("JacoReachMT5-v1", 4, 40),
        ("MetaWorldMT10-v2", 1, 40),
        ("MazeLarge-10-v0", 2, 40),
        # It falls after 27.
        ("Walker2dMT4-v0", 3, 20),
        ("KitchenMTEasy-v0", 7, 40),
        ("MetaWorldCDS-v1", 0, 40),
    ],
)
def test_resuming_in_another_process(
    task_set_id: str, task: int, n_steps: int, tmp_path: Path
) -> None:
    env = make_task_set(task_set_id).make(task)
    size = env.action_space.shape
    assert size is not None
    rng = np.random.default_rng(0)
    env.reset(seed=3)
    for _ in range(2):
        env.reset()
        for _ in range(25):
            env.step(rng.uniform(-1, 1, size))
    np.savez(tmp_path / "state.npz", **env.get_state())
    actions = np.random.default_rng(1).uniform(-1, 1, (n_steps, *size))
    here = np.stack([np.append(*env.step(action)[:2]) for action in actions])
    command = [sys.executable, "-c", RESTORE, str(tmp_path / "state.npz"), task_set_id, str(task)]
    subprocess.run([*command, str(tmp_path / "there.npy"), str(n_steps)], check=True)
    assert np.array_equal(here, np.load(tmp_path / "there.npy"))

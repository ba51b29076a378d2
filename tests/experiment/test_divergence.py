"""A learner whose numbers run away ends with one kind of error, wherever it shows first."""

import numpy as np
import pytest

import garage_experiments
from learning.config.resolving import resolve
from learning.errors import DivergenceError
from learning.logging.tables import read_rows
from learning.samplers.finite_actions import require_finite_actions

SMALL = {
    "n_epochs": 6,
    "steps_per_epoch": 3,
    "batch_size": 25,
    "gradient_steps_per_itr": 5,
    "min_buffer_size": 10,
    "buffer_batch_size": 8,
    "hidden_sizes": (4,),
    "num_evaluation_episodes": 5,
    "evaluation_frequency": 6,
    "snapshot_frequency": 1,
    "n_workers": 0,
    "torch_threads": 1,
}


@pytest.mark.parametrize("sampler", ["lockstep", "local"])
@pytest.mark.parametrize(
    "option", ["lr", "reward_scale", "initial_alpha", "kl_coeff"], ids=lambda name: name
)
def test_it_says_what_since_when_and_what_to_do(tmp_path, option, sampler):
    config = resolve(
        "dnc_sac",
        "JacoReachMT5-v1",
        **SMALL,
        sampler=sampler,
        log_dir=str(tmp_path / "run"),
        **{option: 1e38},
    )
    with pytest.raises(DivergenceError) as raised:
        garage_experiments.run_experiment(config)
    message = str(raised.value)
    assert "is not finite for " in message
    assert "training has diverged. First seen in epoch " in message
    assert "lower --lr (now " in message
    columns, rows = read_rows(tmp_path / "run/progress.csv")
    epoch = len(rows) + 1
    assert f"First seen in epoch {epoch}, after " in message
    newest = f"The newest snapshot, epoch_{epoch - 2:06d}, is from before."
    assert (newest if rows else "No snapshot yet.") in message
    losses = [columns.index(name) for name in columns if "Loss" in name]
    assert not np.isinf([[float(row[index]) for index in losses] for row in rows]).any()


def test_actions():
    names = ("a", "b", "c")
    require_finite_actions(np.ones((3, 2), np.float32), names)
    for value in (np.nan, np.inf, -np.inf):
        actions = np.ones((3, 2), np.float32)
        actions[1:, 0] = value
        with pytest.raises(DivergenceError, match="action is not finite for b, c: training has"):
            require_finite_actions(actions, names)

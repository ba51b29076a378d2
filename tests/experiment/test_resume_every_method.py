"""Every method, stopped and resumed, is the same run bit for bit as if it had not been stopped."""

import numpy as np
import pytest

import garage_experiments
from environments import make_task_set
from learning.architectures.table import ARCHITECTURES
from learning.config.methods import METHODS
from learning.config.resolving import resolve
from learning.experiment.snapshots import snapshot_store
from learning.logging.tables import read_rows
from learning.snapshots.snapshot_store import SnapshotStore

NAMES = make_task_set("JacoReachMT5-v1").task_names
SIZES = {
    "n_epochs": 4,
    "steps_per_epoch": 2,
    # So that snapshots fall into the middle of episodes of 200 steps.
    "batch_size": 205,
    "gradient_steps_per_itr": 15,
    "min_buffer_size": 30,
    "uniform_steps": 60,
    "buffer_batch_size": 10,
    "replay_buffer_size": 120,
    "hidden_sizes": (8, 8),
    "num_evaluation_episodes": 5,
    "evaluation_frequency": 4,
    "snapshot_frequency": 1,
    "torch_threads": 1,
}
_CARE = {
    "state_encoder": "care",
    "care_gate": "top2",
    "care_embeddings": {f"{name}-v1": (task, 1.0) for task, name in enumerate(NAMES)},
    "policy_architecture": "shared",
    "q_architecture": "shared",
}
VARIANTS = {
    **{method: (method, {}) for method in METHODS},
    "PCGrad": ("mtsac", {"objective": "pcgrad"}),
    "DnC": (
        "dnc_sac",
        {"kl_coeff": 0.01, "distillation_period": 1, "distillation_n_epochs": 3},
    ),
    "CDS": ("train", {"behaviour": "qswitch", "data": "cds", "relabel": "true_reward"}),
    "held Levy policies": (
        "train",
        {
            "behaviour": "levy",
            "hold": "policy",
            "levy_candidate": "qswitch",
            "levy_exponent": "fixed",
        },
    ),
    # Thresholds among the losses of policies, and among those of critics, which are squares.
    "PaCo, policies reset": ("paco", {"paco_reset_loss": 0.5}),
    "PaCo, critics reset": ("paco", {"paco_reset_loss": 150.0}),
    **{
        f"CARE before {name}": (
            "train",
            {"state_encoder": "care", "policy_architecture": name, "q_architecture": name},
        )
        for name in ARCHITECTURES
    },
    "CARE, PCGrad": (
        "train",
        {**_CARE, "objective": "pcgrad", "care_context_gradient": "trunk_only"},
    ),
    "CARE before DECAF": ("train", {**_CARE, "behaviour": "qswitch", "q_architecture": "decaf"}),
    "normalized critics": ("dnc_sac", {"critic": "normalized", "actor_blocks": 1}),
    "categorical critics": (
        "qmp_sac",
        {"critic": "categorical", "critic_width": 12, "actor_blocks": 1, "actor_width": 10},
    ),
    "categorical, CDS, PCGrad, bf16": (
        "train",
        {
            "critic": "categorical",
            "behaviour": "levy",
            "levy_candidate": "qswitch",
            "data": "cds",
            "relabel": "true_reward",
            "policy_architecture": "multihead",
            "q_architecture": "shared",
            "objective": "pcgrad",
            "precision": "bf16",
        },
    ),
    "returns scaled as BRC": ("dnc_sac", {"return_scale": "brc"}),
    "returns scaled by deviations": ("qmp_sac", {"return_scale": "std"}),
    "resets, ARS, AdamW": (
        "qmp_dnc",
        {
            "resets": 2,
            "return_scale": "ars",
            "critic": "normalized",
            "weight_decay": 0.1,
            "alpha_beta1": 0.5,
            "target_entropy_factor": 0.5,
        },
    ),
    "one network told the task, reset": (
        "train",
        {
            "state_encoder": "task_embedding",
            "policy_architecture": "shared",
            "q_architecture": "shared",
            "behaviour": "qswitch",
            "critic": "categorical",
            "actor_blocks": 1,
            "resets": 1,
        },
    ),
    "strong base": ("mtlevy", {"base": "strong", "critic_width": 16}),
    "distilled blocks": (
        "dnc_sac",
        {"actor_blocks": 2, "distillation_period": 1, "distillation_n_epochs": 3},
    ),
    "confident": ("qmp_dnc", {"qswitch_gate": "confident", "policy_sampling_freq": 7}),
    "domain, held": ("qmp_domain", {"policy_sampling_freq": 7, "own_policy_floor": 0.2}),
}


class Stopped(Exception):
    """Stands for whatever ends a run."""


def stop_after(monkeypatch, epoch):
    """Let a run end with an error right after the snapshot of `epoch`."""
    save = SnapshotStore.save

    def save_and_stop(self, at, *arguments):
        save(self, at, *arguments)
        if at == epoch:
            raise Stopped

    monkeypatch.setattr(SnapshotStore, "save", save_and_stop)


def record_of(run_dir):
    """All columns but the times, and the last snapshot's arrays and values."""
    columns, rows = read_rows(run_dir / "progress.csv")
    kept = [index for index, name in enumerate(columns) if not name.startswith("Time/")]
    state = snapshot_store(run_dir).load(None)
    return [[row[index] for index in kept] for row in rows], state


@pytest.mark.parametrize("variant", VARIANTS)
def test_stopped_and_resumed(variant, tmp_path, monkeypatch):
    method, options = VARIANTS[variant]
    for name in ("whole", "stopped"):
        run_dir = tmp_path / name
        config = resolve(method, "JacoReachMT5-v1", **SIZES | options, log_dir=str(run_dir))
        if name == "whole":
            garage_experiments.run_experiment(config)
            continue
        with monkeypatch.context() as patch, pytest.raises(Stopped):
            stop_after(patch, 1)
            garage_experiments.run_experiment(config)
        garage_experiments.resume(run_dir)
    (rows, state), (resumed_rows, resumed) = (record_of(tmp_path / n) for n in ("whole", "stopped"))
    assert len(rows) == SIZES["n_epochs"]
    assert resumed_rows == rows
    assert resumed.values == state.values
    assert resumed.arrays.keys() == state.arrays.keys()
    for key, array in state.arrays.items():
        np.testing.assert_array_equal(resumed.arrays[key], array, err_msg=key)

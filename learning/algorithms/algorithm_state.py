"""The state of a MultiTaskSAC: weights, optimizers, temperatures, random stream."""

from __future__ import annotations

import torch

from learning.algorithms.multi_task_sac import MultiTaskSAC
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.q_functions.twin_critics import TwinCritics
from learning.snapshots.optimizer_state import begin_optimizer, optimizer_tensors
from learning.snapshots.state import State, arrays_of, fill_tensors


def get_algorithm_state(algorithm: MultiTaskSAC) -> State:
    """Return all that later updates depend on, the replay buffer apart."""
    arrays = arrays_of(_tensors(algorithm))
    for name, stream in _streams(algorithm).items():
        arrays[name] = stream.get_state().numpy()
    return State(arrays=arrays, values={"n_updates": algorithm.n_updates})


def set_algorithm_state(algorithm: MultiTaskSAC, state: State) -> None:
    """Put back what :func:`get_algorithm_state` returned.

    Raises:
        SnapshotError: The state is of other networks.
    """
    streams = _streams(algorithm)
    states = {name: state.array(name) for name in streams}
    arrays = {key: array for key, array in state.arrays.items() if key not in streams}
    if any(key.startswith("optimizer/") for key in arrays):
        for optimizer in algorithm.optimizers.values():
            begin_optimizer(optimizer)
    fill_tensors(_tensors(algorithm), arrays)
    for name, stream in streams.items():
        stream.set_state(torch.from_numpy(states[name]))
    algorithm.n_updates = int(state.value("n_updates"))


def set_network_state(policies: TanhGaussianPolicies, critics: TwinCritics, state: State) -> None:
    """Put back the weights alone, for acting.

    Raises:
        SnapshotError: The state is of other networks.
    """
    for name, network in (("policy", policies), ("critics", critics)):
        prefix = f"{name}/"
        arrays = {
            key.removeprefix(prefix): array
            for key, array in state.arrays.items()
            if key.startswith(prefix)
        }
        fill_tensors(network.state_dict(), arrays)


def _streams(algorithm: MultiTaskSAC) -> dict[str, torch.Generator]:
    # Where nothing is watched, nothing draws from the second.
    resets = {"reset_stream": algorithm.resets.random} if algorithm.resets else {}
    return {"noise_stream": algorithm.noise, **resets}


def _tensors(algorithm: MultiTaskSAC) -> dict[str, torch.Tensor]:
    # They share the algorithm's memory: filling them restores it.
    tensors = {"log_alpha": algorithm.log_alpha.detach()}
    for index, losses in enumerate(algorithm.losses):
        tensors[f"losses/{index}"] = losses
    networks = {
        "policy": algorithm.policy,
        "critics": algorithm.critics,
        "target_critics": algorithm.target_critics,
    }
    for name, network in networks.items():
        tensors |= {f"{name}/{key}": value for key, value in network.state_dict().items()}
    for name, optimizer in algorithm.optimizers.items():
        moments = optimizer_tensors(optimizer)
        tensors |= {f"optimizer/{name}/{key}": value for key, value in moments.items()}
    return tensors

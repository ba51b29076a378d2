"""DnC's distillation: a centroid learns what all tasks did, then every policy becomes the centroid.

Ghosh et al., ICLR 2018, arXiv 1711.09874, as the reference code of QMP (arXiv 2302.00671) has it on
SAC: the centroid is fitted to the buffers' actions by maximum likelihood,

    minimise over theta   - mean over all tasks' (s, a) of  log pi_theta(a | s)

on batches with the same number of transitions from each task. It goes on from where the last
distillation left it. The policies' optimizers keep their moments, as in the reference.

Difference from the reference: its centroid starts as a copy of the first task's policy as
initialised; here it has weights of its own.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from learning.architectures.architecture import Architecture
from learning.objectives.objective import ObjectiveParts
from learning.policies.tanh_gaussian import log_prob_of_actions
from learning.policies.tanh_gaussian_policies import TanhGaussianPolicies
from learning.replay.multi_task_replay_buffer import MultiTaskReplayBuffer
from learning.snapshots.optimizer_state import begin_optimizer, optimizer_tensors
from learning.snapshots.state import State, arrays_of, fill_tensors
from learning.streams import (
    numpy_stream,
    numpy_stream_state,
    set_numpy_stream_state,
    torch_stream,
)


class Distillation:
    """A centroid policy, its optimizer, and when and how it is fitted.

    Args:
        parts: What the objective is built from.
        period: Epochs from one distillation to the next.
        n_steps: Gradient steps of a distillation.
        batch_size: Transitions of each task in a step.

    Attributes:
        centroid: The architecture of the policies, for one task.
    """

    def __init__(
        self, parts: ObjectiveParts, *, period: int, n_steps: int, batch_size: int
    ) -> None:
        policies = parts.policies.architecture
        generator = torch_stream(parts.seed, "networks/centroid")
        centroid = type(policies)(dataclasses.replace(policies.spec, n_tasks=1), generator)
        self.centroid: Architecture = centroid.to(parts.device)
        self._optimizer = torch.optim.Adam(self.centroid.parameters(), lr=parts.lr, fused=True)
        # The centroid's Gaussian is bounded as the policies' are.
        self._split = parts.policies.split
        self._period = period
        self._n_steps = n_steps
        self._batch_size = batch_size
        # A stream of its own: training's own draws stay as they are.
        self._random: np.random.Generator = numpy_stream(parts.seed, "distillation")

    def end_epoch(
        self, epoch: int, policies: TanhGaussianPolicies, replay_buffer: MultiTaskReplayBuffer
    ) -> None:
        """Distil if it is time: after the epochs ``period``, ``2 * period`` and so on, from 0.

        Args:
            epoch: The epoch that has just ended, its evaluation included.
            policies: The tasks' policies, of separate networks.
            replay_buffer: Whose actions the centroid learns.
        """
        if epoch == 0 or epoch % self._period:
            return
        for _ in range(self._n_steps):
            self._step(replay_buffer, policies.device)
        with torch.no_grad():
            for ours, theirs in zip(
                self.centroid.parameters(), policies.architecture.parameters(), strict=True
            ):
                # In place, since the optimizer and a sampler's copies hold these very parameters.
                theirs.copy_(ours.expand_as(theirs))

    def _step(self, replay_buffer: MultiTaskReplayBuffer, device: torch.device) -> None:
        batch = replay_buffer.sample_transitions(self._batch_size, self._random, device=device)
        observations = batch.observations.reshape(1, -1, batch.observations.shape[-1])
        actions = batch.actions.reshape(1, -1, batch.actions.shape[-1])
        mean, log_std = self._split(self.centroid(observations))
        loss = -log_prob_of_actions(mean, log_std, actions).mean()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()

    def get_state(self) -> State:
        """Return the centroid, its optimizer's moments and where its stream stands."""
        return State(
            arrays=arrays_of(self._tensors()), values={"random": numpy_stream_state(self._random)}
        )

    def set_state(self, state: State) -> None:
        """Go on from what :meth:`get_state` returned.

        Raises:
            SnapshotError: The state is of another centroid.
        """
        if any(key.startswith("optimizer/") for key in state.arrays):
            begin_optimizer(self._optimizer)
        fill_tensors(self._tensors(), state.arrays)
        set_numpy_stream_state(self._random, state.value("random"))

    def _tensors(self) -> dict[str, torch.Tensor]:
        tensors = {f"centroid/{key}": value for key, value in self.centroid.state_dict().items()}
        moments = optimizer_tensors(self._optimizer)
        return tensors | {f"optimizer/{key}": value for key, value in moments.items()}

"""A state encoder and the architecture behind it, as one architecture."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.sharing import Sharing
from learning.state_encoders.state_encoder import StateEncoder


class EncodedArchitecture(Architecture):
    """The trunk sees what the encoder makes of a state, and all else as it is.

    Groups of rows are asked about the same states, as twin critics are: the states of the first
    group are encoded, once. No gradient goes back into them.

    Args:
        spec: What it is built from; the options are the trunk's.
        generator: The random stream that the trunk's weights are drawn from.
        encoder: What sees the state, the first numbers of an input.
        trunk: The class of the architecture behind it.
        is_policy: Whether it is the policies' network, which holds a copy of what only the critics'
            losses train.
    """

    sharing: ClassVar[Sharing] = "some"

    def __init__(
        self,
        spec: ArchitectureSpec,
        generator: torch.Generator,
        *,
        encoder: StateEncoder,
        trunk: type[Architecture],
        is_policy: bool,
    ) -> None:
        super().__init__(spec, generator)
        self.encoder = encoder
        self._observation_size = encoder.spec.observation_size
        n_others = spec.input_size - self._observation_size
        behind = dataclasses.replace(spec, input_size=encoder.output_size + n_others)
        self.trunk = trunk(behind, generator)
        self.row_resets = self.trunk.row_resets
        if is_policy:
            for parameter in encoder.trained_by_critics():
                parameter.requires_grad_(False)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        n_rows, batch_size, _ = inputs.shape
        # Detached: where the actions have a graph, the states beside them would join it.
        states = inputs[: self.n_tasks, :, : self._observation_size].detach()
        encoded = self.encoder(states).expand(n_rows // self.n_tasks, -1, -1, -1)
        others = inputs[..., self._observation_size :].view(*encoded.shape[:3], -1)
        outputs: torch.Tensor = self.trunk(self._join(encoded, others).view(n_rows, batch_size, -1))
        return outputs

    def ask_all(self, inputs: torch.Tensor) -> torch.Tensor:
        """Encode for every task, and ask every row; see :meth:`Architecture.ask_all`."""
        encoded = self.encoder.ask_all(inputs[:, : self._observation_size].detach())
        others = inputs[:, self._observation_size :].expand(self.n_tasks, -1, -1)
        outputs: torch.Tensor = self.trunk(self._join(encoded, others))
        return outputs

    def _join(self, encoded: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        """Return what the trunk sees; policies see the state alone."""
        return torch.cat((encoded, others), dim=-1) if others.shape[-1] else encoded

    def shared_parameters(self) -> list[torch.nn.Parameter]:
        """Return the encoder's [1, ...] and the trunk's [G, ...]; see the base."""
        return [*self.encoder.shared_parameters(), *self.trunk.shared_parameters()]

    def following(self, rate: float) -> list[tuple[float, list[torch.Tensor]]]:
        """Return encoder and trunk, by rates of their own; see the base."""
        return [*self.encoder.following(rate), *self.trunk.following(rate)]

    @torch.no_grad()
    def take_over(self, critics: Architecture) -> None:
        """Copy what the critics' losses alone train of the encoder; see the base."""
        assert isinstance(critics, EncodedArchitecture)
        ours = self.encoder.trained_by_critics()
        if ours:
            torch._foreach_copy_(ours, critics.encoder.trained_by_critics())

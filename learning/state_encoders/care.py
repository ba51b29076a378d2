"""CARE: experts encode the state, and the task's context says how much each of them counts.

Sodhani, Zhang, Pineau: Multi-Task Reinforcement Learning with Context-based Representations, ICML
2021, arXiv 2102.06177, in the form of its code (facebookresearch/mtrl). For task i in state s

    z_ctx = context of i                    (`care_context.py`)
    a     = softmax(MLP(z_ctx)),            k numbers, which depend on the task alone
    z_enc = sum over j of a_j E_j(s),       E_j(s) = V_j relu(U_j s + u_j) + v_j

and what follows sees [z_enc, z_ctx]. Experts and context learn from the critics' losses alone: the
policies' encoder holds copies of the critics', with an attention of its own, which learns from the
policies' losses. Both twin critics have one encoder.

Since a_j is a number and E_j's second layer is linear, the second layers of all experts are made
one layer a task, of weights a_j V_j: one product for a task's batch, and a_j enters once.

Differences from mtrl: an update draws as many transitions of each task. What its code does and the
paper does not say is in docs/methods/care.md.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from learning.architectures.linear_sets import LinearSets
from learning.architectures.shared_linear import SharedLinear
from learning.options import OptionGroup
from learning.state_encoders.care_context import CareContext, SharedPerceptron
from learning.state_encoders.care_options import CareOptions
from learning.state_encoders.state_encoder import StateEncoder, StateEncoderSpec


class CareExperts(torch.nn.Module):
    """Experts of two layers, which all tasks share.

    Args:
        spec: That of the encoder.
        options: How many, and how wide.
        generator: The random stream that the weights are drawn from.
    """

    def __init__(
        self, spec: StateEncoderSpec, options: CareOptions, generator: torch.Generator
    ) -> None:
        super().__init__()
        n_experts, width = options.care_experts, options.care_width
        # All experts see the same: one product, an expert's outputs after another's.
        self.first = SharedLinear(
            n_groups=1,
            n_tasks=spec.n_tasks,
            input_size=spec.observation_size,
            output_sizes=(width,) * n_experts,
            initializer=spec.initializer,
            generator=generator,
        )
        self.second = LinearSets(
            spec, n_sets=n_experts, input_size=width, output_sizes=(width,), generator=generator
        )

    def forward(self, observations: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        """Return the encoded states [T, B, width].

        Args:
            observations: Shape [T, B, O], or [1, B, O] where all tasks ask about the same.
            shares: What each task takes of each expert, shape [T, k].
        """
        n_rows, batch_size, _ = observations.shape
        hidden = self.first(observations.reshape(1, n_rows * batch_size, -1)).relu_()
        weight, bias = self.second.join(shares)
        hidden = hidden.view(n_rows, batch_size, -1).expand(len(shares), -1, -1)
        return torch.baddbmm(bias, hidden, weight)


class CareEncoder(StateEncoder):
    """Experts, a context and an attention.

    Args:
        spec: What it is built from; its options are `CareOptions`.
        generator: The random stream that the weights are drawn from.

    Raises:
        ConfigError: The task set has no embeddings of its tasks, and they are asked for.
    """

    Options: ClassVar[type[OptionGroup]] = CareOptions

    def __init__(self, spec: StateEncoderSpec, generator: torch.Generator) -> None:
        super().__init__(spec, generator)
        assert isinstance(spec.options, CareOptions)
        self._options = options = spec.options
        width = options.care_width
        self.context = CareContext(spec, options, generator)
        self.experts = CareExperts(spec, options, generator)
        sizes = (width, width, width, options.care_experts)
        self.attention = SharedPerceptron(spec, sizes, generator)

    @property
    def output_size(self) -> int:
        """Numbers of the encoded state and of the context."""
        return 2 * self._options.care_width

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Encode a batch of every task; see :meth:`StateEncoder.forward`."""
        # A row a task: float32 costs nothing there, and every sample depends on it.
        with torch.autocast(observations.device.type, enabled=False):
            context = self.context()
            shares = self._shares(context)
        encoded = self.experts(observations, shares).float()
        told = context.view(len(encoded), 1, -1).expand(-1, encoded.shape[1], -1)
        return torch.cat((encoded, told), dim=-1)

    def ask_all(self, observations: torch.Tensor) -> torch.Tensor:
        """Ask the experts' first layers once; see :meth:`StateEncoder.ask_all`."""
        encoded: torch.Tensor = self(observations.unsqueeze(0))
        return encoded

    def _shares(self, context: torch.Tensor) -> torch.Tensor:
        """Return what each task takes of each expert, shape [T, k], of contexts [1, T, width]."""
        if self._options.care_context_gradient == "trunk_only":
            context = context.detach()
        shares: torch.Tensor = self.attention(context).squeeze(0).softmax(dim=-1)
        if self._options.care_gate == "top2":
            largest, which = shares.topk(2, dim=-1)
            largest = largest / largest.sum(dim=-1, keepdim=True)
            shares = torch.zeros_like(shares).scatter(-1, which, largest)
        return shares

    def trained_by_critics(self) -> list[torch.Tensor]:
        """Return experts and context; see :meth:`StateEncoder.trained_by_critics`."""
        return [*self.experts.parameters(), *self.context.parameters()]

    def following(self, rate: float) -> list[tuple[float, list[torch.Tensor]]]:
        """Return experts and attention, and the context, whose target is itself; see the base."""
        del rate
        encoder: list[torch.Tensor] = [*self.experts.parameters(), *self.attention.parameters()]
        tau = self._options.care_target_update_tau
        return [(tau, encoder), (1.0, list(self.context.parameters()))]

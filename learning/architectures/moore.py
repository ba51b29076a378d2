"""MOORE: experts that all tasks share, orthonormal in every state, which each task weighs.

Hendawy, Peters, D'Eramo: Multi-Task Reinforcement Learning with Mixture of Orthogonal Experts,
ICLR 2024, arXiv 2311.11385. K perceptrons whose last layer is linear map a state to vectors h_k;
Gram-Schmidt makes them orthonormal, in their order:

    v_k = h_k - sum over j < k of  (u_j . h_k) u_j,    u_k = v_k / (|v_k| + 1e-8)

Task i's outputs are a linear head of its own over tanh(sum over k of a_ik u_k).
"""

from __future__ import annotations

from typing import ClassVar

import torch

from learning.architectures.architecture import Architecture
from learning.architectures.architecture_options import ArchitectureOptions
from learning.architectures.architecture_spec import ArchitectureSpec
from learning.architectures.batched_linear import BatchedLinear
from learning.architectures.linear_sets import LinearSets, draw_shares
from learning.architectures.moore_options import MooreOptions
from learning.architectures.orthonormal import orthonormal
from learning.errors import ConfigError


class MooreArchitecture(Architecture):
    """K experts a group; K numbers and a head a row.

    Args:
        spec: What it is built from; the last of the hidden sizes is that of the experts' outputs.
        generator: The random stream that the weights are drawn from.

    Raises:
        ConfigError: There are more experts than orthogonal vectors.
    """

    Options: ClassVar[type[ArchitectureOptions]] = MooreOptions

    def __init__(self, spec: ArchitectureSpec, generator: torch.Generator) -> None:
        super().__init__(spec, generator)
        assert isinstance(spec.options, MooreOptions)
        n_experts, hidden_sizes = spec.options.moore_experts, spec.options.hidden_sizes
        if n_experts > hidden_sizes[-1]:
            raise ConfigError(
                f"moore_experts = {n_experts}: at most the last of hidden_sizes = "
                f"{hidden_sizes[-1]}, since no more vectors of that length can be orthogonal"
            )
        self.experts = torch.nn.ModuleList(
            LinearSets(
                spec,
                n_sets=n_experts,
                input_size=width,
                output_sizes=(size,),
                generator=generator,
            )
            for width, size in zip((self.input_size, *hidden_sizes), hidden_sizes, strict=False)
        )
        self.shares = draw_shares(spec, n_experts, generator)
        self.heads = BatchedLinear(
            n_rows=spec.n_rows,
            input_size=hidden_sizes[-1],
            output_sizes=self.output_sizes,
            initializer=spec.initializer,
            generator=generator,
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Compute all rows at once; see :meth:`Architecture.forward`."""
        n_rows, batch_size, _ = inputs.shape
        grouped = self._by_group(inputs)
        answers = self._ask_experts(grouped)
        by_task = answers.view(*answers.shape[:2], self.n_tasks, batch_size, -1).transpose(1, 2)
        features = _mix(self.shares[:n_rows, None], by_task)
        outputs: torch.Tensor = self.heads(features.squeeze(1))
        return outputs.float()

    def ask_all(self, inputs: torch.Tensor) -> torch.Tensor:
        """Ask the experts once and weigh T times; see :meth:`Architecture.ask_all`."""
        answers = self._ask_experts(inputs.unsqueeze(0))
        outputs: torch.Tensor = self.heads(_mix(self.shares[None, : self.n_tasks], answers)[0])
        return outputs.float()

    def _ask_experts(self, inputs: torch.Tensor) -> torch.Tensor:
        """Map [g, N, in] to the experts' answers, not yet orthonormal, [g, K, N, F]."""
        *hidden_layers, last_layer = self.experts
        hidden = inputs.unsqueeze(1)
        for layer in hidden_layers:
            hidden = layer(hidden).relu_()
        answers: torch.Tensor = last_layer(hidden)
        return answers


def _mix(shares: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Return what the heads see of the experts' answers, not yet orthonormal.

    Args:
        shares: Shape [R, S, K].
        answers: Shape [..., K, N, F], R in all before K.

    Returns:
        Shape [R, S, N, F].
    """
    # bf16 keeps three digits, too few for differences of vectors that are nearly parallel.
    with torch.autocast(answers.device.type, enabled=False):
        units = orthonormal(answers).flatten(-2).flatten(0, -3)
        return torch.bmm(shares, units).tanh().view(*shares.shape[:2], *answers.shape[-2:])
